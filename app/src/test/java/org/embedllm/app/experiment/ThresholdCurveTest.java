package org.embedllm.app.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.routing.ModelPrices;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ThresholdCurveTest {
  private static final List<String> MODELS = List.of("weak", "middle", "strong");
  private final SplittableRandom random = new SplittableRandom(6);

  @Test
  void of_everyThreshold_givesTheShareAndQualityCountedQuestionByQuestion() {
    CorrectnessMatrix train = answers(200);
    var validation = known(150);
    var test = known(120);
    ThresholdCurve curve =
        ThresholdCurve.of(AnswerCounts.of(train), ModelPrices.UNKNOWN, validation, test, 0)
            .orElseThrow();
    assertThat(curve.expensive()).isEqualTo("strong");
    assertThat(curve.cheap()).isEqualTo("middle");
    for (ThresholdCurve.Step step : curve.points()) {
      int calls = 0;
      int right = 0;
      for (int j = 0; j < 120; j++) {
        float difference = test.forecasts().get(j, 2) - test.forecasts().get(j, 1);
        boolean expensive = difference >= (float) step.threshold();
        calls += expensive ? 1 : 0;
        right += test.answers().score(expensive ? 2 : 1, j) >= 0.5 ? 1 : 0;
      }
      assertThat(step.share()).isEqualTo(calls / 120.0, within(1e-9));
      assertThat(step.quality().value()).isEqualTo(right / 120.0, within(1e-9));
    }
    assertThat(curve.points().getFirst().share()).isZero();
    assertThat(curve.points().getLast().share()).isEqualTo(1);
    assertThat(curve.points().getFirst().gain().value()).isEqualTo(0, within(1e-12));
    assertThat(curve.points()).contains(curve.learned());
  }

  @Test
  void of_prices_takeTheCheapestModel() {
    ModelPrices prices = ModelPrices.ofCalls(Map.of("weak", 0.1, "middle", 0.5, "strong", 9.0));
    var curve = ThresholdCurve.of(AnswerCounts.of(answers(100)), prices, known(80), known(80), 0);
    assertThat(curve.orElseThrow().cheap()).isEqualTo("weak");
  }

  @Test
  void paperSingleBest_isTheBestOnTheTestItself() {
    CorrectnessMatrix test = answers(90);
    PaperSingleBest best = PaperSingleBest.of(test);
    double highest =
        IntStream.range(0, 3)
            .mapToDouble(i ->
                IntStream.range(0, 90).mapToDouble(j -> test.score(i, j)).average().orElseThrow())
            .max()
            .orElseThrow();
    assertThat(best.accuracy()).isEqualTo(highest, within(1e-12));
    assertThat(best.perBenchmark()).containsOnlyKeys("a", "b");
    best.perBenchmark().values().forEach(b -> assertThat(b.accuracy()).isBetween(0.3, 1.0));
  }

  private ThresholdCurve.Forecasts known(int questions) {
    float[] values = new float[questions * 3];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextDouble();
    }
    return new ThresholdCurve.Forecasts(answers(questions), FloatMatrix.wrap(questions, 3, values));
  }

  private CorrectnessMatrix answers(int count) {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[count][3];
    for (int j = 0; j < count; j++) {
      questions.add(new Question("q" + j, "text " + j, j % 2 == 0 ? "a" : "b"));
      for (int i = 0; i < 3; i++) {
        scores[j][i] = random.nextDouble() < 0.3 + 0.25 * i ? 1 : 0;
      }
    }
    return CorrectnessMatrix.ofDense(MODELS, questions, scores);
  }
}
