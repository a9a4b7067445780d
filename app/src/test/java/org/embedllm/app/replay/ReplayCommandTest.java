package org.embedllm.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.embedllm.app.CommandRun;
import org.embedllm.app.ContractKeys;
import org.embedllm.app.ask.SkilledServer;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.rollout.Assignment.Candidate;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.store.DecisionStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// `replay` on stores that a gateway has written, of traffic whose truth is known.
@Tag("training")
class ReplayCommandTest {
  @TempDir Path folder;

  private Path store(int decisions, double share, boolean prompts)
      throws SQLException, InterruptedException {
    Path file = folder.resolve("decisions-%d-%s.sqlite".formatted(decisions, share));
    return SimulatedStore.write(file, decisions, share, prompts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          feedback SET score = 7 | a score of decision d-1 must be from 0 to 1
          decisions SET assignment = '{' | decision d-1 is damaged
          decisions SET failed = '[' | decision d-1 is damaged
          decisions SET id = NULL | a row has no id
          """)
  void replay_ofADamagedStore_isAnErrorThatNamesIt(String change, String problem)
      throws SQLException, InterruptedException {
    Path store = store(2, 0.3, false);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store);
        Statement statement = connection.createStatement()) {
      String id = change.startsWith("feedback") ? "decision" : "id";
      statement.execute("UPDATE %s WHERE %s = 'd-1'".formatted(change, id));
    }

    CommandRun run = CommandRun.of("replay", store, "--policy", "best");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(store.toString(), problem);
  }

  @Test
  void replay_ofAnExploringGateway_estimatesOtherPolicies()
      throws IOException, SQLException, InterruptedException {
    Path store = store(3000, 0.3, false);
    JsonNode told =
        CommandRun.of(
                "replay",
                store,
                "--policy",
                "model:large",
                "--policy",
                "cheapest@0.7",
                "--policy",
                "cheapest@0.2",
                "--json")
            .json();
    assertThat(ContractKeys.missing("replay", told)).isEmpty();
    Map<String, Double> truth =
        Map.of(
            "logged", 0.15 * 0.9 + 0.85 * (0.6 * 0.85 + 0.4 * 0.3),
            "model:large", 0.9,
            "cheapest@0.7", 0.6 * 0.85 + 0.4 * 0.9,
            "cheapest@0.2", 0.6 * 0.85 + 0.4 * 0.3);
    for (JsonNode row : told) {
      assertThat(truth.get(row.get("policy").asString()))
          .as("%s", row)
          .isBetween(row.get("low").asDouble() - 0.02, row.get("high").asDouble() + 0.02);
    }
    JsonNode dr = row(told, "model:large", "dr");
    JsonNode ips = row(told, "model:large", "ips");
    assertThat(dr.get("high").asDouble() - dr.get("low").asDouble())
        .isLessThan(ips.get("high").asDouble() - ips.get("low").asDouble());
    assertThat(dr.get("differenceLow").asDouble()).isPositive();
    assertThat(dr.get("cost").asDouble()).isCloseTo(0.01, within(1e-9));

    String text = CommandRun.narrow("replay", store, "--policy", "cheapest@0.7").out();
    assertThat(text.replaceAll("\\s+", " "))
        .contains("cheapest@0.7 would do better than what was chosen");
  }

  @Test
  void report_ofAStoreWithVotes_countsThemInWinRates() throws Exception {
    Path file = store(20, 0.3, false);
    StoreConfig config =
        new StoreConfig(
            Optional.empty(), Optional.empty(), Optional.empty(), false, Duration.ZERO, false);
    try (DecisionStore store = new DecisionStore(config, file, Clock.systemUTC())) {
      for (int i = 0; i < 8; i++) {
        String better = i < 6 ? "large" : "small";
        store.vote("d-" + i, better, better.equals("large") ? "small" : "large", Optional.empty());
      }
    }
    JsonNode told =
        CommandRun.of("report", file, "--to", folder.resolve("report"), "--json").json();
    CommandRun.narrow("report", file, "--to", folder.resolve("report"));
    assertThat(told.get("votes").asInt()).isEqualTo(8);
    JsonNode best = told.get("wins").get(0);
    assertThat(best.get("model").asString()).isEqualTo("large");
    assertThat(best.get("comparisons").asInt()).isEqualTo(8);
    assertThat(best.get("winRate").asDouble()).isCloseTo(0.75, within(1e-9));
  }

  private static JsonNode row(JsonNode told, String policy, String method) {
    for (JsonNode row : told) {
      if (row.get("policy").asString().equals(policy)
          && row.get("method").asString().equals(method)) {
        return row;
      }
    }
    throw new AssertionError("no " + policy + ", " + method);
  }

  @Test
  void replay_withoutExploration_refusesWithTheReason()
      throws IOException, SQLException, InterruptedException {
    Path store = store(300, 0, false);
    CommandRun told = CommandRun.of("replay", store, "--policy", "model:large");
    assertThat(told.status()).isZero();
    assertThat(told.out()).contains("no overlap", "cannot tell");
    JsonNode row =
        row(
            CommandRun.of("replay", store, "--policy", "model:large", "--json").json(),
            "model:large",
            "dr");
    assertThat(row.get("estimate").isNull()).isTrue();
    assertThat(row.get("reason").asString()).contains("no overlap");
  }

  @Test
  void report_whereTheLogCannotTell_saysWhy()
      throws IOException, SQLException, InterruptedException {
    Path store = store(300, 0, false);
    Path page = folder.resolve("report");
    CommandRun run = CommandRun.of("report", store, "--to", page, "--policy", "model:large");
    assertThat(run.status()).isZero();
    assertThat(Files.readString(page.resolve("index.html")))
        .contains("The log cannot tell of model:large: no overlap");
  }

  @Test
  void replay_withoutAModel_choosesAmongTheOthers()
      throws IOException, SQLException, InterruptedException {
    Path store = store(3000, 0.3, false);
    JsonNode told =
        CommandRun.of("replay", store, "--policy", "best", "--without", "large", "--json").json();
    JsonNode dr = row(told, "best", "dr");
    assertThat(0.6 * 0.85 + 0.4 * 0.3)
        .isBetween(dr.get("low").asDouble() - 0.02, dr.get("high").asDouble() + 0.02);
    assertThat(dr.get("cost").asDouble()).isCloseTo(0.001, within(1e-9));
  }

  /// A gateway in a dry run whose default model is the best one.
  private Path dryRun(int feedback) throws SQLException, InterruptedException {
    Path file = folder.resolve("dry-run.sqlite");
    SplittableRandom random = new SplittableRandom(9);
    List<Double> outcomes = new ArrayList<>();
    StoreConfig config =
        new StoreConfig(
            Optional.empty(), Optional.empty(), Optional.empty(), false, Duration.ZERO, false);
    try (DecisionStore store = new DecisionStore(config, file, Clock.systemUTC())) {
      for (int i = 0; i < 600; i++) {
        boolean chance = i < feedback; // a canary's, before the dry run
        List<Candidate> candidates =
            List.of(
                new Candidate("large", chance ? 0.95 : 1, 0.88, 0.01),
                new Candidate("small", chance ? 0.05 : 0, 0.6, 0.001),
                new Candidate("medium", 0, 0.7, 0.002));
        store.completed(
            CompletedRequest.decisionAlone(
                Clock.systemUTC().instant(),
                Optional.empty(),
                SimulatedStore.decision(i, "large", "prompt " + i, candidates)));
        outcomes.add(random.nextDouble() < 0.9 ? 1.0 : 0.0);
        boolean small = random.nextBoolean();
        store.compared(
            new Comparison(
                "d-" + i,
                Clock.systemUTC().instant(),
                "large",
                small ? "small" : "medium",
                2,
                outcomes.getLast(),
                random.nextDouble() < (small ? 0.5 : 0.6) ? 1 : 0,
                0.001,
                ""));
      }
    }
    SimulatedStore.feedback(file, outcomes.subList(0, feedback));
    return file;
  }

  @Test
  void replay_ofADryRun_comparesWithWhatClientsGot()
      throws IOException, SQLException, InterruptedException {
    Path store = dryRun(0);
    CommandRun run =
        CommandRun.narrow("replay", store, "--policy", "model:medium", "--policy", "best");
    assertThat(run.out()).contains("no policy is certainly better");
    JsonNode told =
        CommandRun.of("replay", store, "--policy", "model:medium", "--policy", "best", "--json")
            .json();
    JsonNode logged = row(told, "logged", "mean");
    assertThat(logged.get("source").asString()).isEqualTo("judge");
    assertThat(logged.get("estimate").asDouble()).isCloseTo(0.9, within(0.03));
    assertThat(logged.get("cost").asDouble()).isCloseTo(0.01, within(1e-9));
    JsonNode medium = row(told, "model:medium", "dr");
    assertThat(0.6).isBetween(medium.get("low").asDouble(), medium.get("high").asDouble());
    assertThat(medium.get("differenceHigh").asDouble()).isLessThan(-0.1);
  }

  @Test
  void replay_whereFeedbackCannotTell_takesTheJudgesScores()
      throws IOException, SQLException, InterruptedException {
    JsonNode told =
        CommandRun.of(
                "replay",
                dryRun(200),
                "--policy",
                "model:large",
                "--policy",
                "model:medium",
                "--json")
            .json();
    assertThat(row(told, "logged", "mean").get("source").asString()).isEqualTo("feedback");
    assertThat(row(told, "model:large", "dr").get("source").asString()).isEqualTo("feedback");
    JsonNode medium = row(told, "model:medium", "dr");
    assertThat(medium.get("source").asString()).isEqualTo("judge");
    assertThat(medium.get("differenceHigh").asDouble()).isLessThan(-0.1);
  }

  /// Each of three specialists is right on its own kind of prompt. The old forecasts prefer one
  /// everywhere; a model file of the specialists' answers knows better.
  @Test
  void replay_withANewerModelFile_estimatesWhatItsForecastsWouldGet()
      throws IOException, SQLException, InterruptedException {
    List<String> models = List.of("adder", "chemist", "traveller");
    Path table = SkilledServer.table(folder.resolve("answers.csv"), 150, models);
    Path newer = folder.resolve("newer.safetensors");
    assertThat(CommandRun.of("train", table, "--to", newer).status()).isZero();
    Path file = folder.resolve("specialists.sqlite");
    SplittableRandom random = new SplittableRandom(5);
    List<Double> outcomes = new ArrayList<>();
    StoreConfig config =
        new StoreConfig(
            Optional.empty(), Optional.empty(), Optional.empty(), true, Duration.ZERO, false);
    try (DecisionStore store = new DecisionStore(config, file, Clock.systemUTC())) {
      for (int i = 0; i < 600; i++) {
        String model = models.get(random.nextInt(3));
        List<Candidate> candidates =
            models.stream()
                .map(m -> new Candidate(m, 1.0 / 3, m.equals("adder") ? 0.9 : 0.5, 0.001))
                .toList();
        store.completed(
            CompletedRequest.decisionAlone(
                Clock.systemUTC().instant(),
                Optional.empty(),
                SimulatedStore.decision(i, model, SkilledServer.text(150 + i), candidates)));
        outcomes.add(SkilledServer.right(model, 150 + i) ? 1.0 : 0.0);
      }
    }
    SimulatedStore.feedback(file, outcomes);
    JsonNode old = CommandRun.of("replay", file, "--policy", "best", "--json").json();
    assertThat(row(old, "best", "dr").get("high").asDouble()).isLessThan(0.7);
    JsonNode told =
        CommandRun.of("replay", file, "--policy", "best", "--model", newer, "--json").json();
    JsonNode dr = row(told, "best", "dr");
    assertThat(0.95).isBetween(dr.get("low").asDouble() - 0.02, dr.get("high").asDouble() + 0.02);
    assertThat(dr.get("differenceLow").asDouble()).isGreaterThan(0.2);
  }

  @Test
  void replay_withWrongInput_saysWhatToDo() throws IOException, SQLException, InterruptedException {
    Path store = store(60, 0.3, false);
    assertThat(CommandRun.of("replay", folder.resolve("none"), "--policy", "best").err())
        .contains("is no file", "decisions.sqlite");
    Path text =
        Files.writeString(folder.resolve("text.sqlite"), "no database, but a text of some length");
    CommandRun noStore = CommandRun.of("replay", text, "--policy", "best");
    assertThat(noStore.status()).isEqualTo(2);
    assertThat(noStore.err()).contains("cannot be read as the store of a gateway");
    assertThat(CommandRun.of("replay", store, "--policy", "cheapst@0.8").err())
        .contains("cheapst@0.8");
    assertThat(CommandRun.of("replay", store, "--policy", "model:larg").err())
        .contains("did you mean large");
    assertThat(
            CommandRun.of("replay", store, "--policy", "best", "--model", folder.resolve("m"))
                .err())
        .contains("prompts: true");
  }
}
