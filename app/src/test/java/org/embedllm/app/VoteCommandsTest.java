package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.app.web.view.ModelCard;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.SpaceMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A pool from votes alone, votes beside scores, and new models before their first answer.
class VoteCommandsTest {
  private static final String[] MODELS = {"weak-1b", "middle-8b", "strong-70b"};
  private static final String[] NOUNS = {"river", "prime", "verb", "cell", "tax", "moon", "loop"};

  @TempDir static Path folder;
  private static Path pool = Path.of("");
  private static CommandRun trained = new CommandRun(-1, "", "");

  @BeforeAll
  static void trainOnVotes() throws IOException {
    Path votes = folder.resolve("votes.csv");
    Files.writeString(votes, votes(MODELS));
    pool = folder.resolve("votes.safetensors");
    trained = CommandRun.of("train", votes, "--to", pool, "--json");
  }

  /// The later of two models wins three votes of four.
  private static String votes(String... models) {
    StringBuilder table = new StringBuilder("prompt,model_a,model_b,winner\n");
    int vote = 0;
    for (int j = 0; j < 42; j++) {
      for (int a = 0; a < models.length; a++) {
        int b = (a + 1) % models.length;
        String stronger = models[Math.max(a, b)];
        String weaker = models[Math.min(a, b)];
        String winner = vote % 8 == 7 ? "tie" : vote % 4 == 3 ? weaker : stronger;
        table
            .append(text(j))
            .append(',')
            .append(models[a])
            .append(',')
            .append(models[b])
            .append(',')
            .append(winner)
            .append('\n');
        vote++;
      }
    }
    return table.toString();
  }

  private static String text(int j) {
    return "Tell me about the %s number %d".formatted(NOUNS[j % NOUNS.length], j);
  }

  @Test
  void train_onVotesAlone_saysThatItsProbabilitiesArePreferences() throws IOException {
    assertThat(trained.json().get("quantity").asString()).isEqualTo("preference");
    assertThat(trained.json().get("votes").get("count").asInt()).isPositive();
    JsonNode forecast = CommandRun.of("forecast", pool, "What is a river?", "--json").json();
    assertThat(forecast.get("quantity").asString()).isEqualTo("preference");
    CommandRun text = CommandRun.of("route", pool, "What is a river?");
    assertThat(text.out()).contains("P(preferred)").contains("over an average model of the pool");
    assertThat(text.out()).contains("→ strong-70b");
  }

  @Test
  void evaluate_onVotes_givesTheirLogLossBesideBradleyTerry() throws IOException {
    JsonNode json =
        CommandRun.of(
                "evaluate",
                pool,
                folder.resolve("votes.csv"),
                "--split",
                "all",
                "--no-as-asked",
                "--json")
            .json();
    assertThat(json.get("quantity").asString()).isEqualTo("preference");
    assertThat(json.get("votes").get("logLoss").asDouble()).isBetween(0.3, 1.1);
    assertThat(json.get("votes").get("differenceInterval").size()).isEqualTo(2);
    String text =
        CommandRun.narrow("evaluate", pool, folder.resolve("votes.csv"), "--no-as-asked").out();
    assertThat(text)
        .contains("share won", "chosen model preferred?", "is preferred on")
        .doesNotContainPattern("\\b(right|correct|wrong)\\b");
  }

  @Test
  void add_fromVotesAgainstThePool_placesTheModel() throws IOException {
    Path more = folder.resolve("more.csv");
    Files.writeString(more, votes("strong-70b", "new-100b"));
    Path to = folder.resolve("more.safetensors");
    JsonNode added = CommandRun.of("add", pool, more, "--to", to, "--json").json().get("added");
    assertThat(added.size()).isEqualTo(1);
    assertThat(added.get(0).get("model").asString()).isEqualTo("new-100b");
    assertThat(added.get(0).get("answers").asInt()).isEqualTo(84);
    assertThat(added.get(0).get("accuracy").get("predictedAccuracy").asDouble()).isGreaterThan(0.6);
    assertThat(CommandRun.of("models", to).out())
        .contains("new-100b")
        .contains("preferred means over an average model of the pool");
  }

  @Test
  void add_factsToAPoolFromVotes_isRefusedWithTheReason() throws IOException {
    Path facts = Files.writeString(folder.resolve("facts-of-votes.csv"), "model\nnew-100b\n");
    CommandRun refused =
        CommandRun.of("add", pool, "--facts", facts, "--to", folder.resolve("no.safetensors"));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("learned from votes").contains("leave out --facts");
  }

  @Test
  void page_ofVotes_ranksAsTheLeaderboard() throws IOException {
    JsonNode models = CommandRun.of("models", pool, "--json").json();
    ModelSpace space = ModelSpace.open(pool, Optional.empty());
    for (JsonNode model : models) {
      int row = space.row(model.get("model").asString()).orElseThrow();
      ModelCard card = ModelCard.of(space, row);
      assertThat(card.accuracy()).isEqualTo(model.get("predictedAccuracy").asDouble());
      assertThat(card.low()).isEqualTo(model.get("low").asDouble());
      assertThat(card.high()).isEqualTo(model.get("high").asDouble());
      assertThat(SpaceMap.pca(space).models().get(row).accuracy()).isEqualTo(card.accuracy());
    }
  }

  @Test
  void models_ofVotesOnTwoKinds_isALeaderboardOfEach() throws IOException {
    StringBuilder table = new StringBuilder("prompt,category,model_a,model_b,winner\n");
    for (int j = 0; j < 80; j++) {
      boolean poems = j % 2 == 0;
      String text = poems ? "Write a poem about " : "Compute the integral of ";
      String better = MODELS[poems ? 2 : 0];
      for (String worse : MODELS) {
        if (!worse.equals(better)) {
          boolean turned = j % 4 > 1; // each model is as often the first as the second
          table.append(
              "%s%s %d,%s,%s,%s,%s%n"
                  .formatted(
                      text,
                      NOUNS[j % NOUNS.length],
                      j,
                      poems ? "poems" : "calculus",
                      turned ? worse : better,
                      turned ? better : worse,
                      j % 5 == 4 ? worse : better));
        }
      }
    }
    Path kinds = folder.resolve("kinds.safetensors");
    CommandRun.of("train", Files.writeString(folder.resolve("kinds.csv"), table), "--to", kinds);

    JsonNode models = CommandRun.of("models", kinds, "--json").json();

    assertThat(models.size()).isEqualTo(3);
    for (JsonNode model : models) {
      JsonNode poems = model.get("perBenchmark").get("poems");
      JsonNode calculus = model.get("perBenchmark").get("calculus");
      assertThat(model.get("quantity").asString()).isEqualTo("preference");
      assertThat(poems.get("low").asDouble()).isLessThan(poems.get("high").asDouble());
      double difference =
          poems.get("predictedAccuracy").asDouble() - calculus.get("predictedAccuracy").asDouble();
      switch (model.get("model").asString()) {
        case "strong-70b" -> assertThat(difference).isGreaterThan(0.05);
        case "weak-1b" -> assertThat(difference).isLessThan(-0.05);
        default -> assertThat(Math.abs(difference)).isLessThan(0.2);
      }
    }
    assertThat(CommandRun.narrow("models", kinds).out()).contains("\npoems\n", "\ncalculus\n");
    JsonNode declined = CommandRun.of("forecast", kinds, "?!", "--json").json();
    assertThat(declined.get("abstain").asBoolean()).isTrue();
    for (int i = 0; i < models.size(); i++) {
      JsonNode ranked = declined.get("ranking").get(i);
      assertThat(ranked.get("model")).isEqualTo(models.get(i).get("model"));
      assertThat(ranked.get("probability")).isEqualTo(models.get(i).get("predictedAccuracy"));
      assertThat(ranked.get("low")).isEqualTo(models.get(i).get("low"));
    }
  }

  @Test
  void learn_fromVotes_movesBothModels() throws IOException {
    Path to = folder.resolve("learned.safetensors");
    JsonNode learned =
        CommandRun.of("learn", pool, folder.resolve("votes.csv"), "--to", to, "--json")
            .json()
            .get("learned");
    assertThat(learned.size()).isEqualTo(3);
    assertThat(learned.get(0).get("outcomes").asInt()).isEqualTo(84);
  }

  @Test
  void add_scoresToAPoolFromVotes_isRefused() throws IOException {
    Path scores = folder.resolve("scores.csv");
    Files.writeString(scores, "model_name,prompt,label\nother,%s,1\n".formatted(text(0)));
    CommandRun run = CommandRun.of("add", pool, scores, "--to", folder.resolve("no.safetensors"));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("votes alone");
  }

  @Test
  void votesAndFacts_besideScores_moveAndPlaceModels() throws IOException {
    StringBuilder table = new StringBuilder("model_name,prompt,label\n");
    for (int j = 0; j < 60; j++) {
      for (int i = 0; i < MODELS.length; i++) {
        table.append(
            "%s,%s,%d%n".formatted(MODELS[i], text(j), (j * 7 + 3) % 10 < 3 * (i + 1) ? 1 : 0));
      }
    }
    Path both = folder.resolve("both");
    Files.createDirectories(both);
    Files.writeString(both.resolve("scores.csv"), table);
    Files.writeString(both.resolve("votes.csv"), votes(MODELS));
    Path data = folder.resolve("both-data");
    CommandRun.of("import", both.resolve("scores.csv"), both.resolve("votes.csv"), "--to", data);
    Path model = folder.resolve("both.safetensors");
    JsonNode json = CommandRun.of("train", data, "--to", model, "--json").json();
    assertThat(json.has("quantity")).isFalse();
    assertThat(json.get("votes").get("scale").asDouble()).isPositive();

    Path facts = folder.resolve("facts.csv");
    Files.writeString(facts, "model,parameters\nunseen-70b,70\n");
    JsonNode added =
        CommandRun.of(
                "add",
                model,
                "--facts",
                facts,
                "--to",
                folder.resolve("facts.safetensors"),
                "--json")
            .json();
    JsonNode accuracy = added.get("added").get(0).get("accuracy");
    assertThat(added.get("added").get(0).get("answers").asInt()).isZero();
    assertThat(accuracy.get("high").asDouble() - accuracy.get("low").asDouble()).isGreaterThan(0.2);
    assertThat(added.has("factsExplain")).isTrue();

    // The same model, which loses nearly every vote.
    Path losing = folder.resolve("losing.csv");
    StringBuilder lost = new StringBuilder("prompt,model_a,model_b,winner\n");
    for (int j = 0; j < 42; j++) {
      lost.append("%s,unseen-70b,middle-8b,middle-8b%n".formatted(text(j)));
    }
    Files.writeString(losing, lost);
    JsonNode voted =
        CommandRun.of(
                "add",
                model,
                losing,
                "--facts",
                facts,
                "--to",
                folder.resolve("voted.safetensors"),
                "--json")
            .json()
            .get("added")
            .get(0);
    assertThat(voted.get("votes").asInt()).isEqualTo(42);
    assertThat(voted.get("accuracy")).isEqualTo(accuracy);
    assertThat(voted.get("byVector").get("predictedAccuracy").asDouble())
        .isLessThan(accuracy.get("predictedAccuracy").asDouble() - 0.1);
  }
}
