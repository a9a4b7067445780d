package org.embedllm.app;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.kernel.KernelTraining;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Graded scores and their weights from a table to a new model, with the table and the commands of
/// `examples/data`.
@Tag("training")
class GradedCommandsTest {
  private static final Path ROOT = root();
  private static final Path EXAMPLE = ROOT.resolve("examples").resolve("data");

  @TempDir static Path folder;
  private static Path pool = Path.of("");

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (here != null && !Files.isDirectory(here.resolve("examples").resolve("data"))) {
      here = here.getParent();
    }
    return here == null ? Path.of("") : here;
  }

  /// Runs the commands that the example's text gives, in their order.
  @BeforeAll
  static void runTheExample() throws IOException {
    for (String line : Files.readAllLines(EXAMPLE.resolve("README.md"))) {
      if (line.startsWith("./embedllm ")) {
        List<Object> words = new ArrayList<>();
        for (String word : line.replaceFirst("#.*", "").strip().split("\\s+")) {
          words.add(
              word.endsWith(".csv")
                  ? ROOT.resolve(word) // where ./embedllm is
                  : word.endsWith(".safetensors") ? folder.resolve(word) : word);
        }
        words.removeFirst();
        CommandRun run = CommandRun.of(words.toArray());
        assertThat(run.status()).as("%s: %s", line, run.err()).isZero();
        if (line.contains("inspect")) {
          assertThat(run.out()).contains(KernelTraining.DISPERSION);
        }
      }
    }
    pool = folder.resolve("graded.safetensors");
  }

  @Test
  void train_gradedTable_keepsTheNoiseOfItsScores() throws IOException {
    assertThat(noise(pool, "between")).isPositive();
    assertThat(noise(pool, "between") + noise(pool, "within")).isLessThan(1);
    JsonNode best = CommandRun.of("models", pool, "--json").json().get(0);
    Map<String, Double> means =
        rows().stream()
            .collect(groupingBy(row -> row[0], averagingDouble(row -> Double.parseDouble(row[3]))));
    assertThat(means.get(best.get("model").asString())).isEqualTo(Collections.max(means.values()));
  }

  @Test
  void train_rightFrom_countsTheShareOfScoresFromThereOn() throws IOException {
    ModelArtifact labels = ModelArtifact.open(folder.resolve("labels.safetensors"));
    List<Question> questions =
        TrainingQuestions.beside(folder.resolve("labels.safetensors"), labels)
            .orElseThrow()
            .matrix()
            .questions();
    for (int i = 0; i < labels.training().models().size(); i++) {
      String model = labels.training().models().get(i);
      long right =
          rows().stream()
              .filter(row -> row[0].equals(model))
              .filter(row -> questions.stream().anyMatch(q -> q.text().equals(row[2])))
              .filter(row -> Double.parseDouble(row[3]) >= 0.75)
              .count();
      assertThat(labels.training().accuracy(i))
          .isCloseTo((double) right / questions.size(), within(1e-9));
    }
  }

  /// Rows of the table: model, category, prompt, score, weight.
  private static List<String[]> rows() throws IOException {
    return Files.readAllLines(EXAMPLE.resolve("graded.csv")).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .toList();
  }

  /// Every answer in a row of its own: to even prompts a model always answers alike, to odd ones it
  /// throws a coin.
  private static String single() throws IOException {
    StringBuilder rows = new StringBuilder("model_name,prompt,score,split\n");
    var random = new SplittableRandom(7);
    List<String> texts = texts();
    for (int j = 0; j < texts.size(); j++) {
      for (int i = 0; i < 8; i++) {
        double level = random.nextDouble() < (i + 1) / 9.0 ? 0.9 : 0.1;
        boolean steady = random.nextDouble() < level;
        for (int r = 0; r < 3; r++) {
          boolean right = j % 2 == 0 ? steady : random.nextDouble() < level;
          String part = j % 8 == 6 ? "test" : j % 8 == 7 ? "val" : "train";
          rows.append("m%d,%s,%d,%s%n".formatted(i, texts.get(j), right ? 1 : 0, part));
        }
      }
    }
    return rows.toString();
  }

  @Test
  void answersInRowsOfTheirOwn_measureAndForecastOneMore() throws IOException {
    Path table = folder.resolve("single.csv");
    Files.writeString(table, single());
    Path model = folder.resolve("single.safetensors");
    assertThat(CommandRun.of("train", table, "--to", model).status()).isZero();

    CommandRun shown = CommandRun.of("evaluate", model, table, "--no-as-asked");
    assertThat(shown.out()).contains("One more answer", "shrunk to model + question");
    JsonNode again =
        CommandRun.of("evaluate", model, table, "--no-as-asked", "--json")
            .json()
            .get("oneMoreAnswer");
    assertThat(again.get("cells").asInt()).isEqualTo(8 * again.get("questions").asInt());
    double program = again.get("program").asDouble();
    assertThat(program).isLessThan(again.get("cellMean").asDouble());
    assertThat(again.get("difference").asDouble())
        .isCloseTo(program - again.get("modelAndQuestion").asDouble(), within(1e-9));
    assertThat(again.get("differenceInterval")).hasSize(2);

    String text = texts().getFirst();
    JsonNode ranking =
        CommandRun.of("forecast", model, "--question", text, "--json").json().get("ranking");
    assertThat(ranking).hasSize(8);
    for (JsonNode one : ranking) {
      assertThat(one.get("answers").asInt()).isEqualTo(3);
      assertThat(one.get("expected").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(ranking.get(0).get("expected").asDouble())
        .isGreaterThanOrEqualTo(ranking.get(7).get("expected").asDouble());
    assertThat(CommandRun.of("forecast", model, "--question", text).out())
        .contains("One more answer", "expected score");
    CommandRun unknown = CommandRun.of("forecast", model, "--question", "nothing");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("was not trained on a question");
    CommandRun both = CommandRun.of("forecast", model, text, "--question", text);
    assertThat(both.err()).contains("give prompts or --question, not both");
    JsonNode means =
        CommandRun.of("evaluate", pool, EXAMPLE.resolve("graded.csv"), "--no-as-asked", "--json")
            .json();
    assertThat(means.get("oneMoreAnswer").isNull()).isTrue();
    assertThat(means.get("oneMoreAnswerReason").asString()).isNotEmpty();
  }

  /// The same answers as rows of their own, or as their means with a weight.
  @Test
  void add_meansWithTheirWeights_areTheSameAsTheAnswersAlone() throws IOException {
    StringBuilder apart = new StringBuilder("model_name,prompt,score\n");
    StringBuilder means = new StringBuilder("model_name,prompt,score,weight\n");
    int answer = 0;
    for (String text : texts().subList(0, 12)) {
      double sum = 0;
      for (int r = 0; r < 4; r++) {
        double score = (answer++ * 3 + r) % 5 / 4.0;
        sum += score;
        apart.append("new,%s,%s%n".formatted(text, score));
      }
      means.append("new,%s,%s,4%n".formatted(text, sum / 4));
    }
    JsonNode one = added(pool, apart, "apart");
    JsonNode other = added(pool, means, "means");
    for (String number : List.of("predictedAccuracy", "low", "high")) {
      assertThat(one.get("accuracy").get(number).asDouble())
          .isCloseTo(other.get("accuracy").get(number).asDouble(), within(1e-5));
    }
  }

  /// A mean of more answers counts more, as far as the noise of scores allows: with n answers 1 /
  /// (between + within / n), at most n. A pool of labels counts each as one.
  @Test
  void add_largerWeight_narrowsTheIntervalOfAGradedPoolAlone() throws IOException {
    double one = Math.min(1, 1 / (noise(pool, "between") + noise(pool, "within")));
    double many = Math.min(100, 1 / (noise(pool, "between") + noise(pool, "within") / 100));
    assertThat(many).isGreaterThan(2 * one);
    double wide = width(added(pool, weighted(1), "one"));
    double narrow = width(added(pool, weighted(100), "hundred"));
    assertThat(narrow).isLessThan(0.95 * wide);

    StringBuilder table = new StringBuilder("model_name,prompt,label\n");
    for (String[] row : rows()) {
      table.append(
          "%s,%s,%d%n".formatted(row[0], row[2], Double.parseDouble(row[3]) >= 0.75 ? 1 : 0));
    }
    Path labels = folder.resolve("right-or-wrong.safetensors");
    CommandRun.of(
        "train", Files.writeString(folder.resolve("right-or-wrong.csv"), table), "--to", labels);
    assertThat(ModelArtifact.open(labels).notes()).doesNotContainKey(KernelTraining.DISPERSION);
    JsonNode first = added(labels, weighted(1), "one-label");
    JsonNode second = added(labels, weighted(100), "hundred-label");
    assertThat(second.get("accuracy")).isEqualTo(first.get("accuracy"));
  }

  /// With the noise of labels in its file instead of its own, the same pool believes less.
  @Test
  void add_otherNoiseInTheModelFile_weighsTheSameAnswersOtherwise() throws IOException {
    ModelArtifact artifact = ModelArtifact.open(pool);
    Path noisy = folder.resolve("noisy.safetensors");
    artifact
        .withNote(KernelTraining.DISPERSION, "{\"between\": 1.0, \"within\": 0.0}")
        .write(noisy, TrainingQuestions.beside(pool, artifact));
    JsonNode own = added(pool, weighted(100), "own-noise");
    JsonNode labels = added(noisy, weighted(100), "noise-of-labels");
    assertThat(width(own)).isLessThan(0.95 * width(labels));
    // With the noise of labels no answer counts more than once.
    assertThat(added(noisy, weighted(1), "noise-of-labels-once").get("accuracy"))
        .isEqualTo(labels.get("accuracy"));
  }

  private static double noise(Path model, String part) throws IOException {
    String note = ModelArtifact.open(model).notes().getOrDefault(KernelTraining.DISPERSION, "");
    return JsonMapper.shared().readTree(note).get(part).asDouble();
  }

  private static List<String> texts() throws IOException {
    ModelArtifact artifact = ModelArtifact.open(pool);
    return TrainingQuestions.beside(pool, artifact).orElseThrow().matrix().questions().stream()
        .map(question -> question.text())
        .toList();
  }

  /// Scores of 12 answers, each the mean of as many.
  private static CharSequence weighted(int answers) throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder table = new StringBuilder("model_name,prompt,score,weight\n");
    for (String text : texts().subList(0, 12)) {
      table.append("new,%s,%s,%d%n".formatted(text, random.nextInt(5) / 4.0, answers));
    }
    return table;
  }

  private static JsonNode added(Path model, CharSequence table, String name) throws IOException {
    Path answers = Files.writeString(folder.resolve(name + ".csv"), table);
    Path to = folder.resolve(name + ".safetensors");
    return CommandRun.of("add", model, answers, "--to", to, "--json").json().get("added").get(0);
  }

  private static double width(JsonNode added) {
    return added.get("accuracy").get("high").asDouble()
        - added.get("accuracy").get("low").asDouble();
  }
}
