package org.embedllm.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// [ClientVote] as a row of the table `votes`. Stateless.
final class VoteTable {
  private VoteTable() {}

  /// A later vote on the same decision replaces the earlier one.
  static void insert(Connection connection, ClientVote vote, Optional<String> client)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO votes (decision, at_millis, caller, better, worse) VALUES (?, ?, ?, ?, ?)"
                + " ON CONFLICT (decision) DO UPDATE SET at_millis = excluded.at_millis,"
                + " caller = excluded.caller, better = excluded.better, worse = excluded.worse")) {
      statement.setString(1, vote.decision());
      statement.setLong(2, vote.at().toEpochMilli());
      Rows.text(statement, 3, client);
      statement.setString(4, vote.better());
      statement.setString(5, vote.worse());
      statement.executeUpdate();
    }
  }

  /// The oldest first; none in an older store, until a gateway has served with it.
  ///
  /// @param since the first moment
  static List<ClientVote> since(Connection connection, Instant since) throws SQLException {
    List<ClientVote> votes = new ArrayList<>();
    if (!exists(connection)) {
      return votes;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT decision, at_millis, better, worse FROM votes WHERE at_millis >= ?"
                + " ORDER BY at_millis")) {
      statement.setLong(1, since.toEpochMilli());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          votes.add(
              new ClientVote(
                  Rows.required(rows, "decision"),
                  Instant.ofEpochMilli(rows.getLong("at_millis")),
                  Rows.required(rows, "better"),
                  Rows.required(rows, "worse")));
        }
      }
    }
    return votes;
  }

  /// Whether a gateway that takes votes has served with the store.
  static boolean exists(Connection connection) throws SQLException {
    try (ResultSet tables =
        connection
            .getMetaData()
            .getTables(
                connection.getCatalog(), connection.getSchema(), "votes", new String[] {"TABLE"})) {
      return tables.next();
    }
  }

  /// @param before the first moment that is kept
  static void forget(Connection connection, long before) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM votes WHERE at_millis < ?")) {
      statement.setLong(1, before);
      statement.executeUpdate();
    }
  }
}
