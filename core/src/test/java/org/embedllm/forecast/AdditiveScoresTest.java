package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.junit.jupiter.api.Test;

class AdditiveScoresTest {
  private static final int MODELS = 5;
  private static final int QUESTIONS = 7;

  private static float[][] scores() {
    var random = new SplittableRandom(3);
    float[][] scores = new float[QUESTIONS][MODELS];
    for (float[] row : scores) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(4) == 0 ? Float.NaN : (float) random.nextDouble();
      }
    }
    return scores;
  }

  /// The same by turns, the cell left out and the mean of all cells kept.
  private static double byTurns(float[][] scores, double mean, int j, int i) {
    double[] a = new double[MODELS];
    double[] b = new double[QUESTIONS];
    for (int turn = 0; turn < 2_000; turn++) {
      for (int x = 0; x < MODELS; x++) {
        double sum = 0;
        double count = 1;
        for (int y = 0; y < QUESTIONS; y++) {
          if (!Float.isNaN(scores[y][x]) && !(x == i && y == j)) {
            sum += scores[y][x] - mean - b[y];
            count++;
          }
        }
        a[x] = sum / count;
      }
      for (int y = 0; y < QUESTIONS; y++) {
        double sum = 0;
        double count = 0.5;
        for (int x = 0; x < MODELS; x++) {
          if (!Float.isNaN(scores[y][x]) && !(x == i && y == j)) {
            sum += scores[y][x] - mean - a[x];
            count++;
          }
        }
        b[y] = sum / count;
      }
    }
    return mean + a[i] + b[j];
  }

  @Test
  void without_isTheFitToAllOtherCells() {
    float[][] scores = scores();
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "q" + j, Question.NO_BENCHMARK));
    }
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
            IntStream.range(0, MODELS).mapToObj(i -> "m" + i).toList(), questions, scores);
    double mean =
        IntStream.range(0, answers.cellCount())
            .mapToDouble(answers::cellScore)
            .average()
            .orElseThrow();
    AdditiveScores additive = AdditiveScores.fit(answers).orElseThrow();
    for (int j = 0; j < QUESTIONS; j++) {
      double[] without = additive.without(j);
      for (int c = 0; c < without.length; c++) {
        int i = answers.cellModel(answers.firstCell(j) + c);
        assertThat(without[c]).isCloseTo(byTurns(scores, mean, j, i), within(1e-9));
      }
    }
  }
}
