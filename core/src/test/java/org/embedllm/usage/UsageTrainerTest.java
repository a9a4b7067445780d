package org.embedllm.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class UsageTrainerTest {
  private static final List<String> MODELS =
      List.of("terse", "wordy", "base@low", "base@high", "rare@low", "rare@high");
  private static final int DIMENSION = 6;

  /// Lengths that grow with the first coordinate of a question; `rare` models follow the second one
  /// instead, and `rare@high` has few answers.
  private static UsageTrainer.Observed observed(int n, long seed) {
    var random = new SplittableRandom(seed);
    float[] vectors = new float[n * DIMENSION];
    int m = MODELS.size();
    int[] offsets = new int[n + 1];
    int[] models = new int[n * m];
    float[] tokens = new float[n * m];
    float[] seconds = new float[n * m];
    int cell = 0;
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < DIMENSION; c++) {
        vectors[j * DIMENSION + c] = (float) random.nextGaussian();
      }
      for (int i = 0; i < m; i++) {
        if (i == 5 && j % 100 != 0) {
          continue;
        }
        double length = log(i, vectors, j) + 0.4 * random.nextGaussian();
        models[cell] = i;
        tokens[cell] = (float) Math.exp(length);
        seconds[cell++] = i == 0 ? Float.NaN : (float) (0.5 + Math.exp(length) / 50);
      }
      offsets[j + 1] = cell;
    }
    Map<UsageQuantity, float[]> values = new EnumMap<>(UsageQuantity.class);
    values.put(UsageQuantity.OUTPUT_TOKENS, Arrays.copyOf(tokens, cell));
    values.put(UsageQuantity.SECONDS, Arrays.copyOf(seconds, cell));
    return new UsageTrainer.Observed(
        ObservedUsage.ofCells(m, offsets, Arrays.copyOf(models, cell), values),
        FloatMatrix.wrap(n, DIMENSION, vectors));
  }

  private static double log(int model, float[] vectors, int question) {
    double norm = 0;
    for (int c = 0; c < DIMENSION; c++) {
      double x = vectors[question * DIMENSION + c];
      norm += x * x;
    }
    double first = vectors[question * DIMENSION] / Math.sqrt(norm);
    double second = vectors[question * DIMENSION + 1] / Math.sqrt(norm);
    return model < 4 ? 4 + 0.5 * model + 2 * first : 5 + 2 * second;
  }

  private static UsageModel fitted() {
    return new UsageTrainer(0, 1).fit(MODELS, observed(1_500, 1), observed(400, 2)).orElseThrow();
  }

  @Test
  void forecasts_ofNewQuestions_areBetterThanTheMean_andTheirIntervalsHold() {
    UsageModel model = fitted();
    UsageTrainer.Observed test = observed(600, 3);
    UsageEvaluation tokens =
        UsageEvaluation.of(
                model, UsageQuantity.OUTPUT_TOKENS, MODELS, test.usage(), test.vectors(), 0)
            .orElseThrow();
    assertThat(tokens.r2Log().value()).isGreaterThan(0.5);
    assertThat(tokens.r2Log().interval().low()).isLessThan(tokens.r2Log().value());
    assertThat(tokens.coverage().value()).isBetween(0.93, 0.97);
    assertThat(tokens.totalRatio().value()).isBetween(0.93, 1.07);
    UsageForecast forecast = model.forecast(test.vectors().row(0));
    assertThat(forecast.of("terse", UsageQuantity.SECONDS)).isEmpty();
    UsageEstimate seconds = forecast.of("wordy", UsageQuantity.SECONDS).orElseThrow();
    assertThat(seconds.low()).isLessThan(seconds.mean()).isPositive();
    assertThat(seconds.high()).isGreaterThan(seconds.mean());
    assertThat(
            model
                .means(UsageQuantity.SECONDS, test.vectors(), List.of("nobody", "wordy"))
                .get(0, 1))
        .isCloseTo((float) seconds.mean(), within(1e-4f));
  }

  @Test
  void modelWithFewAnswers_followsTheOneOfItsBase() {
    UsageModel model = fitted();
    UsageTrainer.Observed test = observed(300, 4);
    double withTwin = 0;
    double withPool = 0;
    FloatMatrix means = model.means(UsageQuantity.OUTPUT_TOKENS, test.vectors(), MODELS);
    for (int j = 0; j < 300; j++) {
      double rare = Math.log(means.get(j, 5));
      withTwin += Math.pow(rare - Math.log(means.get(j, 4)), 2);
      withPool += Math.pow(rare - Math.log(means.get(j, 1)), 2);
    }
    assertThat(withTwin).isLessThan(0.25 * withPool);
    assertThat(model.answers(UsageQuantity.OUTPUT_TOKENS, "rare@high")).isEqualTo(15);
  }

  @Test
  void tensors_readAgain_forecastTheSame() {
    UsageModel model = fitted();
    UsageModel again =
        UsageTensors.read(UsageTensors.of(model), MODELS, model.gamma()).orElseThrow();
    float[] vector = observed(1, 5).vectors().row(0);
    for (String name : MODELS) {
      UsageEstimate before =
          model.forecast(vector).of(name, UsageQuantity.OUTPUT_TOKENS).orElseThrow();
      UsageEstimate after =
          again.forecast(vector).of(name, UsageQuantity.OUTPUT_TOKENS).orElseThrow();
      assertThat(after.mean()).isCloseTo(before.mean(), within(1e-3 * before.mean()));
      assertThat(after.high()).isCloseTo(before.high(), within(1e-3 * before.high()));
    }
    assertThat(UsageTensors.read(Map.of(), MODELS, 1f)).isEmpty();
  }

  @Test
  void fit_whereNothingWasReported_isEmpty() {
    UsageTrainer.Observed some = observed(20, 6);
    var nothing = new UsageTrainer.Observed(ObservedUsage.none(MODELS.size(), 20), some.vectors());
    assertThat(new UsageTrainer(0, 1).fit(MODELS, nothing, nothing)).isEmpty();
  }
}
