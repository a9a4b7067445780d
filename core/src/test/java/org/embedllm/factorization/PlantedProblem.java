package org.embedllm.factorization;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;

/// Answers drawn from a factorization of rank 3: what training should find again.
final class PlantedProblem {
  private static final int RANK = 3;

  private final int models;
  private final int q;
  private final float[] skills; // [m, RANK]
  private final float[] directions; // [RANK, q]
  private final SplittableRandom random;
  private final TrainingProblem train;
  private final TrainingProblem.Validation validation;

  PlantedProblem(int models, int questions, int q, double observed, long seed) {
    this.models = models;
    this.q = q;
    this.random = new SplittableRandom(seed);
    this.skills = normals(models * RANK);
    this.directions = normals(RANK * q);
    FloatMatrix features = FloatMatrix.wrap(questions, q, normals(questions * q));
    this.train = Fixtures.problem(answers(features, observed, "train-"), features);
    FloatMatrix others = FloatMatrix.wrap(100, q, normals(100 * q));
    this.validation = new TrainingProblem.Validation(answers(others, observed, "other-"), others);
  }

  TrainingProblem train() {
    return train;
  }

  TrainingProblem validated() {
    return Fixtures.problem(train.train(), train.features(), validation);
  }

  TrainingProblem.Validation validation() {
    return validation;
  }

  double validationProbability(int model, int question) {
    return probability(model, validation.features(), question);
  }

  private double probability(int model, FloatMatrix features, int question) {
    double logit = 0;
    for (int k = 0; k < RANK; k++) {
      double along = 0;
      for (int l = 0; l < q; l++) {
        along += directions[k * q + l] * features.get(question, l) / Math.sqrt(q);
      }
      logit += skills[model * RANK + k] * along;
    }
    return 1 / (1 + Math.exp(-logit));
  }

  private CorrectnessMatrix answers(FloatMatrix features, double observed, String prefix) {
    float[][] scores = new float[features.rows()][models];
    for (int j = 0; j < scores.length; j++) {
      for (int i = 0; i < models; i++) {
        float answer = random.nextDouble() < probability(i, features, j) ? 1f : 0f;
        scores[j][i] = random.nextDouble() < observed ? answer : Float.NaN;
      }
    }
    List<Question> questions =
        IntStream.range(0, scores.length)
            .mapToObj(j -> new Question(prefix + j, "text", Question.NO_BENCHMARK))
            .toList();
    List<String> names = IntStream.range(0, models).mapToObj(i -> "model-" + i).toList();
    return CorrectnessMatrix.ofDense(names, questions, scores);
  }

  private float[] normals(int length) {
    float[] values = new float[length];
    for (int at = 0; at < length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return values;
  }
}
