package org.embedllm.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.benchmark.BenchmarkAccuracyPredictor;
import org.embedllm.benchmark.PredictionOptions;
import org.embedllm.benchmark.TargetBenchmark;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class BenchmarkContributionTest {
  private static final List<String> BENCHMARKS = List.of("a", "b", "c");
  private static final PredictionOptions OPTIONS = PredictionOptions.DEFAULT.withSplits(20);
  private static final int MODELS = 24;

  @Test
  void removals_tenBenchmarks_takeFiftyFiveTrainings() {
    List<String> ten = IntStream.range(0, 10).mapToObj(i -> "b" + i).toList();
    assertThat(Removal.all(ten)).hasSize(55).doesNotHaveDuplicates();
    assertThat(Removal.of("b", "a")).isEqualTo(Removal.of("a", "b"));
  }

  @Test
  void matrix_entries_areTheDifferencesOfTheTwoErrorsOverTheSameSplits() {
    EvaluationData data = data(true);
    var contribution = new BenchmarkContribution(data, BENCHMARKS, OPTIONS);
    Map<Removal, Map<String, List<Double>>> errors = new HashMap<>();
    contribution.removals().forEach(r -> errors.put(r, contribution.errors(r, embeddings(r))));
    ContributionMatrix matrix = contribution.matrix(errors);
    var predictor = new BenchmarkAccuracyPredictor(OPTIONS);
    for (int i = 0; i < 3; i++) {
      assertThat(matrix.entry(i, i)).isZero();
      double row = 0;
      for (int j = 0; j < 3; j++) {
        if (i != j) {
          var target = TargetBenchmark.of(data, BENCHMARKS.get(j), Set.of());
          Removal both = Removal.of(BENCHMARKS.get(i), BENCHMARKS.get(j));
          Removal alone = Removal.of(BENCHMARKS.get(j));
          double removed = predictor.evaluate(embeddings(both), target).embeddings().mse();
          double added = predictor.evaluate(embeddings(alone), target).embeddings().mse();
          assertThat(matrix.entry(i, j)).isEqualTo(removed - added, within(1e-12));
          assertThat(matrix.errorWithAll(j)).isEqualTo(added, within(1e-12));
          assertThat(matrix.errorWithout(i, j)).isEqualTo(removed, within(1e-12));
          row += removed - added;
        }
      }
      assertThat(matrix.rowSum(i)).isEqualTo(row, within(1e-12));
    }
    double column = matrix.entry(0, 1) + matrix.entry(2, 1);
    assertThat(matrix.columnSum(1)).isEqualTo(column, within(1e-12));
  }

  @Test
  void matrix_modelsThatLoseTheirOtherAnswers_areNotTested() {
    EvaluationData data = data(false);
    var contribution = new BenchmarkContribution(data, BENCHMARKS, OPTIONS);
    assertThat(contribution.eligibleModels("a")).isEqualTo(MODELS - 5);
    Removal removal = Removal.of("a", "b");
    assertThat(contribution.errors(removal, embeddings(removal)).get("a")).isEmpty();
  }

  @Test
  void matrix_aTrainingMissing_isRefused() {
    var contribution = new BenchmarkContribution(data(true), BENCHMARKS, OPTIONS);
    assertThatThrownBy(() -> contribution.matrix(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("missing");
  }

  /// Three benchmarks of 60 questions; without `complete` five models never saw c.
  private static EvaluationData data(boolean complete) {
    SplittableRandom random = new SplittableRandom(1);
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[180][MODELS];
    for (int j = 0; j < scores.length; j++) {
      String benchmark = BENCHMARKS.get(j % 3);
      questions.add(new Question("q" + j, "text " + j, benchmark));
      for (int i = 0; i < MODELS; i++) {
        boolean observed = complete || i >= 5 || !benchmark.equals("c");
        float right = random.nextDouble() < (i + 1.0) / (MODELS + 1) ? 1 : 0;
        scores[j][i] = observed ? right : Float.NaN;
      }
    }
    List<String> names = IntStream.range(0, MODELS).mapToObj(i -> "m" + i).toList();
    List<SplitPart> parts =
        IntStream.range(0, 180).mapToObj(j -> j < 150 ? SplitPart.TRAIN : SplitPart.TEST).toList();
    return EvaluationData.of(
        CorrectnessMatrix.ofDense(names, questions, scores), QuestionSplit.of(parts), Map.of());
  }

  private static FloatMatrix embeddings(Removal removal) {
    SplittableRandom random = new SplittableRandom(removal.hashCode());
    float[] values = new float[MODELS * 5];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) (0.05 * Math.floorDiv(k, 5) + random.nextGaussian());
    }
    return FloatMatrix.wrap(MODELS, 5, values);
  }
}
