package org.embedllm.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.gateway.store.DecisionStore.StoredFeedback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes, several rows a transaction, in the order in which they came.
///
/// Decisions wait a little for others; feedback and votes have a client waiting and end the
/// waiting. The queue is bounded.
final class WriteQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DecisionStore.class);
  private static final int MOST_WAITING = 20_000;
  private static final int MOST_A_BATCH = 1_000;
  private static final Duration GATHER = Duration.ofMillis(50);
  private static final Duration WAIT_FOR_SPACE = Duration.ofSeconds(1);

  private final Database database;
  private final Clock clock;
  private final GatheringQueue<Write> queue =
      new GatheringQueue<>(MOST_WAITING, MOST_A_BATCH, GATHER, Write::isAwaited);
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean working;

  private sealed interface Write {
    record Decision(DecisionRecord decision) implements Write {}

    record Compared(Comparison comparison) implements Write {}

    record Response(String scope, String id, long atMillis, String items) implements Write {}

    record Feedback(
        String decision,
        double score,
        Optional<String> client,
        CompletableFuture<Optional<StoredFeedback>> done)
        implements Write {}

    record Voted(ClientVote vote, Optional<String> client, CompletableFuture<Boolean> done)
        implements Write {}

    /// Whether a client waits for it.
    default boolean isAwaited() {
      return this instanceof Feedback || this instanceof Voted;
    }
  }

  /// @param clock when feedback came
  WriteQueue(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.working = database.ready();
    this.thread = Thread.ofPlatform().daemon().name("gateway-store").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Rows that were given up.
  long lost() {
    return lost.get();
  }

  /// Whether the last write went well.
  boolean working() {
    return working;
  }

  /// Waits a little where the database is slow; rows that do not fit then are counted as lost.
  void add(DecisionRecord decision) {
    if (!offer(new Write.Decision(decision))) {
      lost.incrementAndGet();
    }
  }

  void add(Comparison comparison) {
    if (!offer(new Write.Compared(comparison))) {
      lost.incrementAndGet();
    }
  }

  /// Keeps a conversation, or counts it as lost.
  void add(String scope, String id, String items) {
    if (!offer(new Write.Response(scope, id, clock.millis(), items))) {
      lost.incrementAndGet();
    }
  }

  /// @return done when the feedback is on the disk; empty where there is no such decision
  /// @throws StoreUnavailable where too much is waiting
  CompletableFuture<Optional<StoredFeedback>> feedback(
      String decision, double score, Optional<String> client) throws StoreUnavailable {
    var done = new CompletableFuture<Optional<StoredFeedback>>();
    if (!offer(new Write.Feedback(decision, score, client, done))) {
      throw new StoreUnavailable();
    }
    return done;
  }

  /// @return done when the vote is on the disk
  /// @throws StoreUnavailable where too much is waiting
  CompletableFuture<Boolean> vote(ClientVote vote, Optional<String> client)
      throws StoreUnavailable {
    var done = new CompletableFuture<Boolean>();
    if (!offer(new Write.Voted(vote, client, done))) {
      throw new StoreUnavailable();
    }
    return done;
  }

  private boolean offer(Write write) {
    try {
      return queue.offer(write, WAIT_FOR_SPACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    var batch = new ArrayList<Write>(MOST_A_BATCH);
    boolean more = true;
    while (more) {
      batch.clear();
      try {
        more = queue.take(batch);
        if (more) {
          write(batch);
        }
      } catch (InterruptedException e) {
        // Closing: what is left is still written.
        closing = true;
        queue.close();
      }
    }
  }

  private void write(List<Write> batch) throws InterruptedException {
    for (int attempt = 0; attempt < 3; attempt++) {
      var stored = new ArrayList<Runnable>();
      try (Connection connection = database.connection()) {
        write(connection, batch, stored);
        working = true;
        stored.forEach(Runnable::run);
        return;
      } catch (SQLException e) {
        working = false;
        LOG.warn("the store could not be written: " + e.getMessage());
        Thread.sleep(closing ? 0 : 200L * (attempt + 1));
      }
    }
    for (Write write : batch) {
      switch (write) {
        case Write.Decision decision -> lost.incrementAndGet();
        case Write.Compared compared -> lost.incrementAndGet();
        case Write.Response response -> lost.incrementAndGet();
        case Write.Feedback feedback ->
            feedback.done().completeExceptionally(new StoreUnavailable());
        case Write.Voted voted -> voted.done().completeExceptionally(new StoreUnavailable());
      }
    }
  }

  /// One transaction. Where it fails, nothing of it may be left in the connection: a later commit
  /// would keep what has been reported as lost.
  private void write(Connection connection, List<Write> batch, List<Runnable> stored)
      throws SQLException {
    boolean done = false;
    try {
      connection.setAutoCommit(false);
      insert(connection, batch);
      for (Write write : batch) {
        if (write instanceof Write.Compared compared) {
          Comparisons.insert(connection, compared.comparison());
        } else if (write instanceof Write.Response response) {
          store(connection, response);
        } else if (write instanceof Write.Feedback feedback) {
          Optional<StoredFeedback> result = store(connection, feedback);
          stored.add(() -> feedback.done().complete(result));
        } else if (write instanceof Write.Voted voted) {
          VoteTable.insert(connection, voted.vote(), voted.client());
          stored.add(() -> voted.done().complete(true));
        }
      }
      connection.commit();
      done = true;
    } finally {
      if (!done) {
        database.discard(connection);
      }
    }
  }

  /// Sees by itself whether the database is back, where the last write failed.
  void probe() {
    if (!working && database.takesWrites(clock.millis())) {
      working = true;
      LOG.info("the store takes writes again");
    }
  }

  private static void insert(Connection connection, List<Write> batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Rows.INSERT)) {
      boolean any = false;
      for (Write write : batch) {
        if (write instanceof Write.Decision decision) {
          Rows.bind(statement, decision.decision());
          statement.addBatch();
          any = true;
        }
      }
      if (any) {
        statement.executeBatch();
      }
    }
  }

  private static void store(Connection connection, Write.Response response) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO responses (scope, id, at_millis, items) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (scope, id) DO NOTHING")) {
      statement.setString(1, response.scope());
      statement.setString(2, response.id());
      statement.setLong(3, response.atMillis());
      statement.setString(4, response.items());
      statement.executeUpdate();
    }
  }

  private Optional<StoredFeedback> store(Connection connection, Write.Feedback feedback)
      throws SQLException {
    Optional<DecisionRecord> found = find(connection, feedback.decision());
    boolean own =
        found.isPresent()
            && (feedback.client().isEmpty()
                || feedback.client().equals(found.get().request().request().client()));
    if (!own) {
      return Optional.empty();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO feedback (decision, at_millis, caller, score) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (decision) DO UPDATE SET at_millis = excluded.at_millis,"
                + " caller = excluded.caller, score = excluded.score")) {
      statement.setString(1, feedback.decision());
      statement.setLong(2, clock.millis());
      Rows.text(statement, 3, feedback.client());
      statement.setDouble(4, feedback.score());
      statement.executeUpdate();
    }
    DecisionRecord decision = found.get();
    return Optional.of(
        new StoredFeedback(
            decision.id(),
            decision.model(),
            decision.request().probability(),
            feedback.score(),
            decision.score().isPresent(),
            decision.prompt()));
  }

  private static Optional<DecisionRecord> find(Connection connection, String id)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(Rows.SELECT + " WHERE d.id = ?")) {
      statement.setString(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(Rows.read(rows)) : Optional.empty();
      }
    }
  }

  /// Writes what still waits.
  @Override
  public void close() {
    closing = true;
    queue.close();
    try {
      thread.join(Database.PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
