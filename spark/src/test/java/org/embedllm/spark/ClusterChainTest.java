package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// All commands one after another on a cluster of several processes, and the same with the program
/// on one machine, on real data where it lies beside the project.
@Tag("slow")
@Tag("process")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class ClusterChainTest {
  private static final Path PROGRAM = Path.of("../embedllm").toAbsolutePath().normalize();
  private static final String ENCODER = "minilm-l6-fast";
  private static final int ADDED = 8; // models

  @TempDir private Path folder;

  /// What models are forecast for a prompt, and the one that is chosen.
  private record Forecast(String route, Map<String, Double> probabilities) {}

  @ParameterizedTest
  @ValueSource(strings = {"zeroeval", "mmlu-pro"})
  void chain_realData_givesTheResultsOfOneMachine(String name) throws Exception {
    Path data = Path.of("../../shared/data").resolve(name).toAbsolutePath().normalize();
    Assumptions.assumeTrue(
        Files.isDirectory(data), "the folder shared/data beside the project is not here");
    Assumptions.assumeTrue(
        Files.isRegularFile(PROGRAM.resolveSibling("app/target/embedllm.jar")),
        "the program is not built: mvn -Pspark,slow verify builds it before");

    embedllm("import", data, "--to", path("one"));
    embedllm("encode", path("one"), "--encoder", ENCODER);
    embedllm("train", path("one"), "--to", path("one.safetensors"));
    EvaluationData answers = DatasetDirectory.read(path("one")).data();
    write(answers.part(SplitPart.TRAIN), path("answers.csv"));
    CorrectnessMatrix test = answers.part(SplitPart.TEST);
    writePrompts(test, path("prompts.jsonl"));
    Path two = path("one-more.safetensors");
    embedllm("add", path("one.safetensors"), path("answers.csv"), "--to", two);
    embedllm("route", two, "--file", path("prompts.jsonl"), "--json");
    List<Forecast> expected = new ArrayList<>();
    for (JsonNode route : JsonTrees.read(Files.readString(path("route.out")))) {
      Map<String, Double> probabilities = new HashMap<>();
      route
          .path("ranking")
          .forEach(one ->
              probabilities.put(one.path("model").asString(), one.path("probability").asDouble()));
      expected.add(new Forecast(route.path("route").asString(), probabilities));
    }

    Files.createDirectory(path("cluster"));
    try (SparkCluster cluster = new SparkCluster(path("cluster"))) {
      String mount = "spark.hadoop.fs.viewfs.mounttable.data.link./" + name + "=" + data.toUri();
      cluster.run(
          "import",
          List.of("--conf", mount),
          "import",
          "viewfs://data/" + name,
          "--to",
          path("many").toString());
      List<String> encoders = List.of("--jars", SparkCluster.encoderJars(weights()));
      cluster.run("encode", encoders, "encode", path("many").toString(), "--encoder", ENCODER);
      String pool = path("many.safetensors").toString();
      cluster.run("train", List.of(), "train", path("many").toString(), "--to", pool);
      String more = path("many-more.safetensors").toString();
      cluster.run("add", List.of(), "add", pool, path("answers.csv").toString(), "--to", more);
      cluster.run(
          "forecast",
          encoders,
          "forecast",
          more,
          "--file",
          path("prompts.jsonl").toString(),
          "--to",
          path("forecasts.parquet").toString(),
          "--top",
          "1000");
    }

    EvaluationData imported = DatasetDirectory.read(path("many")).data();
    assertThat(imported.digest()).isEqualTo(answers.digest());
    for (String file : List.of("models.csv", "questions.csv", "responses.safetensors")) {
      assertThat(Sha256.of(path("many").resolve(file)))
          .as(file)
          .isEqualTo(Sha256.of(path("one").resolve(file)));
    }
    List<Forecast> got = forecasts(test);
    assertThat(got).hasSameSizeAs(expected);
    int same = 0;
    for (int j = 0; j < got.size(); j++) {
      assertThat(got.get(j).probabilities())
          .containsOnlyKeys(expected.get(j).probabilities().keySet());
      same += got.get(j).route().equals(expected.get(j).route()) ? 1 : 0;
    }
    double one = logLoss(test, expected);
    double many = logLoss(test, got);
    System.out.printf(
        Locale.ROOT,
        "%s: digest %s, log loss %.9f on one machine and %.9f on the cluster, %d of %d routes are the same%n",
        name,
        imported.digest(),
        one,
        many,
        same,
        got.size());
    assertThat(many).isBetween(one - 1e-4, one + 1e-4);
    assertThat(same).isGreaterThanOrEqualTo((int) Math.ceil(0.999 * got.size()));
    assertThat(one).isLessThan(0.6); // The forecasts say something.
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static Path weights() throws IOException {
    try (Stream<Path> jars = Files.list(PROGRAM.resolveSibling("app/target/lib"))) {
      return jars.filter(jar -> jar.toString().contains("all-minilm-l6-v2-q"))
          .findFirst()
          .orElseThrow();
    }
  }

  /// Runs the program; what it prints is in a file with the command's name.
  private void embedllm(Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path errors = path(arguments[0] + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(path(arguments[0] + ".out").toFile())
            .redirectError(errors.toFile());
    // Texts that another data set had are not encoded again otherwise.
    builder.environment().put("EMBEDLLM_CACHE", path("cache").toString());
    assertThat(builder.start().waitFor()).as(() -> text(errors)).isZero();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Answers of models of the pool under other names, to a third of the questions.
  private static void write(CorrectnessMatrix matrix, Path file) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      out.println("model_name,prompt_id,score");
      for (int j = 0; j < matrix.questionCount(); j += 3) {
        for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
          if (matrix.cellModel(c) < ADDED) {
            out.println(
                "new-%d,%s,%s"
                    .formatted(
                        matrix.cellModel(c), matrix.questions().get(j).id(), matrix.cellScore(c)));
          }
        }
      }
    }
  }

  private static void writePrompts(CorrectnessMatrix matrix, Path file) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      for (Question question : matrix.questions()) {
        out.println(
            JsonTrees.write(
                new TreeMap<>(Map.of("prompt_id", question.id(), "prompt", question.text()))));
      }
    }
  }

  /// The cluster's forecasts, in the order of the questions.
  private List<Forecast> forecasts(CorrectnessMatrix matrix) {
    Map<String, Forecast> byId = new HashMap<>();
    for (Row row :
        LocalSpark.session()
            .read()
            .parquet(path("forecasts.parquet").toString())
            .select("prompt_id", "route", "ranking")
            .collectAsList()) {
      Map<String, Double> probabilities = new HashMap<>();
      for (Row one : row.<Row>getList(2)) {
        probabilities.put(one.getString(0), one.getDouble(1));
      }
      byId.put(row.getString(0), new Forecast(row.getString(1), probabilities));
    }
    return matrix.questions().stream().map(question -> byId.get(question.id())).toList();
  }

  /// Of the pool's models and of the added ones, which have the answers of some of the pool's.
  private static double logLoss(CorrectnessMatrix matrix, List<Forecast> forecasts) {
    double sum = 0;
    int count = 0;
    for (int j = 0; j < matrix.questionCount(); j++) {
      Map<String, Double> probabilities = forecasts.get(j).probabilities();
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        double score = matrix.cellScore(c);
        int model = matrix.cellModel(c);
        for (String name : List.of(matrix.models().get(model), "new-" + model)) {
          Double p = probabilities.get(name);
          if (p != null) {
            sum -= score * Math.log(p) + (1 - score) * Math.log(1 - p);
            count++;
          }
        }
      }
    }
    return sum / count;
  }
}
