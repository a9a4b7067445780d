package org.embedllm.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.linalg.Logistic;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// A made-up problem of a given size: questions of several topics, models with skills.
///
/// Vectors are of length 1 around one of 64 topics; a model's chance on a question follows its
/// skill in the topic and a direction of its own. About six answers in ten are right. A topic is a
/// benchmark.
final class SyntheticProblem {
  private static final int TOPICS = 64;

  private SyntheticProblem() {}

  /// @param observed share of the cells that are observed, in (0, 1]
  static TrainingProblem of(int models, int questions, int q, double observed, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] topics = normals(random, TOPICS * q);
    float[] skill = normals(random, models * TOPICS);
    int[] topicOf = new int[questions];
    float[] vectors = vectors(random, topics, topicOf, questions, q);
    int[] offsets = new int[questions + 1];
    int[] cellModels = new int[Math.toIntExact((long) (questions * (double) models))];
    float[] cellScores = new float[cellModels.length];
    int cell = 0;
    for (int j = 0; j < questions; j++) {
      double difficulty = random.nextGaussian();
      for (int i = 0; i < models; i++) {
        if (observed >= 1 || random.nextDouble() < observed) {
          double logit = 0.4 + skill[i * TOPICS + topicOf[j]] - difficulty;
          cellModels[cell] = i;
          cellScores[cell++] = random.nextDouble() < Logistic.sigmoid(logit) ? 1f : 0f;
        }
      }
      offsets[j + 1] = cell;
    }
    List<Question> asked =
        IntStream.range(0, questions)
            .mapToObj(j -> new Question("q" + j, "", "topic-" + topicOf[j]))
            .toList();
    List<String> names = IntStream.range(0, models).mapToObj(i -> "model-" + i).toList();
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofCells(
            names,
            asked,
            offsets,
            java.util.Arrays.copyOf(cellModels, cell),
            java.util.Arrays.copyOf(cellScores, cell));
    return new TrainingProblem(
        new EncoderIdentity("synthetic", "", q, 0),
        matrix,
        FloatMatrix.wrap(questions, q, vectors),
        Optional.empty());
  }

  /// The same with its last questions for validation.
  ///
  /// @param held number of validation questions
  static TrainingProblem withValidation(TrainingProblem all, int held) {
    int n = all.features().rows() - held;
    int q = all.features().columns();
    float[] vectors = all.features().sharedArray();
    int[] first = IntStream.range(0, n).toArray();
    int[] last = IntStream.range(n, n + held).toArray();
    return new TrainingProblem(
        all.encoder(),
        all.train().selectQuestions(first),
        FloatMatrix.wrap(n, q, java.util.Arrays.copyOf(vectors, n * q)),
        Optional.of(
            new TrainingProblem.Validation(
                all.train().selectQuestions(last),
                FloatMatrix.wrap(
                    held, q, java.util.Arrays.copyOfRange(vectors, n * q, (n + held) * q)))));
  }

  private static float[] vectors(
      SplittableRandom random, float[] topics, int[] topicOf, int questions, int q) {
    float[] vectors = new float[questions * q];
    for (int j = 0; j < questions; j++) {
      topicOf[j] = random.nextInt(TOPICS);
      double square = 0;
      for (int l = 0; l < q; l++) {
        float value = topics[topicOf[j] * q + l] + (float) random.nextGaussian();
        vectors[j * q + l] = value;
        square += value * value;
      }
      float scale = (float) (1 / Math.sqrt(square));
      for (int l = 0; l < q; l++) {
        vectors[j * q + l] *= scale;
      }
    }
    return vectors;
  }

  /// Random directions, [rows, columns], rows of length 1.
  static FloatMatrix unitRows(SplittableRandom random, int rows, int columns) {
    float[] values = normals(random, rows * columns);
    for (int from = 0; from < values.length; from += columns) {
      double square = 0;
      for (int k = from; k < from + columns; k++) {
        square += (double) values[k] * values[k];
      }
      for (int k = from; k < from + columns; k++) {
        values[k] = (float) (values[k] / Math.sqrt(square));
      }
    }
    return FloatMatrix.wrap(rows, columns, values);
  }

  static float[] normals(SplittableRandom random, int length) {
    float[] values = new float[length];
    for (int at = 0; at < length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return values;
  }
}
