package org.embedllm.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.embedllm.gateway.access.SharedUsage;

/// What keys have used, in a table that all gateways on one PostgreSQL change.
final class UsageTable implements SharedUsage {
  private static final Duration KEPT = Duration.ofDays(400);

  private static final String TAKE =
      "INSERT INTO usage_windows (caller, quantity, start_millis, used) VALUES (?, ?, ?, ?)"
          + " ON CONFLICT (caller, quantity, start_millis)"
          + " DO UPDATE SET used = usage_windows.used + excluded.used"
          + " WHERE usage_windows.used < ? RETURNING used";

  /// A window begins with what was spent in it before windows were counted.
  private static final String BEGIN =
      "INSERT INTO usage_windows (caller, quantity, start_millis, used)"
          + " SELECT ?, 'usd', ?, COALESCE(SUM(cost), 0) FROM decisions"
          + " WHERE caller = ? AND at_millis >= ? ON CONFLICT DO NOTHING";

  private static final Comparator<Change> ORDER =
      Comparator.comparing((Change c) -> c.window().client())
          .thenComparing(c -> c.window().quantity())
          .thenComparing(c -> c.window().start());

  private final Database database;
  private final Set<Window> begun = ConcurrentHashMap.newKeySet();

  UsageTable(Database database) {
    this.database = database;
  }

  @Override
  public Outcome reserve(List<Demand> demands) throws Unavailable {
    try (Connection connection = database.connection()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        var used = new ArrayList<Double>();
        for (Demand demand : demands) {
          begin(connection, demand.window());
          Optional<Double> now = take(connection, demand);
          if (now.isEmpty()) {
            connection.rollback();
            done = true;
            return new Outcome(Optional.of(demand.window()), List.of());
          }
          used.add(now.get());
        }
        connection.commit();
        done = true;
        return new Outcome(Optional.empty(), used);
      } finally {
        if (!done) {
          database.discard(connection);
        }
      }
    } catch (SQLException e) {
      throw new Unavailable(e);
    }
  }

  private void begin(Connection connection, Window window) throws SQLException {
    if (window.quantity() != Quantity.USD || begun.contains(window)) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
      statement.setString(1, window.client());
      statement.setLong(2, window.start().toEpochMilli());
      statement.setString(3, window.client());
      statement.setLong(4, window.start().toEpochMilli());
      statement.executeUpdate();
    }
    begun.removeIf(old -> old.client().equals(window.client()));
    begun.add(window);
  }

  /// What is used after it; empty where nothing was left.
  private static Optional<Double> take(Connection connection, Demand demand) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
      bind(statement, demand.window(), demand.amount());
      statement.setDouble(5, demand.limit());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getDouble(1)) : Optional.empty();
      }
    }
  }

  private static void bind(PreparedStatement statement, Window window, double amount)
      throws SQLException {
    statement.setString(1, window.client());
    statement.setString(2, window.quantity().name().toLowerCase(Locale.ROOT));
    statement.setLong(3, window.start().toEpochMilli());
    statement.setDouble(4, amount);
  }

  @Override
  public void settle(List<Change> changes) throws Unavailable {
    try (Connection connection = database.connection()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO usage_windows (caller, quantity, start_millis, used)"
                  + " VALUES (?, ?, ?, ?) ON CONFLICT (caller, quantity, start_millis)"
                  + " DO UPDATE SET used = usage_windows.used + excluded.used")) {
        // All gateways lock rows in one order.
        for (Change change : changes.stream().sorted(ORDER).toList()) {
          bind(statement, change.window(), change.amount());
          statement.addBatch();
        }
        statement.executeBatch();
        connection.commit();
        done = true;
      } finally {
        if (!done) {
          database.discard(connection);
        }
      }
    } catch (SQLException e) {
      throw new Unavailable(e);
    }
  }

  /// Deletes windows that have ended long ago.
  static void forget(Connection connection, long nowMillis) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM usage_windows WHERE start_millis < ?"
                + " OR (quantity <> 'usd' AND start_millis < ?)")) {
      statement.setLong(1, nowMillis - KEPT.toMillis());
      statement.setLong(2, nowMillis - Duration.ofHours(1).toMillis());
      statement.executeUpdate();
    }
  }
}
