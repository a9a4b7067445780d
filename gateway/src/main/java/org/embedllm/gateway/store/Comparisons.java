package org.embedllm.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.gateway.shadow.Comparison;

/// [Comparison] as a row of the table `comparisons`.
final class Comparisons {
  private Comparisons() {}

  static void insert(Connection connection, Comparison comparison) throws SQLException {
    try (PreparedStatement s =
        connection.prepareStatement(
            "INSERT INTO comparisons (decision, at_millis, answered, other, candidates,"
                + " answered_score, other_score, usd) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (decision) DO NOTHING")) {
      s.setString(1, comparison.decision());
      s.setLong(2, comparison.at().toEpochMilli());
      s.setString(3, comparison.answered());
      s.setString(4, comparison.other());
      s.setInt(5, comparison.candidates());
      s.setDouble(6, comparison.answeredScore());
      s.setDouble(7, comparison.otherScore());
      s.setDouble(8, comparison.usd());
      s.executeUpdate();
    }
  }

  static List<Comparison> all(Connection connection) throws SQLException {
    List<Comparison> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet r = statement.executeQuery("SELECT * FROM comparisons ORDER BY at_millis")) {
      while (r.next()) {
        found.add(
            new Comparison(
                r.getString("decision"),
                Instant.ofEpochMilli(r.getLong("at_millis")),
                r.getString("answered"),
                r.getString("other"),
                r.getInt("candidates"),
                r.getDouble("answered_score"),
                r.getDouble("other_score"),
                r.getDouble("usd")));
      }
    }
    return found;
  }
}
