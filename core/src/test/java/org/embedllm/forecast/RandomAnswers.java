package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;

/// Seeded answers with missing cells, scores between 0 and 1, and questions of no benchmark.
public final class RandomAnswers {
  private RandomAnswers() {}

  public static CorrectnessMatrix answers(int n, int m, double missing, long seed) {
    Random random = new Random(seed);
    List<String> models = new ArrayList<>();
    for (int i = 0; i < m; i++) {
      models.add("model-" + i);
    }
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[n][m];
    for (int j = 0; j < n; j++) {
      String benchmark = j % 7 == 0 ? Question.NO_BENCHMARK : "benchmark-" + j % 3;
      questions.add(new Question("q" + j, "text " + j, benchmark));
      for (int i = 0; i < m; i++) {
        scores[j][i] =
            random.nextDouble() < missing
                ? Float.NaN
                : random.nextInt(10) == 0
                    ? random.nextFloat()
                    : random.nextDouble() < 0.3 + 0.5 * i / m ? 1f : 0f;
      }
    }
    return CorrectnessMatrix.ofDense(models, questions, scores);
  }

  /// [n, m] probabilities with some ties.
  public static FloatMatrix probabilities(int n, int m, long seed) {
    Random random = new Random(seed);
    float[] values = new float[n * m];
    for (int at = 0; at < values.length; at++) {
      values[at] = random.nextInt(4) == 0 ? 0.25f * random.nextInt(5) : random.nextFloat();
    }
    return FloatMatrix.wrap(n, m, values);
  }

  /// [n, m] shares of votes with ties and absent votes.
  public static NeighborVotes votes(int n, int m, long seed) {
    Random random = new Random(seed);
    float[] values = new float[n * m];
    for (int at = 0; at < values.length; at++) {
      values[at] = random.nextInt(6) == 0 ? Float.NaN : random.nextInt(5) / 4f;
    }
    return new NeighborVotes(4, FloatMatrix.wrap(n, m, values));
  }
}
