package org.embedllm.app.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.embedllm.app.experiment.run.ExperimentListener;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.benchmark.PredictionOptions;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.probe.Community;
import org.embedllm.routing.ModelPrices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("training")
class ExperimentsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<ExperimentName> EVERY = List.of(ExperimentName.values());
  static final List<ExperimentName> ALL =
      EVERY.stream().filter(name -> name != ExperimentName.NEWMODELS).toList();

  @TempDir private Path folder;

  @Test
  void run_all_writesEveryFileOfTheContract() throws IOException {
    KernelOptions kernel = KernelOptions.DEFAULT.withLandmarks(40).withThreads(2);
    experiments(setup(2, Optional.of(kernel)), ExperimentListener.NONE).run(EVERY, folder);
    for (ExperimentName name : EVERY) {
      for (String suffix : List.of(".json", ".csv", ".svg")) {
        assertThat(folder.resolve(name.label() + suffix)).isNotEmptyFile();
      }
    }
    String page = Files.readString(folder.resolve("index.html"));
    assertThat(page).contains(InventedPool.data().digest()).contains("Kendall");
    assertThat(page).doesNotContain("NaN").doesNotContain("%s");

    JsonNode table1 = json("table1");
    assertThat(table1.path("sizes").size()).isEqualTo(table1.path("knn").size());
    assertThat(table1.path("factorization").size()).isEqualTo(table1.path("sizes").size());
    JsonNode last = table1.path("paperFactorization").path(table1.path("sizes").size() - 1);
    assertThat(last.path("size").asInt()).isEqualTo(432);
    assertThat(last.path("d").asInt()).isIn(2, 4);
    assertThat(last.path("accuracyInterval").size()).isEqualTo(2);

    JsonNode routing = json("routing");
    assertThat(routing.path("router").asDouble()).isBetween(0.0, 1.0);
    assertThat(routing.path("paperSingleBest").path("accuracy").asDouble())
        .isGreaterThanOrEqualTo(routing.path("singleBest").path("accuracy").asDouble());
    assertThat(routing.path("threshold").path("points").size()).isEqualTo(21);

    JsonNode calibration = routing.path("calibration");
    assertThat(calibration.path("calibrationError").asDouble()).isBetween(0.0, 0.5);
    assertThat(calibration.path("calibrationErrorIfPerfect").asDouble()).isBetween(0.0, 0.5);
    assertThat(calibration.path("reliability").size()).isEqualTo(15);
    assertThat(folder.resolve("reliability.svg")).exists();
    for (String line : Files.readAllLines(folder.resolve("routing.csv"))) {
      assertThat(line.split(",")[11]).as("KNN router: %s", line).isNotEmpty();
    }

    JsonNode benchmarks = json("benchmarks");
    assertThat(benchmarks.size()).isEqualTo(3);
    assertThat(benchmarks.path(0).path("significant").asInt(-1)).isBetween(0, 30);
    assertThat(benchmarks.path(0).path("baselines").path("meanOfModels").has("mse")).isTrue();

    JsonNode costs = json("costs");
    assertThat(costs.path("models").size()).isEqualTo(3);
    assertThat(costs.path("points").size()).isGreaterThan(10);
    assertThat(costs.path("verdict").asString()).isNotBlank();
    assertThat(costs.path("costSavedAtBestSingle").isNull())
        .isEqualTo(costs.has("costSavedAtBestSingleReason"));
    assertThat(costs.path("atBestSingle").isNull())
        .isEqualTo(costs.path("costSavedAtBestSingle").isNull());
    assertThat(costs.path("poolRouted").path("quality").asDouble()).isBetween(0.0, 1.0);
    assertThat(costs.path("kept").path("splits").asInt()).isEqualTo(20);
    assertThat(costs.path("kept").path("kept").asInt()).isGreaterThanOrEqualTo(18);

    JsonNode newModels = json("newmodels");
    assertThat(newModels.path("models").asInt())
        .isLessThanOrEqualTo(newModels.path("ofModels").asInt());
    assertThat(newModels.path("planned").path(0).path("covered").asDouble()).isBetween(0.0, 1.0);
    assertThat(newModels.path("random").path(0).path("benchmarkCovered").asDouble(-1))
        .isBetween(0.5, 1.0);
    assertThat(newModels.path("answers").path(0).asInt()).isEqualTo(10);
    assertThat(newModels.path("planned").size()).isEqualTo(newModels.path("answers").size());
    assertThat(newModels.path("onePlan").size()).isEqualTo(newModels.path("answers").size());
    assertThat(newModels.path("onePlan").path(3).path("accuracyError").asDouble())
        .isBetween(0.0, 0.2);
    assertThat(newModels.path("byFamily").path("families").asInt(-1)).isNotNegative();
    assertThat(newModels.path("byFamily").path("onePlan").isArray()).isTrue();
    assertThat(newModels.path("planned").path(3).path("benchmarkError").asDouble())
        .isBetween(0.0, 0.5);
    assertThat(newModels.path("retrained").path("forecastAccuracy").asDouble()).isBetween(0.3, 1.0);

    JsonNode communities = json("communities");
    assertThat(communities.path(0).path("models").size()).isEqualTo(12);
    assertThat(communities.path(0).path("pValue").asDouble()).isBetween(0.0, 1.0);
    assertThat(communities.path(2).path("pValue").isNull()).isTrue();
    assertThat(communities.path(2).path("reason").asString()).contains("0 models");
  }

  @Test
  void run_contributions_sumsAreThoseOfTheMatrixAndErrorsThoseOfTheBenchmarks() throws IOException {
    experiments(2, ExperimentListener.NONE)
        .run(List.of(ExperimentName.BENCHMARKS, ExperimentName.CONTRIBUTIONS), folder);
    JsonNode json = json("contributions");
    JsonNode benchmarks = json("benchmarks");
    for (int i = 0; i < 3; i++) {
      assertThat(json.path("matrix").path(i).path(i).asDouble()).isZero();
      double row = 0;
      double column = 0;
      for (int j = 0; j < 3; j++) {
        row += json.path("matrix").path(i).path(j).asDouble();
        column += json.path("matrix").path(j).path(i).asDouble();
        if (i != j) {
          double difference =
              json.path("removed").path(i).path(j).asDouble()
                  - json.path("added").path(j).asDouble();
          assertThat(json.path("matrix").path(i).path(j).asDouble())
              .isEqualTo(difference, within(1e-12));
        }
      }
      assertThat(json.path("rowSums").path(i).asDouble()).isEqualTo(row, within(1e-12));
      assertThat(json.path("columnSums").path(i).asDouble()).isEqualTo(column, within(1e-12));
      String name = json.path("benchmarks").path(i).asString();
      double error = json.path("added").path(i).asDouble();
      assertThat(mse(benchmarks, name)).isEqualTo(error, within(1e-12));
      assertThat(json.path("totalMse").path("added").path(i).asDouble())
          .isEqualTo(30 * error, within(1e-12));
    }
  }

  @Test
  void run_otherThreads_givesTheSameNumbers(@TempDir Path other) throws IOException {
    List<ExperimentName> names =
        List.of(ExperimentName.TABLE1, ExperimentName.BENCHMARKS, ExperimentName.COMMUNITIES);
    experiments(1, ExperimentListener.NONE).run(names, folder);
    experiments(3, ExperimentListener.NONE).run(names, other);
    for (ExperimentName name : names) {
      for (String suffix : List.of(".json", ".csv", ".svg")) {
        assertThat(other.resolve(name.label() + suffix))
            .hasSameTextualContentAs(folder.resolve(name.label() + suffix));
      }
    }
  }

  @Test
  void run_afterAnInterruption_goesOnAndGivesTheNumbersOfAnUninterruptedRun(@TempDir Path whole)
      throws IOException {
    List<ExperimentName> names = List.of(ExperimentName.TABLE1, ExperimentName.CONTRIBUTIONS);
    AtomicInteger seen = new AtomicInteger();
    ExperimentListener stopper =
        (done, total, doing) -> {
          if (seen.incrementAndGet() == 24) {
            throw new IllegalStateException("the lights went out");
          }
        };
    assertThatThrownBy(() -> experiments(2, stopper).run(names, folder))
        .hasMessageContaining("lights");
    long kept = cachedFiles(folder);
    assertThat(kept).isBetween(20L, 30L);
    experiments(2, ExperimentListener.NONE).run(names, folder);
    experiments(2, ExperimentListener.NONE).run(names, whole);
    for (ExperimentName name : names) {
      assertThat(folder.resolve(name.label() + ".json"))
          .hasSameTextualContentAs(whole.resolve(name.label() + ".json"));
    }
    assertThat(cachedFiles(folder)).isEqualTo(cachedFiles(whole));
  }

  @Test
  void run_damagedCache_isComputedAgain() throws IOException {
    List<ExperimentName> names = List.of(ExperimentName.BENCHMARKS);
    experiments(2, ExperimentListener.NONE).run(names, folder);
    String before = Files.readString(folder.resolve("benchmarks.json"));
    try (Stream<Path> files = Files.walk(folder.resolve(".cache"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, "half a fi");
      }
    }
    experiments(2, ExperimentListener.NONE).run(names, folder);
    assertThat(folder.resolve("benchmarks.json")).content().isEqualTo(before);
  }

  @Test
  void run_progress_countsEveryUnitOnce() throws IOException {
    List<Long> counts = Collections.synchronizedList(new ArrayList<>());
    experiments(2, (done, total, doing) -> counts.add(done)).run(ALL, folder);
    long total = Experiments.units(setup(2), ALL);
    assertThat(counts).hasSize((int) total).doesNotHaveDuplicates().contains(1L, total);
  }

  @Test
  void sizes_followThePaperWhereThereAreEnoughQuestions() {
    assertThat(Table1Experiment.sizes(28_800))
        .containsExactly(1_000, 5_000, 10_000, 15_000, 20_000, 25_000, 28_800);
    assertThat(Table1Experiment.sizes(9_625)).containsExactly(500, 1_000, 2_500, 5_000, 9_625);
    assertThat(Table1Experiment.sizes(40)).containsExactly(40);
  }

  @Test
  void communityFile_linesOfAnotherForm_areRefusedWithTheirNumber() throws IOException {
    Path file = folder.resolve("communities.txt");
    Files.writeString(file, "# mine\nLlama: llama* alpaca\n\nMistral: mistral, mixtral\n");
    List<Community> read = CommunityFile.read(file);
    assertThat(read).extracting(Community::name).containsExactly("Llama", "Mistral");
    assertThat(read.getFirst().contains("Meta-Llama-3-8B")).isTrue();
    Files.writeString(file, "Llama: llama\nMistral\n");
    assertThatThrownBy(() -> CommunityFile.read(file)).hasMessageContaining("communities.txt:2");
  }

  private static double mse(JsonNode benchmarks, String name) {
    for (JsonNode node : benchmarks) {
      if (node.path("benchmark").asString().equals(name)) {
        return node.path("mse").asDouble();
      }
    }
    return Double.NaN;
  }

  private static long cachedFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(".cache"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private JsonNode json(String name) throws IOException {
    return JSON.readTree(Files.readString(folder.resolve(name + ".json")));
  }

  private static ExperimentSetup setup(int threads) {
    return setup(threads, Optional.empty());
  }

  private static ExperimentSetup setup(int threads, Optional<KernelOptions> kernel) {
    EvaluationData data = InventedPool.data();
    TrainingOptions options =
        TrainingOptions.DEFAULT
            .withDimension(4)
            .withEpochs(6)
            .withLearningRate(0.02)
            .withThreads(threads);
    return new ExperimentSetup(
        data,
        InventedPool.vectors(data),
        kernel,
        options,
        2,
        List.of(2, 4),
        List.of(3, 9),
        PredictionOptions.DEFAULT.withSplits(30),
        Community.PAPER,
        500,
        ModelPrices.ofCalls(Map.of("family3-13b", 0.5, "family20-7b", 4.0, "family23-13b", 9.0)));
  }

  static Experiments experiments(int threads, ExperimentListener listener) {
    return experiments(setup(threads), listener);
  }

  private static Experiments experiments(ExperimentSetup setup, ExperimentListener listener) {
    return new Experiments(
        setup, new Experiments.RunContext("a pool", "test", () -> 0, Optional::empty, listener));
  }
}
