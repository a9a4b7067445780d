package org.embedllm.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class BenchmarkAccuracyPredictorTest {
  private static final int MODELS = 30;
  private final SplittableRandom random = new SplittableRandom(5);

  @Test
  void evaluate_embeddingThatHoldsTheAccuracy_findsItInEverySplit() {
    EvaluationData data = data(MODELS, 60);
    TargetBenchmark target = TargetBenchmark.of(data, "b", Set.of());
    FloatMatrix embeddings = embeddings(target, 40);
    BenchmarkPrediction found =
        new BenchmarkAccuracyPredictor(PredictionOptions.DEFAULT).evaluate(embeddings, target);
    assertThat(found.significant()).hasValue(100);
    assertThat(found.embeddings().tau()).isGreaterThan(0.9);
    assertThat(found.embeddings().r2()).isGreaterThan(0.95);
    assertThat(found.embeddings().mse()).isLessThan(found.meanOfModels().mse() / 10);
    assertThat(found.testModels()).isEqualTo(10);
  }

  @Test
  void evaluate_oneSplit_givesTheNumbersOfTheLeftOutModels() {
    EvaluationData data = data(MODELS, 60);
    TargetBenchmark target = TargetBenchmark.of(data, "b", Set.of());
    var options = PredictionOptions.DEFAULT.withSplits(1).withSeed(9);
    BenchmarkPrediction found =
        new BenchmarkAccuracyPredictor(options).evaluate(embeddings(target, 3), target);
    List<BenchmarkPrediction.ModelPrediction> held = found.perModel();
    assertThat(held).hasSize(10).allMatch(model -> model.leftOut() == 1);
    double[] actual = held.stream().mapToDouble(model -> model.actual()).toArray();
    double[] predicted = held.stream().mapToDouble(model -> model.predicted()).toArray();
    assertThat(found.embeddings().mse()).isEqualTo(squared(actual, predicted) / 10, within(1e-12));
    assertThat(found.embeddings().tau()).isEqualTo(KendallTau.of(predicted, actual).tau());
    double mean = IntStream.range(0, 10).mapToDouble(i -> actual[i]).average().orElseThrow();
    double[] means = IntStream.range(0, 10).mapToDouble(i -> mean).toArray();
    assertThat(found.embeddings().r2())
        .isEqualTo(1 - squared(actual, predicted) / squared(actual, means), within(1e-12));

    Set<String> test = Set.copyOf(held.stream().map(model -> model.model()).toList());
    double trained =
        IntStream.range(0, MODELS)
            .filter(i -> !test.contains(target.models().get(i)))
            .mapToDouble(target::accuracy)
            .average()
            .orElseThrow();
    double[] constant = IntStream.range(0, 10).mapToDouble(i -> trained).toArray();
    assertThat(found.meanOfModels().mse()).isEqualTo(squared(actual, constant) / 10, within(1e-12));
    double[] others =
        held.stream()
            .mapToDouble(model -> target.meanElsewhere(target.models().indexOf(model.model())))
            .toArray();
    assertThat(found.meanOfOtherBenchmarks().mse())
        .isEqualTo(squared(actual, others) / 10, within(1e-12));
    assertThat(found.meanOfOtherBenchmarks().tau()).isEqualTo(KendallTau.of(others, actual).tau());
  }

  @Test
  void evaluate_fewerThanTwentyModels_givesNoCountAndAReason() {
    EvaluationData data = data(19, 60);
    TargetBenchmark target = TargetBenchmark.of(data, "b", Set.of());
    BenchmarkPrediction found =
        new BenchmarkAccuracyPredictor(PredictionOptions.DEFAULT)
            .evaluate(embeddings(target, 3), target);
    assertThat(found.significant()).isEmpty();
    assertThat(found.reason()).hasValueSatisfying(reason -> assertThat(reason).contains("19"));
    assertThat(found.embeddings().mse()).isFinite();
  }

  @Test
  void evaluate_modelsWithFewAnswers_areLeftOut() {
    EvaluationData data = data(MODELS, 49);
    TargetBenchmark target = TargetBenchmark.of(data, "b", Set.of());
    assertThat(target.eligible(50)).isEmpty();
    assertThat(target.eligible(49)).hasSize(MODELS);
    BenchmarkPrediction found =
        new BenchmarkAccuracyPredictor(PredictionOptions.DEFAULT)
            .evaluate(embeddings(target, 3), target);
    assertThat(found.significant()).isEmpty();
    assertThat(found.embeddings().mse()).isNaN();
    assertThat(found.perModel()).isEmpty();
  }

  @Test
  void evaluate_sameSeed_givesTheSameNumbers() {
    EvaluationData data = data(MODELS, 60);
    TargetBenchmark target = TargetBenchmark.of(data, "b", Set.of());
    FloatMatrix embeddings = embeddings(target, 8);
    var predictor = new BenchmarkAccuracyPredictor(PredictionOptions.DEFAULT);
    assertThat(predictor.evaluate(embeddings, target))
        .isEqualTo(predictor.evaluate(embeddings, target));
    var other = new BenchmarkAccuracyPredictor(PredictionOptions.DEFAULT.withSeed(1));
    assertThat(other.evaluate(embeddings, target).embeddings().mse())
        .isNotEqualTo(predictor.evaluate(embeddings, target).embeddings().mse());
  }

  @Test
  void leftOut_accuracies_areMeansOfObservedAnswers() {
    EvaluationData data = data(3, 50);
    TargetBenchmark target = TargetBenchmark.of(data, "b", Set.of());
    double right = 0;
    double all = 0;
    double elsewhere = 0;
    double trained = 0;
    for (int j = 0; j < data.matrix().questionCount(); j++) {
      float score = data.matrix().score(1, j);
      String name = data.matrix().questions().get(j).benchmark();
      if (!Float.isNaN(score) && name.equals("b")) {
        right += score;
        all++;
      } else if (!Float.isNaN(score) && data.split().part(j) == SplitPart.TRAIN) {
        elsewhere += score;
        trained++;
      }
    }
    assertThat(target.accuracy(1)).isEqualTo(right / all, within(1e-12));
    assertThat(target.meanElsewhere(1)).isEqualTo(elsewhere / trained, within(1e-12));
  }

  private static double squared(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i])).sum();
  }

  /// Benchmarks a and b with `answers` observed answers of each model on either, and one
  /// unobserved.
  private EvaluationData data(int models, int answers) {
    List<Question> questions = new ArrayList<>();
    List<SplitPart> parts = new ArrayList<>();
    float[][] scores = new float[2 * answers + 2][models];
    for (int j = 0; j < scores.length; j++) {
      String benchmark = j % 2 == 0 ? "a" : "b";
      questions.add(new Question("q" + j, "text " + j, benchmark));
      parts.add(j % 10 < 8 ? SplitPart.TRAIN : SplitPart.TEST);
      for (int i = 0; i < models; i++) {
        boolean observed = j >= 2;
        float right = random.nextDouble() < (i + 1.0) / (models + 1) ? 1 : 0;
        scores[j][i] = observed ? right : Float.NaN;
      }
    }
    List<String> names = IntStream.range(0, models).mapToObj(i -> "m" + i).toList();
    return EvaluationData.of(
        CorrectnessMatrix.ofDense(names, questions, scores), QuestionSplit.of(parts), Map.of());
  }

  /// Embeddings whose first coordinate is the accuracy; the others are weak noise.
  private FloatMatrix embeddings(TargetBenchmark target, int d) {
    int m = target.models().size();
    float[] values = new float[m * d];
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < d; k++) {
        double noise = 0.01 * random.nextGaussian();
        values[i * d + k] = (float) (k == 0 ? target.accuracy(i) : noise);
      }
    }
    return FloatMatrix.wrap(m, d, values);
  }
}
