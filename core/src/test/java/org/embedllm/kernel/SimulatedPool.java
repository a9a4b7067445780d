package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// Models with an ability and two benchmarks of questions whose difficulty follows from their
/// vectors in a curved way, plus what no vector tells.
public final class SimulatedPool {
  public final CorrectnessMatrix matrix;
  public final QuestionVectors vectors;
  public final double[][] probabilities; // [n][m]
  public final double[] abilities; // [m]

  public SimulatedPool(int m, int n, double missing, double hidden, long seed) {
    var random = new SplittableRandom(seed);
    int q = 8;
    float[] x = new float[n * q];
    abilities = new double[m];
    double[] taste = new double[m];
    for (int i = 0; i < m; i++) {
      abilities[i] = random.nextGaussian();
      taste[i] = 0.25 * random.nextGaussian();
    }
    probabilities = new double[n][m];
    float[][] scores = new float[n][m];
    List<Question> questions = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      double norm = 0;
      for (int k = 0; k < q; k++) {
        x[j * q + k] = (float) random.nextGaussian();
        norm += x[j * q + k] * x[j * q + k];
      }
      for (int k = 0; k < q; k++) {
        x[j * q + k] /= (float) Math.sqrt(norm);
      }
      double easy = 3 * Math.sin(3 * x[j * q]) + hidden * random.nextGaussian();
      for (int i = 0; i < m; i++) {
        double logit = easy + abilities[i] + taste[i] * 3 * x[j * q + 1];
        probabilities[j][i] = 1 / (1 + Math.exp(-logit));
        scores[j][i] =
            random.nextDouble() < missing
                ? Float.NaN
                : random.nextDouble() < probabilities[j][i] ? 1 : 0;
      }
      questions.add(new Question("q" + j, "text " + j, j % 2 == 0 ? "even" : "odd"));
      ids.add("q" + j);
    }
    List<String> models = new ArrayList<>();
    for (int i = 0; i < m; i++) {
      models.add("model-" + i);
    }
    matrix = CorrectnessMatrix.ofDense(models, questions, scores);
    vectors =
        new QuestionVectors(
            ids, FloatMatrix.wrap(n, q, x), new EncoderIdentity("simulated", "00", q, 0));
  }

  public static int[] range(int from, int to) {
    return java.util.stream.IntStream.range(from, to).toArray();
  }

  public static int[] without(int m, int model) {
    return java.util.stream.IntStream.range(0, m).filter(i -> i != model).toArray();
  }

  public CorrectnessMatrix questions(int from, int to) {
    return matrix.selectQuestions(range(from, to));
  }

  public FloatMatrix vectors(int from, int to) {
    return vectors.vectors().selectRows(range(from, to));
  }

  public TrainingProblem problem(int train, int validation) {
    return TrainingProblem.of(questions(0, train), vectors)
        .withValidation(questions(train, train + validation), vectors);
  }

  /// The problem of a model's vector, from a training without that model.
  public ModelVectorProblem vectorProblemWithout(int model) {
    CorrectnessMatrix others = matrix.selectModels(without(matrix.models().size(), model));
    return new KernelFactorizationTrainer(
            KernelOptions.DEFAULT
                .withLandmarks(80)
                .withDimensions(List.of(3))
                .withRidges(List.of(5.0))
                .withThreads(1))
        .fit(TrainingProblem.of(others, vectors))
        .vectorProblem();
  }
}
