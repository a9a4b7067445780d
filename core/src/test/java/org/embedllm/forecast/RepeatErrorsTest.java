package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.ShrunkMean;
import org.junit.jupiter.api.Test;

class RepeatErrorsTest {
  private static final int MODELS = 4;
  private static final int QUESTIONS = 30;

  /// `[n][m]` single answers, 1 to 4 of a cell.
  private static double[][][] samples() {
    var random = new SplittableRandom(5);
    double[][][] samples = new double[QUESTIONS][MODELS][];
    for (int j = 0; j < QUESTIONS; j++) {
      for (int i = 0; i < MODELS; i++) {
        double level = random.nextDouble();
        samples[j][i] =
            random.doubles(1 + random.nextInt(4)).map(x -> (x + 3 * level) / 4).toArray();
      }
    }
    return samples;
  }

  private static CorrectnessMatrix matrix(double[][][] samples) {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][MODELS];
    float[] repeats = new float[QUESTIONS * MODELS];
    float[] variances = new float[QUESTIONS * MODELS];
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "q" + j, Question.NO_BENCHMARK));
      for (int i = 0; i < MODELS; i++) {
        MeanScore cell = new MeanScore();
        for (double sample : samples[j][i]) {
          cell.add(sample, 1, Double.NaN);
        }
        scores[j][i] = (float) cell.mean();
        repeats[j * MODELS + i] = (float) cell.repeats();
        variances[j * MODELS + i] = (float) cell.variance();
      }
    }
    return CorrectnessMatrix.ofDense(
            IntStream.range(0, MODELS).mapToObj(i -> "m" + i).toList(), questions, scores)
        .withRepeats(repeats, variances);
  }

  private static ShrunkMean program(int model, int question, double repeats) {
    return new ShrunkMean(0.1 * model + 0.01 * question, repeats / (repeats + 2));
  }

  /// Leaves out every answer of every cell.
  private static double bruteForce(double[][][] samples, RepeatErrors.Forecasts forecasts) {
    double errors = 0;
    int cells = 0;
    for (int j = 0; j < QUESTIONS; j++) {
      for (int i = 0; i < MODELS; i++) {
        double[] own = samples[j][i];
        for (int left = 0; left < own.length && own.length > 1; left++) {
          double others = 0;
          for (int k = 0; k < own.length; k++) {
            others += k == left ? 0 : own[k] / (own.length - 1);
          }
          double error = forecasts.of(i, j, own.length - 1).of(others) - own[left];
          errors += error * error / own.length;
        }
        cells += own.length > 1 ? 1 : 0;
      }
    }
    return errors / cells;
  }

  @Test
  void errors_areThoseOfLeavingOutEverySingleAnswer() {
    double[][][] samples = samples();
    RepeatErrors errors =
        RepeatErrors.of(matrix(samples), RepeatErrorsTest::program, 1).orElseThrow();
    assertThat(errors.program().value())
        .isCloseTo(bruteForce(samples, RepeatErrorsTest::program), within(1e-6));
    assertThat(errors.cellMean().value())
        .isCloseTo(bruteForce(samples, (i, j, n) -> new ShrunkMean(0, 1)), within(1e-6));
    Estimate baseline = errors.baseline().orElseThrow();
    Estimate difference = errors.difference().orElseThrow();
    assertThat(difference.value())
        .isCloseTo(errors.program().value() - baseline.value(), within(1e-12));
    assertThat(difference.interval().low()).isLessThan(difference.value());
    assertThat(baseline.value()).isLessThan(errors.cellMean().value());
    assertThat(errors.noise()).isLessThan(baseline.value());
  }

  @Test
  void errors_ofManyModels_areWithoutTheBaseline() {
    int models = RepeatErrors.MOST_MODELS_OF_BASELINE + 1;
    float[][] scores = new float[1][models];
    java.util.Arrays.fill(scores[0], 0.5f);
    float[] twice = new float[models];
    java.util.Arrays.fill(twice, 2);
    float[] variances = new float[models];
    java.util.Arrays.fill(variances, 0.5f);
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
                IntStream.range(0, models).mapToObj(i -> "m" + i).toList(),
                List.of(new Question("q", "q", Question.NO_BENCHMARK)),
                scores)
            .withRepeats(twice, variances);

    RepeatErrors errors =
        RepeatErrors.of(answers, (i, j, n) -> new ShrunkMean(0.5, 0), 1).orElseThrow();

    assertThat(errors.baseline()).isEmpty();
    assertThat(errors.difference()).isEmpty();
    assertThat(errors.cellMean().value()).isEqualTo(1); // of 0 and 1, the other one
    assertThat(errors.program().value()).isEqualTo(0.25);
  }

  @Test
  void errors_whereNoVarianceIsKnown_areNone() {
    CorrectnessMatrix answers = matrix(samples());
    float[] twice = new float[answers.cellCount()];
    java.util.Arrays.fill(twice, 2);
    assertThat(RepeatErrors.of(answers.withRepeats(twice), RepeatErrorsTest::program, 1)).isEmpty();
  }
}
