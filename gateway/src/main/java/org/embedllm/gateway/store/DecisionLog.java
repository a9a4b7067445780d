package org.embedllm.gateway.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.storage.BadInputException;

/// Reads a store that a gateway has written, also while it runs; changes nothing.
public final class DecisionLog {
  private static final String SQLITE = "jdbc:sqlite:";

  private DecisionLog() {}

  /// What a store holds, the oldest first.
  ///
  /// @param decisions with their feedback
  /// @param comparisons of two answers by a judge
  /// @param votes of clients
  public record Content(
      List<DecisionRecord> decisions, List<Comparison> comparisons, List<ClientVote> votes) {
    public Content {
      decisions = List.copyOf(decisions);
      comparisons = List.copyOf(comparisons);
      votes = List.copyOf(votes);
    }
  }

  /// Reads all of it.
  ///
  /// @param store the SQLite file, or a JDBC URL
  /// @throws BadInputException where it is no store, or an older one, without probabilities
  public static Content read(String store) {
    String url = store.startsWith("jdbc:") ? store : SQLITE + existing(store);
    Properties options = new Properties();
    if (url.startsWith(SQLITE)) {
      SqliteLibrary.load();
      options.put("open_mode", "1"); // read only
    }
    try (Connection connection = DriverManager.getConnection(url, options);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select(connection) + " ORDER BY d.at_millis")) {
      requireAssignments(store, rows.getMetaData());
      List<DecisionRecord> records = new ArrayList<>();
      while (rows.next()) {
        records.add(Rows.read(rows));
      }
      return sound(
          new Content(
              records,
              Comparisons.since(connection, Instant.EPOCH),
              VoteTable.since(connection, Instant.EPOCH)));
    } catch (SQLException | IllegalArgumentException e) {
      throw BadInputException.of(
          "%s cannot be read as the store of a gateway: %s"
              .formatted(store.replaceAll("\\?.*", ""), e.getMessage()));
    }
  }

  private static String select(Connection connection) throws SQLException {
    return VoteTable.exists(connection) ? Rows.SELECT : Rows.SELECT_WITHOUT_VOTES;
  }

  /// Others than a gateway may have written to a store.
  ///
  /// @throws IllegalArgumentException where a score or a number of candidates is none
  private static Content sound(Content content) {
    for (DecisionRecord record : content.decisions()) {
      record.score().ifPresent(score -> requireShare(record.id(), score));
    }
    for (Comparison comparison : content.comparisons()) {
      requireShare(comparison.decision(), comparison.answeredScore());
      requireShare(comparison.decision(), comparison.otherScore());
      if (comparison.candidates() < 1) {
        throw new IllegalArgumentException(
            "the comparison of decision %s has %d candidates"
                .formatted(comparison.decision(), comparison.candidates()));
      }
    }
    return content;
  }

  private static void requireShare(String decision, double score) {
    if (!(score >= 0 && score <= 1)) {
      throw new IllegalArgumentException(
          "a score of decision %s must be from 0 to 1; is %s".formatted(decision, score));
    }
  }

  private static Path existing(String store) {
    Path file = Path.of(store);
    if (!Files.isRegularFile(file)) {
      throw BadInputException.in(
          file,
          "is no file: name the store, such as MODEL.decisions.sqlite beside the model, or a JDBC URL");
    }
    return file;
  }

  private static void requireAssignments(String store, ResultSetMetaData columns)
      throws SQLException {
    for (int c = 1; c <= columns.getColumnCount(); c++) {
      if (columns.getColumnName(c).equalsIgnoreCase("assignment")) {
        return;
      }
    }
    throw BadInputException.of(
        store.replaceAll("\\?.*", "")
            + " was written before probabilities of choices were kept: serve with it once");
  }
}
