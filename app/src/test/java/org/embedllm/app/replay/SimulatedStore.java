package org.embedllm.app.replay;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.rollout.Assignment;
import org.embedllm.gateway.rollout.Assignment.Candidate;
import org.embedllm.gateway.store.DecisionStore;

/// A store as a gateway writes it, of traffic whose truth is known: `small` is right on easy
/// prompts, `large` on nearly all, at ten times the price.
public final class SimulatedStore {
  private SimulatedStore() {}

  private static double truth(String model, boolean easy) {
    return model.equals("large") ? 0.9 : easy ? 0.85 : 0.3;
  }

  /// @param file to write
  /// @param share of the decisions that are explored
  /// @param prompts whether they are kept
  /// @return the file
  public static Path write(Path file, int decisions, double share, boolean prompts)
      throws SQLException, InterruptedException {
    SplittableRandom random = new SplittableRandom(2);
    List<Double> outcomes = new ArrayList<>();
    StoreConfig config =
        new StoreConfig(
            Optional.empty(), Optional.empty(), Optional.empty(), prompts, Duration.ZERO, false);
    try (DecisionStore store = new DecisionStore(config, file, Clock.systemUTC())) {
      for (int i = 0; i < decisions; i++) {
        boolean easy = random.nextDouble() < 0.6;
        boolean explored = random.nextDouble() < share;
        String model = explored && random.nextBoolean() ? "large" : "small";
        double small = Math.clamp((easy ? 0.82 : 0.35) + 0.05 * random.nextGaussian(), 0, 1);
        List<Candidate> candidates =
            List.of(
                new Candidate("small", 1 - share / 2, small, 0.001),
                new Candidate("large", share / 2, 0.88, 0.01));
        store.completed(
            CompletedRequest.decisionAlone(
                Clock.systemUTC().instant(),
                Optional.empty(),
                decision(i, model, "prompt " + i, candidates)));
        outcomes.add(random.nextDouble() < truth(model, easy) ? 1.0 : 0.0);
      }
    }
    feedback(file, outcomes);
    return file;
  }

  static void feedback(Path file, List<Double> outcomes) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO feedback (decision, at_millis, score) VALUES (?, 1, ?)")) {
      connection.setAutoCommit(false);
      for (int i = 0; i < outcomes.size(); i++) {
        insert.setString(1, "d-" + i);
        insert.setDouble(2, outcomes.get(i));
        insert.addBatch();
      }
      insert.executeBatch();
      connection.commit();
    }
  }

  static Decision decision(int i, String model, String prompt, List<Candidate> candidates) {
    return new Decision(
        "d-" + i,
        "auto",
        Optional.of("cheapest@0.2"),
        model,
        "because",
        List.of(new Decision.Ranked(model, 0.8, 0.7, 0.9, 0.001, "")),
        List.of(),
        prompt,
        new Assignment("small", Assignment.Arm.ROUTER, !model.equals("small"), candidates),
        1,
        1);
  }
}
