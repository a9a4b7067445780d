package org.embedllm.app.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.embedllm.app.fuzz.FuzzTarget;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.storage.AtomicDirectory;

/// Stores of a gateway, as `replay` and `report` read them.
public final class StoreTargets {
  private static final String ASSIGNMENT =
      "{\"router\": \"small\", \"arm\": \"router\", \"explored\": true, \"candidates\": [{\"model\": \"small\", \"propensity\": 0.5, \"probability\": 0.7, \"cost\": 0.001}]}";
  private static final String FAILED =
      "[{\"upstream\": \"a\", \"kind\": \"timeout\", \"detail\": \"d\"}]";

  private StoreTargets() {}

  /// A file's bytes; and the texts and numbers in one, a line for each column.
  public static List<FuzzTarget> all() throws IOException {
    byte[] store = store();
    return List.of(
        new FuzzTarget(
            "store",
            (folder, bytes) -> read(Files.write(folder.resolve("s"), bytes)),
            List.of(store)),
        FuzzTarget.ofTexts(
            "store-values",
            (folder, bytes) -> values(Files.write(folder.resolve("s"), store), bytes),
            ASSIGNMENT + "\n" + FAILED + "\n0.5\n12\n0.25\n2\nmodel",
            ASSIGNMENT + "\nupstream: timeout,b\n1\n1e9\n-0.5\n0\n"));
  }

  private static byte[] store() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-fuzz");
    try {
      return Files.readAllBytes(SimulatedStore.write(folder.resolve("s"), 3, 0.5, true));
    } catch (SQLException e) {
      throw new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      AtomicDirectory.delete(folder);
    }
  }

  private static void read(Path store) {
    DecisionLog.Content content = DecisionLog.read(store.toString());
    StoredDecisions.of(content);
    StoredTraffic.of(content);
  }

  private static void values(Path store, byte[] bytes) throws IOException {
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store)) {
      set(connection, "UPDATE decisions SET assignment = ?", lines, 0);
      set(connection, "UPDATE decisions SET failed = ?", lines, 1);
      set(connection, "UPDATE feedback SET score = ?", lines, 2);
      set(connection, "UPDATE decisions SET prompt_tokens = ?, answer_tokens = 1", lines, 3);
      set(
          connection,
          "INSERT INTO comparisons (decision, at_millis, answered, other, candidates,"
              + " answered_score, other_score, usd, kind)"
              + " VALUES ('d-1', 1, 'small', 'large', 2, ?, 0, 0, '')",
          lines,
          4);
      set(connection, "UPDATE comparisons SET candidates = ?", lines, 5);
      set(connection, "UPDATE decisions SET answered_by = ?", lines, 6);
    } catch (SQLException e) {
      throw new IOException("no such value", e);
    }
    read(store);
  }

  private static void set(Connection connection, String sql, String[] lines, int line)
      throws SQLException {
    if (line < lines.length) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, lines[line]);
        statement.executeUpdate();
      }
    }
  }
}
