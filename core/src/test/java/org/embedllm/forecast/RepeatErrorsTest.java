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
    assertThat(errors.difference().value())
        .isCloseTo(errors.program().value() - errors.baseline().value(), within(1e-12));
    assertThat(errors.difference().interval().low()).isLessThan(errors.difference().value());
    assertThat(errors.baseline().value()).isLessThan(errors.cellMean().value());
    assertThat(errors.noise()).isLessThan(errors.baseline().value());
  }

  @Test
  void errors_whereNoVarianceIsKnown_areNone() {
    CorrectnessMatrix answers = matrix(samples());
    float[] twice = new float[answers.cellCount()];
    java.util.Arrays.fill(twice, 2);
    assertThat(RepeatErrors.of(answers.withRepeats(twice), RepeatErrorsTest::program, 1)).isEmpty();
  }
}
