package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("training")
class MatrixFactorizationTrainerTest {
  private static final TrainingOptions SMALL =
      TrainingOptions.DEFAULT
          .withDimension(7)
          .withEpochs(6)
          .withBatchQuestions(24)
          .withLearningRate(0.01)
          .withThreads(1);

  private final PlantedProblem planted = new PlantedProblem(9, 230, 13, 0.8, 3);

  @Test
  void fit_anyNumberOfThreads_hasTheSameBits() {
    List<FloatMatrix> one = parameters(SMALL, planted.train());
    for (int threads : new int[] {2, 3, 8}) {
      assertThat(parameters(SMALL.withThreads(threads), planted.train())).isEqualTo(one);
    }
    assertThat(parameters(SMALL.withSeed(1), planted.train())).isNotEqualTo(one);
    TrainingProblem sparse = new PlantedProblem(40, 230, 13, 0.05, 3).train();
    assertThat(parameters(SMALL.withThreads(3), sparse)).isEqualTo(parameters(SMALL, sparse));
  }

  @Test
  void fit_plantedLowRankMatrix_isRecovered() {
    var big = new PlantedProblem(20, 3_000, 12, 1, 5);
    TrainingOptions options =
        SMALL.withDimension(12).withEpochs(30).withBatchQuestions(64).withNoise(0);
    TrainingResult fitted = fit(options, big.train());
    MatrixFactorization model = fitted.model();
    FloatMatrix p = model.forecast(big.validation().features());
    double error = 0;
    int cells = 0;
    for (int j = 0; j < p.rows(); j++) {
      for (int i = 0; i < p.columns(); i++) {
        error += Math.abs(p.get(j, i) - big.validationProbability(i, j));
        cells++;
      }
    }
    assertThat(error / cells).as("mean error of the probabilities").isLessThan(0.06);
  }

  @Test
  void fit_validationGiven_isScoredAndChangesNothing() {
    TrainingProblem.Validation held = planted.validation();
    TrainingResult with = fit(SMALL, planted.validated());
    assertThat(Fixtures.parameters(with.model())).isEqualTo(parameters(SMALL, planted.train()));
    EpochReport last = with.history().epochs().getLast();
    FloatMatrix p = with.model().forecast(held.features());
    double loss = 0;
    int hits = 0;
    for (int j = 0; j < held.matrix().questionCount(); j++) {
      for (int i = 0; i < held.matrix().modelCount(); i++) {
        float y = held.matrix().score(i, j);
        if (!Float.isNaN(y)) {
          loss -= y * Math.log(p.get(j, i)) + (1 - y) * Math.log(1 - p.get(j, i));
          hits += p.get(j, i) >= 0.5f == y >= 0.5f ? 1 : 0;
        }
      }
    }
    int cells = held.matrix().cellCount();
    assertThat(last.validationLogLoss().orElseThrow()).isCloseTo(loss / cells, within(1e-5));
    assertThat(last.validationAccuracy().orElseThrow())
        .isCloseTo(hits / (double) cells, within(1e-9));
  }

  @Test
  void fit_validationModelsInAnotherOrder_lineUpByName() {
    TrainingProblem.Validation held = planted.validation();
    int[] reversed = IntStream.range(0, 9).map(i -> 8 - i).toArray();
    TrainingResult straight = fit(SMALL, planted.validated());
    TrainingResult turned =
        fit(
            SMALL,
            Fixtures.problem(
                planted.train().train(),
                planted.train().features(),
                new TrainingProblem.Validation(
                    held.matrix().selectModels(reversed), held.features())));
    assertThat(turned.history().epochs().getLast().validationAccuracy())
        .isEqualTo(straight.history().epochs().getLast().validationAccuracy());
  }

  @Test
  void fit_modelsPermuted_permutesTheModels() {
    CorrectnessMatrix matrix = planted.train().train();
    int[] order = {4, 2, 8, 0, 1, 7, 3, 6, 5};
    MatrixFactorization straight = fit(SMALL, planted.train()).model();
    MatrixFactorization permuted =
        fit(SMALL, Fixtures.problem(matrix.selectModels(order), planted.train().features()))
            .model();
    for (int i = 0; i < order.length; i++) {
      for (int k = 0; k < SMALL.dimension(); k++) {
        assertThat((double) permuted.modelVectors().get(i, k))
            .isCloseTo(straight.modelVectors().get(order[i], k), within(2e-3));
      }
    }
  }

  @Test
  void fit_killedAfterAnyEpochAndStartedAgain_endsInTheSameBytes(@TempDir Path folder) {
    TrainingProblem problem = planted.validated();
    TrainingResult whole = fit(SMALL, problem);
    for (int killedAfter = 1; killedAfter <= SMALL.epochs(); killedAfter++) {
      Path file = folder.resolve("checkpoint-" + killedAfter);
      int last = killedAfter;
      assertThatThrownBy(() ->
              slow(SMALL)
                  .withCheckpoint(file)
                  .train(
                      problem,
                      report -> {
                        if (report.epoch() == last) {
                          throw new IllegalStateException("killed");
                        }
                      }))
          .hasMessage("killed");
      List<Integer> heard = new ArrayList<>();
      TrainingResult resumed =
          slow(SMALL.withThreads(2))
              .withCheckpoint(file)
              .train(problem, report -> heard.add(report.epoch()));
      assertThat(Fixtures.parameters(resumed.model()))
          .isEqualTo(Fixtures.parameters(whole.model()));
      assertThat(heard).hasSize(SMALL.epochs() - killedAfter);
      assertThat(resumed.history().epochs().stream().map(EpochReport::trainLoss))
          .isEqualTo(whole.history().epochs().stream().map(EpochReport::trainLoss).toList());
      assertThat(resumed.history().epochs().stream().map(EpochReport::validationLogLoss).toList())
          .isEqualTo(
              whole.history().epochs().stream().map(EpochReport::validationLogLoss).toList());
    }
  }

  @Test
  void fit_checkpointOfOtherTraining_isRefused(@TempDir Path folder) {
    Path file = folder.resolve("checkpoint");
    slow(SMALL).withCheckpoint(file).fit(planted.train());
    assertThatThrownBy(() -> slow(SMALL.withSeed(9)).withCheckpoint(file).fit(planted.train()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("other data or options");
    TrainingProblem other = new PlantedProblem(9, 230, 13, 0.8, 4).train();
    assertThatThrownBy(() -> slow(SMALL).withCheckpoint(file).fit(other))
        .hasMessageContaining("other data or options");
  }

  @Test
  void fit_damagedCheckpoint_isRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("checkpoint");
    slow(SMALL).withCheckpoint(file).fit(planted.train());
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 9; at < bytes.length; at += bytes.length / 37) { // header, arrays and reports
      byte[] flipped = bytes.clone();
      flipped[at] ^= 1;
      Files.write(file, flipped);
      assertThatThrownBy(() -> slow(SMALL).withCheckpoint(file).fit(planted.train()))
          .as("byte %d", at)
          .isInstanceOf(BadInputException.class);
    }
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> slow(SMALL).withCheckpoint(file).fit(planted.train()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void options_outOfRange_nameTheRule() {
    assertThatThrownBy(() -> SMALL.withDimension(0)).hasMessageContaining("dimension must be");
    assertThatThrownBy(() -> SMALL.withEpochs(0)).hasMessageContaining("epochs must be");
    assertThatThrownBy(() -> SMALL.withLearningRate(Double.NaN)).hasMessageContaining("got NaN");
    assertThatThrownBy(() -> SMALL.withNoise(-1)).hasMessageContaining("noise must be");
    assertThatThrownBy(() -> SMALL.withBatchQuestions(-1)).hasMessageContaining("automatic");
    assertThatThrownBy(() -> SMALL.withThreads(0)).hasMessageContaining("threads must be");
  }

  @Test
  void questionsPerStep_automatic_comesClosestToThePublishedCells() {
    assertThat(TrainingOptions.PUBLISHED.questionsPerStep(28_800, 28_800L * 112)).isEqualTo(18);
    assertThat(TrainingOptions.PUBLISHED.questionsPerStep(10, 20)).isEqualTo(10);
    assertThat(SMALL.questionsPerStep(1_000, 9_000)).isEqualTo(24);
  }

  private static TrainingResult fit(TrainingOptions options, TrainingProblem problem) {
    return new MatrixFactorizationTrainer(options).fit(problem);
  }

  private static List<FloatMatrix> parameters(TrainingOptions options, TrainingProblem problem) {
    return Fixtures.parameters(fit(options, problem).model());
  }

  /// A trainer whose every look at the clock takes ten seconds, so that every epoch is written
  /// down.
  private static MatrixFactorizationTrainer slow(TrainingOptions options) {
    AtomicLong now = new AtomicLong();
    return new MatrixFactorizationTrainer(options, () -> now.addAndGet(10_000_000_000L));
  }
}
