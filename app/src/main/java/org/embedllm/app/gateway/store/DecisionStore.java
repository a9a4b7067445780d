package org.embedllm.app.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.embedllm.app.gateway.access.Caller;
import org.embedllm.app.gateway.config.StoreConfig;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.observe.Finished;
import org.embedllm.app.gateway.openai.Usage;
import org.embedllm.storage.BadInputException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Decisions, usage and outcomes in SQLite or PostgreSQL.
///
/// One thread writes, several rows a transaction. A decision is written soon after it was made;
/// feedback is acknowledged when it has reached the disk, together with the decision it is about.
public final class DecisionStore implements Finished.Observer, AutoCloseable {
  private static final Logger LOG = System.getLogger(DecisionStore.class.getName());
  private static final int MOST_WAITING = 20_000;
  private static final int MOST_A_BATCH = 1_000;
  private static final Duration GATHER = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HikariDataSource source;
  private final StoreConfig config;
  private final Clock clock;
  private final BlockingQueue<Write> queue = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AtomicLong lost = new AtomicLong();
  private final Thread writer;
  private volatile boolean closing;
  private volatile boolean working = true;

  private sealed interface Write {
    record Remember(Memory memory) implements Write {}

    record Outcome(
        String decision,
        double score,
        Optional<String> caller,
        CompletableFuture<Optional<Noted>> done)
        implements Write {}
  }

  /// Feedback that has been kept.
  ///
  /// @param decision about which
  /// @param model that answered, or was chosen where none was asked
  /// @param probability with which it was expected to be right; NaN where nothing was forecast
  /// @param score the outcome
  /// @param prompt the text routed on, where it is kept
  public record Noted(
      String decision, String model, double probability, double score, Optional<String> prompt) {}

  /// @param config where to, and what
  /// @param fallback SQLite file where the configuration names no database
  /// @throws BadInputException where the database cannot be opened
  public DecisionStore(StoreConfig config, Path fallback, Clock clock) {
    this.config = config;
    this.clock = clock;
    String url = config.url().orElse("jdbc:sqlite:" + fallback);
    this.source = source(url, config);
    migrate(url);
    this.writer = Thread.ofPlatform().daemon().name("gateway-store").unstarted(this::run);
    writer.start();
  }

  private static HikariDataSource source(String url, StoreConfig config) {
    HikariConfig hikari = new HikariConfig();
    if (url.startsWith("jdbc:sqlite:")) {
      // WAL keeps readers and the writer apart; FULL is what makes an acknowledgement true.
      hikari.addDataSourceProperty("journal_mode", "WAL");
      hikari.addDataSourceProperty("synchronous", "FULL");
      hikari.addDataSourceProperty("busy_timeout", "10000");
    }
    hikari.setJdbcUrl(url);
    hikari.setPoolName("gateway-store");
    hikari.setMaximumPoolSize(3);
    hikari.setMinimumIdle(1);
    hikari.setConnectionTimeout(PATIENCE.toMillis());
    config.user().ifPresent(hikari::setUsername);
    config.password().ifPresent(p -> hikari.setPassword(p.value()));
    try {
      return new HikariDataSource(hikari);
    } catch (HikariPool.PoolInitializationException e) {
      throw unusable(url, e);
    }
  }

  private void migrate(String url) {
    try {
      Flyway.configure()
          .dataSource(source)
          .locations("classpath:org/embedllm/app/gateway/store/migrations")
          .load()
          .migrate();
    } catch (FlywayException e) {
      source.close();
      throw unusable(url, e);
    }
  }

  private static BadInputException unusable(String url, Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return BadInputException.of(
        "store.url %s cannot be used: %s"
            .formatted(url.replaceAll("\\?.*", ""), root.getMessage()));
  }

  /// Rows that could not be kept because the database was too slow or away.
  public long lost() {
    return lost.get();
  }

  /// Whether the last write went well.
  public boolean working() {
    return working;
  }

  @Override
  public void finished(Finished f) {
    f.decision().ifPresent(decision -> remember(memory(f, decision)));
  }

  /// Keeps a decision for which no model was asked.
  public void decided(Caller caller, Decision d) {
    double p = d.chosen().probability();
    remember(
        new Memory(
            d.id(),
            clock.instant(),
            caller.name(),
            d.requested(),
            d.policy(),
            d.model(),
            p,
            Optional.empty(),
            p,
            0,
            Optional.empty(),
            false,
            -1,
            -1,
            false,
            Double.NaN,
            (d.encodeNanos() + d.routeNanos()) / 1e6,
            0,
            d.encodeNanos() / 1e6,
            "",
            d.reason(),
            kept(d.text()),
            Optional.empty()));
  }

  private Memory memory(Finished f, Decision d) {
    double answered =
        f.answeredBy()
            .flatMap(m -> d.ranking().stream().filter(r -> r.model().equals(m)).findFirst())
            .map(Decision.Ranked::probability)
            .orElse(Double.NaN);
    return new Memory(
        d.id(),
        f.at(),
        f.caller(),
        d.requested(),
        d.policy(),
        d.model(),
        d.chosen().probability(),
        f.answeredBy(),
        answered,
        f.status(),
        f.error(),
        f.streamed(),
        f.usage().map(Usage::promptTokens).orElse(-1L),
        f.usage().map(Usage::answerTokens).orElse(-1L),
        f.usage().map(Usage::measured).orElse(false),
        f.cost(),
        f.totalNanos() / 1e6,
        f.upstreamNanos() / 1e6,
        d.encodeNanos() / 1e6,
        String.join(",", f.failed()),
        d.reason(),
        kept(d.text()),
        Optional.empty());
  }

  private Optional<String> kept(String text) {
    return config.prompts() && !text.isEmpty() ? Optional.of(text) : Optional.empty();
  }

  /// Waits a little where the database is slow; what does not fit then is counted as lost.
  private void remember(Memory memory) {
    try {
      if (!queue.offer(new Write.Remember(memory), 1, TimeUnit.SECONDS)) {
        lost.incrementAndGet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      lost.incrementAndGet();
    }
  }

  /// Keeps an outcome. When this returns, it is on the disk.
  ///
  /// @param caller who gives it: only its own decisions are found; empty where there are no keys
  /// @return empty where there is no such decision
  /// @throws StoreUnavailable where the database does not answer: nothing is acknowledged
  public Optional<Noted> feedback(String decision, double score, Optional<String> caller)
      throws StoreUnavailable {
    var done = new CompletableFuture<Optional<Noted>>();
    try {
      boolean taken =
          queue.offer(new Write.Outcome(decision, score, caller, done), 1, TimeUnit.SECONDS);
      if (!taken) {
        throw new StoreUnavailable();
      }
      return done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable();
    } catch (ExecutionException | TimeoutException e) {
      throw new StoreUnavailable();
    }
  }

  /// The database did not answer in time.
  public static final class StoreUnavailable extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private void run() {
    var batch = new ArrayList<Write>(MOST_A_BATCH);
    while (!closing || !queue.isEmpty()) {
      batch.clear();
      try {
        Write first = queue.poll(200, TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        batch.add(first);
        gather(batch);
        write(batch);
      } catch (InterruptedException e) {
        // Closing: what is left is still written.
        closing = true;
      }
    }
  }

  /// Decisions may wait for others; an outcome has somebody waiting for it.
  private void gather(List<Write> batch) throws InterruptedException {
    long until = System.nanoTime() + GATHER.toNanos();
    boolean waited = batch.getFirst() instanceof Write.Outcome;
    queue.drainTo(batch, MOST_A_BATCH - batch.size());
    while (!waited && batch.size() < MOST_A_BATCH && !closing) {
      long left = until - System.nanoTime();
      Write next = left > 0 ? queue.poll(left, TimeUnit.NANOSECONDS) : null;
      if (next == null) {
        return;
      }
      batch.add(next);
      waited = next instanceof Write.Outcome;
    }
  }

  private void write(List<Write> batch) throws InterruptedException {
    for (int attempt = 0; attempt < 3; attempt++) {
      var noted = new ArrayList<Runnable>();
      try (Connection connection = source.getConnection()) {
        connection.setAutoCommit(false);
        insert(connection, batch);
        for (Write write : batch) {
          if (write instanceof Write.Outcome outcome) {
            Optional<Noted> result = note(connection, outcome);
            noted.add(() -> outcome.done().complete(result));
          }
        }
        connection.commit();
        working = true;
        noted.forEach(Runnable::run);
        return;
      } catch (SQLException e) {
        working = false;
        LOG.log(Logger.Level.WARNING, "the store could not be written: " + e.getMessage());
        Thread.sleep(closing ? 0 : 200L * (attempt + 1));
      }
    }
    for (Write write : batch) {
      switch (write) {
        case Write.Remember remember -> lost.incrementAndGet();
        case Write.Outcome outcome -> outcome.done().completeExceptionally(new StoreUnavailable());
      }
    }
  }

  private static void insert(Connection connection, List<Write> batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Rows.INSERT)) {
      boolean any = false;
      for (Write write : batch) {
        if (write instanceof Write.Remember remember) {
          Rows.bind(statement, remember.memory());
          statement.addBatch();
          any = true;
        }
      }
      if (any) {
        statement.executeBatch();
      }
    }
  }

  private Optional<Noted> note(Connection connection, Write.Outcome outcome) throws SQLException {
    Optional<Memory> memory = find(connection, outcome.decision());
    boolean own =
        memory.isPresent()
            && (outcome.caller().isEmpty() || outcome.caller().equals(memory.get().caller()));
    if (!own) {
      return Optional.empty();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO feedback (decision, at_millis, caller, score) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (decision) DO UPDATE SET at_millis = excluded.at_millis,"
                + " caller = excluded.caller, score = excluded.score")) {
      statement.setString(1, outcome.decision());
      statement.setLong(2, clock.millis());
      Rows.text(statement, 3, outcome.caller());
      statement.setDouble(4, outcome.score());
      statement.executeUpdate();
    }
    Memory m = memory.get();
    return Optional.of(
        new Noted(
            m.id(),
            m.answeredBy().orElse(m.chosen()),
            m.answeredBy().isPresent() ? m.answeredProbability() : m.probability(),
            outcome.score(),
            m.prompt()));
  }

  private static Optional<Memory> find(Connection connection, String id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(Rows.SELECT + " WHERE d.id = ?")) {
      statement.setString(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(Rows.read(rows)) : Optional.empty();
      }
    }
  }

  /// The latest decisions, the newest first.
  public List<Memory> recent(int count) throws StoreUnavailable {
    try (Connection connection = source.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(Rows.SELECT + " ORDER BY d.at_millis DESC LIMIT ?")) {
      statement.setInt(1, count);
      var memories = new ArrayList<Memory>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          memories.add(Rows.read(rows));
        }
      }
      return memories;
    } catch (SQLException e) {
      LOG.log(Logger.Level.WARNING, "the store could not be read: " + e.getMessage());
      throw new StoreUnavailable();
    }
  }

  /// USD a caller has spent since a moment.
  public double spent(String caller, Instant since) {
    try (Connection connection = source.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT COALESCE(SUM(cost), 0) FROM decisions WHERE caller = ? AND at_millis >= ?")) {
      statement.setString(1, caller);
      statement.setLong(2, since.toEpochMilli());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getDouble(1) : 0;
      }
    } catch (SQLException e) {
      throw BadInputException.of("the store cannot be read: " + e.getMessage());
    }
  }

  /// Deletes what is older than the configured retention.
  ///
  /// @return decisions deleted
  public int forget() {
    if (config.retention().isZero()) {
      return 0;
    }
    long before = clock.instant().minus(config.retention()).toEpochMilli();
    try (Connection connection = source.getConnection()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM feedback WHERE decision IN"
                  + " (SELECT id FROM decisions WHERE at_millis < ?)")) {
        statement.setLong(1, before);
        statement.executeUpdate();
      }
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM decisions WHERE at_millis < ?")) {
        statement.setLong(1, before);
        return statement.executeUpdate();
      }
    } catch (SQLException e) {
      LOG.log(Logger.Level.WARNING, "old decisions could not be deleted: " + e.getMessage());
      return 0;
    }
  }

  /// Writes what still waits.
  @Override
  public void close() {
    closing = true;
    try {
      writer.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    source.close();
  }
}
