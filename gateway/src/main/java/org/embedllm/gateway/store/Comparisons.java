package org.embedllm.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.embedllm.gateway.shadow.Comparison;

/// [Comparison] as a row of the table `comparisons`.
final class Comparisons {
  private Comparisons() {}

  static void insert(Connection connection, Comparison comparison) throws SQLException {
    try (PreparedStatement s =
        connection.prepareStatement(
            "INSERT INTO comparisons (decision, at_millis, answered, other, candidates,"
                + " answered_score, other_score, usd, kind)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (decision) DO NOTHING")) {
      s.setString(1, comparison.decision());
      s.setLong(2, comparison.at().toEpochMilli());
      s.setString(3, comparison.answered());
      s.setString(4, comparison.other());
      s.setInt(5, comparison.candidates());
      s.setDouble(6, comparison.answeredScore());
      s.setDouble(7, comparison.otherScore());
      s.setDouble(8, comparison.usd());
      s.setString(9, comparison.kind());
      s.executeUpdate();
    }
  }

  /// @param since the first moment
  static List<Comparison> since(Connection connection, Instant since) throws SQLException {
    List<Comparison> found = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT * FROM comparisons WHERE at_millis >= ? ORDER BY at_millis")) {
      statement.setLong(1, since.toEpochMilli());
      ResultSet r = statement.executeQuery();
      boolean kinds = hasKinds(r.getMetaData());
      while (r.next()) {
        found.add(
            new Comparison(
                Rows.required(r, "decision"),
                Instant.ofEpochMilli(r.getLong("at_millis")),
                Rows.required(r, "answered"),
                Rows.required(r, "other"),
                r.getInt("candidates"),
                r.getDouble("answered_score"),
                r.getDouble("other_score"),
                r.getDouble("usd"),
                kinds ? Objects.requireNonNullElse(r.getString("kind"), "") : ""));
      }
    }
    return found;
  }

  /// USD that those since a moment have cost.
  static double usdSince(Connection connection, Instant since) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT SUM(usd) FROM comparisons WHERE at_millis >= ?")) {
      statement.setLong(1, since.toEpochMilli());
      ResultSet r = statement.executeQuery();
      return r.next() ? r.getDouble(1) : 0;
    }
  }

  /// Older stores do not have them until a gateway has served with it.
  private static boolean hasKinds(ResultSetMetaData columns) throws SQLException {
    for (int c = 1; c <= columns.getColumnCount(); c++) {
      if (columns.getColumnName(c).equalsIgnoreCase("kind")) {
        return true;
      }
    }
    return false;
  }
}
