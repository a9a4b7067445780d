package org.embedllm.gateway.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.embedllm.gateway.access.SharedUsage;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.pacing.QuarterHour;
import org.embedllm.gateway.responses.ResponseStore;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.storage.BadInputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decisions, usage and feedback in SQLite or PostgreSQL.
///
/// One thread writes, several rows a transaction. A decision is written soon after it was made;
/// feedback is acknowledged when it has reached the disk, together with the decision it is about.
public final class DecisionStore
    implements CompletedRequest.Listener, ResponseStore, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DecisionStore.class);

  private final Database database;
  private final WriteQueue writing;
  private final StoreConfig config;
  private final Clock clock;
  private final boolean postgres;

  /// Feedback that has been kept.
  ///
  /// @param decision about which
  /// @param model that answered, or was chosen where none was asked
  /// @param probability with which it was expected to be right; NaN where nothing was forecast
  /// @param score the feedback
  /// @param again whether it replaces earlier feedback
  /// @param prompt the text routed on, where it is kept
  public record StoredFeedback(
      String decision,
      String model,
      double probability,
      double score,
      boolean again,
      Optional<String> prompt) {}

  /// @param config where to, and what
  /// @param fallback SQLite file where the configuration names no database
  /// @throws BadInputException where the database cannot be opened; a server that does not answer
  ///   is tried again by [#probe]
  public DecisionStore(StoreConfig config, Path fallback, Clock clock) {
    this.config = config;
    this.clock = clock;
    String url = config.url().orElse("jdbc:sqlite:" + fallback);
    this.postgres = url.startsWith("jdbc:postgresql:");
    this.database = new Database(url, config);
    this.writing = new WriteQueue(database, clock);
    writing.start();
  }

  /// Rows that could not be kept because the database was too slow or away.
  public long lost() {
    return writing.lost();
  }

  /// Sees whether the database is back; called every few seconds.
  public void probe() {
    writing.probe();
  }

  /// Whether the last write went well.
  public boolean working() {
    return writing.working();
  }

  @Override
  public void completed(CompletedRequest request) {
    if (request.choice().isPresent()) {
      writing.add(DecisionRecord.of(request, config.prompts()));
    }
  }

  /// Stores a comparison soon.
  public void compared(Comparison comparison) {
    writing.add(comparison);
  }

  /// Stores feedback. When this returns, it is on disk.
  ///
  /// @param client who gives it: only its own decisions are found; empty where there are no keys
  /// @return empty where there is no such decision
  /// @throws StoreUnavailable where the database does not answer: nothing is acknowledged
  public Optional<StoredFeedback> feedback(String decision, double score, Optional<String> client)
      throws StoreUnavailable {
    return awaited(writing.feedback(decision, score, client));
  }

  /// Stores a vote. When this returns, it is on disk.
  ///
  /// @param decision whose prompt the vote is about
  /// @param better the model that is preferred
  /// @param worse the other one
  /// @param client who gives it; empty where there are no keys
  /// @throws StoreUnavailable where the database does not answer: nothing is acknowledged
  public void vote(String decision, String better, String worse, Optional<String> client)
      throws StoreUnavailable {
    awaited(writing.vote(new ClientVote(decision, clock.instant(), better, worse), client));
  }

  private static <T> T awaited(Future<T> write) throws StoreUnavailable {
    try {
      return write.get(Database.PATIENCE.toSeconds(), TimeUnit.SECONDS);
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

  /// Earlier decisions for the live view.
  ///
  /// @param decisions the oldest first
  /// @param since from when on there is no other
  public record Past(List<DecisionRecord> decisions, Instant since) {
    public Past {
      decisions = List.copyOf(decisions);
    }
  }

  /// The decisions of the last while; none where the database does not answer.
  ///
  /// @param most at most so many, the newest
  public Past past(Duration length, int most) {
    Instant now = clock.instant();
    Instant from = now.minus(length);
    try {
      List<DecisionRecord> newest = recent(most);
      List<DecisionRecord> decisions =
          newest.reversed().stream()
              .filter(d -> !d.request().request().at().isBefore(from))
              .map(d -> config.prompts() ? d : d.withoutPrompt())
              .toList();
      boolean whole = newest.size() < most || decisions.size() < newest.size();
      return new Past(decisions, whole ? from : decisions.getFirst().request().request().at());
    } catch (StoreUnavailable e) {
      return new Past(List.of(), now);
    }
  }

  /// The latest decisions, the newest first.
  public List<DecisionRecord> recent(int count) throws StoreUnavailable {
    try (Connection connection = database.connection();
        PreparedStatement statement =
            connection.prepareStatement(Rows.SELECT + " ORDER BY d.at_millis DESC LIMIT ?")) {
      statement.setInt(1, count);
      var records = new ArrayList<DecisionRecord>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          records.add(Rows.read(rows));
        }
      }
      return records;
    } catch (SQLException e) {
      LOG.warn("the store could not be read: " + e.getMessage());
      throw new StoreUnavailable();
    }
  }

  /// The latest decisions, and the comparisons and votes of that time, the oldest first.
  ///
  /// @param most decisions
  public DecisionLog.Content traffic(int most) throws StoreUnavailable {
    List<DecisionRecord> decisions = recent(most).reversed();
    Instant since =
        decisions.size() < most ? Instant.EPOCH : decisions.getFirst().request().request().at();
    try (Connection connection = database.connection()) {
      return new DecisionLog.Content(
          decisions, Comparisons.since(connection, since), VoteTable.since(connection, since));
    } catch (SQLException e) {
      LOG.warn("the comparisons could not be read: {}", e.getMessage());
      throw new StoreUnavailable();
    }
  }

  @Override
  public void keep(String scope, String id, String items) {
    writing.add(scope, id, items);
  }

  @Override
  public Optional<String> find(String scope, String id) {
    try (Connection connection = database.connection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT items FROM responses WHERE scope = ? AND id = ?")) {
      statement.setString(1, scope);
      statement.setString(2, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      LOG.warn("a stored response could not be read: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /// The keys in the store.
  public KeyTable keys() {
    return new KeyTable(database);
  }

  /// What keys have used, counted by all gateways on this database; empty on SQLite, which one
  /// gateway has for itself.
  public Optional<SharedUsage> usage() {
    return postgres ? Optional.of(new UsageTable(database)) : Optional.empty();
  }

  /// What keys have spent since a moment, the most first.
  ///
  /// @param client of one key alone; empty for all
  public List<Spending> spending(Instant since, Optional<String> client) throws StoreUnavailable {
    try (Connection connection = database.connection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT caller, COALESCE(answered_by, chosen) AS model, COUNT(*) AS requests,"
                    + " COALESCE(SUM(prompt_tokens), 0) AS prompt_tokens,"
                    + " COALESCE(SUM(answer_tokens), 0) AS answer_tokens,"
                    + " COALESCE(SUM(cost), 0) AS usd FROM decisions"
                    + " WHERE at_millis >= ? AND status > 0"
                    + (client.isPresent() ? " AND caller = ?" : "")
                    + " GROUP BY caller, COALESCE(answered_by, chosen) ORDER BY usd DESC")) {
      statement.setLong(1, since.toEpochMilli());
      if (client.isPresent()) {
        statement.setString(2, client.get());
      }
      var spending = new ArrayList<Spending>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          spending.add(
              new Spending(
                  Optional.ofNullable(rows.getString("caller")),
                  rows.getString("model"),
                  rows.getLong("requests"),
                  rows.getLong("prompt_tokens"),
                  rows.getLong("answer_tokens"),
                  rows.getDouble("usd")));
        }
      }
      return spending;
    } catch (SQLException e) {
      LOG.warn("spending could not be read: {}", e.getMessage());
      throw new StoreUnavailable();
    }
  }

  /// The quarter hours of the last seven days that had requests, the oldest first; none where the
  /// database does not answer.
  public List<QuarterHour> lastWeek() {
    long length = Duration.ofMinutes(15).toMillis();
    try (Connection connection = database.connection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT at_millis / ? AS quarter, COUNT(policy) AS requests,"
                    + " COALESCE(SUM(cost), 0) AS usd FROM decisions"
                    + " WHERE at_millis >= ? AND status > 0 GROUP BY 1 ORDER BY 1")) {
      statement.setLong(1, length);
      statement.setLong(
          2, clock.instant().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(7)).toEpochMilli());
      var quarters = new ArrayList<QuarterHour>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          quarters.add(
              new QuarterHour(
                  Instant.ofEpochMilli(rows.getLong("quarter") * length),
                  rows.getLong("requests"),
                  rows.getDouble("usd")));
        }
      }
      return quarters;
    } catch (SQLException e) {
      LOG.warn("the traffic of the last week could not be read: {}", e.getMessage());
      return List.of();
    }
  }

  /// USD that the shadow has spent since midnight UTC; 0 where the database does not answer.
  public double shadowSpentToday() {
    try (Connection connection = database.connection()) {
      return Comparisons.usdSince(connection, clock.instant().truncatedTo(ChronoUnit.DAYS));
    } catch (SQLException e) {
      LOG.warn("the shadow's spending could not be read: {}", e.getMessage());
      return 0;
    }
  }

  /// USD a client has spent since a moment.
  ///
  /// @return empty where the database does not answer
  public OptionalDouble spent(String client, Instant since) {
    if (!writing.working()) {
      return OptionalDouble.empty();
    }
    try (Connection connection = database.connection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT COALESCE(SUM(cost), 0) FROM decisions WHERE caller = ? AND at_millis >= ?")) {
      statement.setString(1, client);
      statement.setLong(2, since.toEpochMilli());
      try (ResultSet rows = statement.executeQuery()) {
        return OptionalDouble.of(rows.next() ? rows.getDouble(1) : 0);
      }
    } catch (SQLException e) {
      LOG.warn("what a key has spent could not be read: {}", e.getMessage());
      return OptionalDouble.empty();
    }
  }

  /// Deletes rows older than the configured retention.
  ///
  /// @return decisions deleted
  public int forget() {
    forgetUsage();
    if (config.retention().isZero()) {
      return 0;
    }
    long before = clock.instant().minus(config.retention()).toEpochMilli();
    try (Connection connection = database.connection()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM feedback WHERE decision IN"
                  + " (SELECT id FROM decisions WHERE at_millis < ?)")) {
        statement.setLong(1, before);
        statement.executeUpdate();
      }
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM comparisons WHERE at_millis < ?")) {
        statement.setLong(1, before);
        statement.executeUpdate();
      }
      VoteTable.forget(connection, before);
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM responses WHERE at_millis < ?")) {
        statement.setLong(1, before);
        statement.executeUpdate();
      }
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM decisions WHERE at_millis < ?")) {
        statement.setLong(1, before);
        return statement.executeUpdate();
      }
    } catch (SQLException e) {
      LOG.warn("old decisions could not be deleted: " + e.getMessage());
      return 0;
    }
  }

  private void forgetUsage() {
    try (Connection connection = database.connection()) {
      UsageTable.forget(connection, clock.millis());
    } catch (SQLException e) {
      LOG.warn("old counts of usage could not be deleted: {}", e.getMessage());
    }
  }

  /// Writes what still waits.
  @Override
  public void close() {
    writing.close();
    database.close();
  }
}
