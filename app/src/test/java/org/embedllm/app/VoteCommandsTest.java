package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.web.view.ModelCard;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.SpaceMap;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A pool from votes alone, votes beside scores, and new models before their first answer.
@Tag("training")
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
    assertThat(added.get(0).get("quantity").asString()).isEqualTo("preference");
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
    assertThat(refused.err()).contains("learned from votes").contains("leave out facts (--facts)");
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

  /// Each of the two vectors moves along what it weighs of the question, to where the pull of its
  /// prior equals that of the vote as it was forecast before.
  @Test
  void learn_oneVote_movesBothModelsAsItsLikelihoodSays() throws IOException {
    ModelArtifact before = ModelArtifact.open(pool);
    TrainingQuestions questions = TrainingQuestions.beside(pool, before).orElseThrow();
    String text = questions.matrix().questions().getFirst().text();
    Path vote =
        Files.writeString(
            folder.resolve("one-vote.csv"),
            "prompt,model_a,model_b,winner\n%s,weak-1b,strong-70b,model_a\n".formatted(text));
    Path to = folder.resolve("one-vote.safetensors");

    JsonNode learned = CommandRun.of("learn", pool, vote, "--to", to, "--json").json();

    assertThat(learned.get("learned").size()).isEqualTo(2);
    for (JsonNode one : learned.get("learned")) {
      assertThat(one.get("outcomes").asInt()).isEqualTo(1);
    }
    ModelArtifact after = ModelArtifact.open(to);
    float[] vector = questions.vectors().vectors().row(0);
    double[] u = weights(before, vector);
    double weak = logit(before, "weak-1b", u);
    double strong = logit(before, "strong-70b", u);
    assertThat(vector(after, "weak-1b"))
        .containsExactly(moved(before, "weak-1b", u, strong, 1), within(1e-4));
    assertThat(vector(after, "strong-70b"))
        .containsExactly(moved(before, "strong-70b", u, weak, 0), within(1e-4));
    assertThat(vector(after, "middle-8b")).containsExactly(vector(before, "middle-8b"));
    assertThat(logit(after, "weak-1b", u)).isGreaterThan(weak);
    assertThat(logit(after, "strong-70b", u)).isLessThan(strong);
  }

  /// What each number of a vector counts in the logit on a question.
  private static double[] weights(ModelArtifact of, float[] vector) {
    MatrixFactorization model = of.factorization();
    float[] features = model.project(FloatMatrix.wrap(1, vector.length, vector)).row(0);
    double[] u = new double[features.length];
    for (int k = 0; k < u.length; k++) {
      u[k] = features[k] * model.logitWeight(k);
    }
    return u;
  }

  private static double[] vector(ModelArtifact of, String model) {
    float[] values =
        of.factorization().modelVectors().row(of.factorization().models().indexOf(model));
    double[] vector = new double[values.length];
    for (int k = 0; k < vector.length; k++) {
      vector[k] = values[k];
    }
    return vector;
  }

  private static double logit(ModelArtifact of, String model, double[] u) {
    double[] vector = vector(of, model);
    double sum = 0;
    for (int k = 0; k < u.length; k++) {
      sum += u[k] * vector[k];
    }
    return sum;
  }

  /// @param points 1 for the better model, 0 for the worse
  private static double[] moved(
      ModelArtifact of, String model, double[] u, double other, double points) {
    FloatMatrix covariances = of.covariances().orElseThrow();
    int row = of.factorization().models().indexOf(model);
    int k = u.length;
    double[] direction = new double[k]; // the covariance, one outcome older, times u
    double variance = 0; // of the logit
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        direction[i] +=
            (covariances.get(row, i * k + j) + covariances.get(row, j * k + i))
                / 2
                / (0.99965 + 0.01)
                * u[j];
      }
      variance += u[i] * direction[i];
    }
    double start = logit(of, model, u);
    double low = -100;
    double high = 100;
    for (int halving = 0; halving < 200; halving++) {
      double middle = (low + high) / 2;
      double pull = points - 1 / (1 + Math.exp(other - start - middle * variance));
      if (pull > middle) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double[] vector = vector(of, model);
    for (int i = 0; i < k; i++) {
      vector[i] += low * direction[i];
    }
    return vector;
  }

  @Test
  void learn_votesOfOneSide_changeTheOrderAndCountThem() throws IOException {
    StringBuilder table = new StringBuilder("prompt,model_a,model_b,winner\n");
    for (int j = 0; j < 42; j++) {
      boolean turned = j % 2 == 0;
      table.append(
          "%s,%s,%s,middle-8b%n"
              .formatted(
                  text(j),
                  turned ? "strong-70b" : "middle-8b",
                  turned ? "middle-8b" : "strong-70b"));
    }
    Path to = folder.resolve("learned.safetensors");
    JsonNode learned =
        CommandRun.of(
                "learn",
                pool,
                Files.writeString(folder.resolve("one-side.csv"), table),
                "--to",
                to,
                "--json")
            .json()
            .get("learned");
    assertThat(learned.valueStream().map(one -> one.get("outcomes").asInt()))
        .containsExactly(42, 42);
    JsonNode before = CommandRun.of("models", pool, "--json").json();
    JsonNode after = CommandRun.of("models", to, "--json").json();
    assertThat(before.get(0).get("model").asString()).isEqualTo("strong-70b");
    assertThat(after.get(0).get("model").asString()).isEqualTo("middle-8b");
    assertThat(preferred(after, "weak-1b")).isCloseTo(preferred(before, "weak-1b"), within(1e-6));
  }

  private static double preferred(JsonNode models, String name) {
    return models
        .valueStream()
        .filter(one -> one.get("model").asString().equals(name))
        .findFirst()
        .orElseThrow()
        .get("predictedAccuracy")
        .asDouble();
  }

  @Test
  void benchmark_ofVotes_saysThatSharesAreOfPreference() throws IOException {
    Path questions = Files.writeString(folder.resolve("new.txt"), text(50) + "\n" + text(51));
    JsonNode json = CommandRun.of("benchmark", pool, questions, "--json").json();
    assertThat(json.get("quantity").asString()).isEqualTo("preference");
    assertThat(json.get("perModel").get("strong-70b").get("predictedAccuracy").asDouble())
        .isGreaterThan(
            json.get("perModel").get("weak-1b").get("predictedAccuracy").asDouble() + 0.1);
    assertThat(CommandRun.of("benchmark", pool, questions).out())
        .contains("predicted share won", "over an average model of the pool");
  }

  @Test
  void add_scoresToAPoolFromVotes_isRefused() throws IOException {
    Path scores = folder.resolve("scores.csv");
    Files.writeString(scores, "model_name,prompt,label\nother,%s,1\n".formatted(text(0)));
    CommandRun run = CommandRun.of("add", pool, scores, "--to", folder.resolve("no.safetensors"));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("votes alone");
  }

  private static final int[] SIZES = {1, 2, 4, 8, 14, 32, 70, 110};
  private static final double[] RIGHT = {0.2, 0.3, 0.4, 0.5, 0.55, 0.7, 0.8, 0.9};

  private static List<String> sized() {
    return IntStream.of(SIZES).mapToObj("made-%db"::formatted).toList();
  }

  /// Answers of models that are the better the larger they are.
  private static String scores() {
    SplittableRandom random = new SplittableRandom(11);
    StringBuilder table = new StringBuilder("model_name,prompt,label\n");
    for (int j = 0; j < 120; j++) {
      for (int i = 0; i < SIZES.length; i++) {
        table.append(
            "%s,%s,%d%n"
                .formatted(sized().get(i), text(j), random.nextDouble() < RIGHT[i] ? 1 : 0));
      }
    }
    return table.toString();
  }

  /// Neighbors compared on the same texts: of two neighbors the larger one wins three votes of
  /// four, but 14b all of those against 8b. 110b is in none.
  private static String besides() {
    StringBuilder table = new StringBuilder("prompt,model_a,model_b,winner\n");
    for (int j = 0; j < 120; j++) {
      for (int i = 0; i + 2 < SIZES.length; i++) {
        boolean larger = i == 3 || (j + i) % 4 > 0;
        boolean turned = j % 2 == 0;
        table.append(
            "%s,%s,%s,%s%n"
                .formatted(
                    text(j),
                    sized().get(turned ? i + 1 : i),
                    sized().get(turned ? i : i + 1),
                    sized().get(larger ? i + 1 : i)));
      }
    }
    return table.toString();
  }

  @Test
  void votes_besideScores_moveTheModelsThatTheyCompare() throws IOException {
    Path tables = Files.createDirectories(folder.resolve("both"));
    Path scores = Files.writeString(tables.resolve("scores.csv"), scores());
    Path votes = Files.writeString(tables.resolve("votes.csv"), besides());
    Path data = folder.resolve("both-data");
    CommandRun.of("import", scores, votes, "--to", data);
    Path both = folder.resolve("both.safetensors");
    Path alone = folder.resolve("alone.safetensors");
    JsonNode json = CommandRun.of("train", data, "--to", both, "--json").json();
    Path bare = folder.resolve("scores-data");
    CommandRun.of("import", scores, "--to", bare);
    CommandRun.of("train", bare, "--to", alone);

    assertThat(json.has("quantity")).isFalse();
    assertThat(json.get("votes").get("scale").asDouble()).isBetween(0.3, 3.0);
    Path questions = Files.writeString(folder.resolve("both.txt"), text(130) + "\n" + text(131));
    JsonNode with = CommandRun.of("benchmark", both, questions, "--json").json();
    JsonNode without = CommandRun.of("benchmark", alone, questions, "--json").json();
    assertThat(with.has("quantity")).isFalse();
    double[] moved = new double[SIZES.length]; // in logits
    for (int i = 0; i < moved.length; i++) {
      moved[i] = logit(with, sized().get(i)) - logit(without, sized().get(i));
    }
    assertThat(moved[4] - moved[3]).isGreaterThan(0.2); // 14b won all against 8b
    assertThat(moved[7]).isCloseTo(0, within(1e-6)); // 110b is in no vote
  }

  private static double logit(JsonNode benchmark, String model) {
    double p = benchmark.get("perModel").get(model).get("predictedAccuracy").asDouble();
    return Math.log(p / (1 - p));
  }

  /// The expectation is the straight line of accuracy by the logarithm of the size.
  @Test
  void add_factsToAPoolFromScores_placesUnseenModelsByTheirSize() throws IOException {
    Path model = folder.resolve("sized.safetensors");
    CommandRun.of("train", Files.writeString(folder.resolve("sized.csv"), scores()), "--to", model);
    Path facts =
        Files.writeString(
            folder.resolve("facts.csv"), "model,parameters\nunseen-64b,64\nunseen-2b,2\n");
    Path to = folder.resolve("facts.safetensors");
    JsonNode json = CommandRun.of("add", model, "--facts", facts, "--to", to, "--json").json();
    String text = CommandRun.of("add", model, "--facts", facts, "--to", to).out();

    double explained = json.get("factsExplain").asDouble();
    assertThat(explained).isBetween(0.5, 1.0);
    assertThat(text)
        .contains(
            "What is known of models explains %s of the variance of the pool's abilities, each model left out."
                .formatted(TextTable.percent(explained)));
    double[] line = line(CommandRun.of("models", model, "--json").json());
    for (JsonNode added : json.get("added")) {
      JsonNode accuracy = added.get("accuracy");
      boolean large = added.get("model").asString().equals("unseen-64b");
      double expected = line[0] + line[1] * Math.log(large ? 64 : 2);
      assertThat(added.has("quantity")).isFalse();
      assertThat(added.get("answers").asInt()).isZero();
      assertThat(accuracy.get("predictedAccuracy").asDouble()).isCloseTo(expected, within(0.12));
      assertThat(expected)
          .isBetween(accuracy.get("low").asDouble(), accuracy.get("high").asDouble());
      assertThat(accuracy.get("high").asDouble() - accuracy.get("low").asDouble())
          .isGreaterThan(0.2);
    }
  }

  /// Intercept and slope of accuracy by the logarithm of the size, by least squares.
  private static double[] line(JsonNode models) {
    double n = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    for (JsonNode model : models) {
      double size = Math.log(SIZES[sized().indexOf(model.get("model").asString())]);
      double accuracy = model.get("accuracy").asDouble();
      n++;
      x += size;
      y += accuracy;
      xx += size * size;
      xy += size * accuracy;
    }
    double slope = (n * xy - x * y) / (n * xx - x * x);
    return new double[] {(y - slope * x) / n, slope};
  }

  /// Votes move a new model's vector; what its answers say of its accuracy stays.
  @Test
  void add_votesBesideFacts_moveTheVectorTheWayTheyGo() throws IOException {
    Path model = folder.resolve("sized-voted.safetensors");
    CommandRun.of(
        "train", Files.writeString(folder.resolve("sized-voted.csv"), scores()), "--to", model);
    Path facts =
        Files.writeString(folder.resolve("one-fact.csv"), "model,parameters\nunseen-8b,8\n");
    JsonNode lost = addedWithVotes(model, facts, false);
    JsonNode won = addedWithVotes(model, facts, true);
    double known = lost.get("accuracy").get("predictedAccuracy").asDouble();
    assertThat(won.get("accuracy")).isEqualTo(lost.get("accuracy"));
    // It lost all votes against a model of its size, or won all against the same.
    assertThat(lost.get("byVector").get("predictedAccuracy").asDouble()).isLessThan(known - 0.1);
    assertThat(won.get("byVector").get("predictedAccuracy").asDouble()).isGreaterThan(known + 0.1);
  }

  private static JsonNode addedWithVotes(Path model, Path facts, boolean wins) throws IOException {
    StringBuilder votes = new StringBuilder("prompt,model_a,model_b,winner\n");
    for (int j = 0; j < 42; j++) {
      votes.append("%s,unseen-8b,made-8b,%s%n".formatted(text(j), wins ? "unseen-8b" : "made-8b"));
    }
    Path table = Files.writeString(folder.resolve("unseen-" + wins + ".csv"), votes);
    JsonNode added =
        CommandRun.of(
                "add",
                model,
                table,
                "--facts",
                facts,
                "--to",
                folder.resolve("unseen-" + wins + ".safetensors"),
                "--json")
            .json()
            .get("added")
            .get(0);
    assertThat(added.get("votes").asInt()).isEqualTo(42);
    return added;
  }
}
