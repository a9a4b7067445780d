package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// Small artifacts made from seeded numbers.
final class ArtifactSamples {
  static final EncoderIdentity ENCODER = new EncoderIdentity("tiny", "ab".repeat(32), 3, 16);
  static final List<String> MODELS = List.of("org/alpha", "beta \"quoted\" π", "gamma");

  private ArtifactSamples() {}

  static ModelArtifact linear() {
    return artifact(new FeatureMap.Identity(3), 3);
  }

  static ModelArtifact kernel() {
    return artifact(new FeatureMap.Kernel(unitRows(matrix(4, 3, 9)), 4.5f), 4);
  }

  private static ModelArtifact artifact(FeatureMap features, int r) {
    return new ModelArtifact(
        new MatrixFactorization(
            MODELS,
            ENCODER,
            features,
            matrix(3, 2, 1),
            matrix(2, r, 2),
            matrix(1, 2, 3),
            matrix(2, 2, 4),
            matrix(1, 2, 5)),
        AnswerCounts.of(answers()),
        new Provenance("0.1.0", "cd".repeat(32), Map.of("epochs", "50", "dimension", "2"), 7),
        Map.of("gamma", 0.0125),
        Optional.empty(),
        Map.of("questions.second_moment", matrix(2, 2, 6)),
        Map.of("knn_k", "5"));
  }

  static CorrectnessMatrix answers() {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[6][3];
    for (int j = 0; j < 6; j++) {
      questions.add(
          new Question("q" + j, "What, \"exactly\",\nis " + j + "?\u2028", j % 2 == 0 ? "a" : "b"));
      for (int i = 0; i < 3; i++) {
        scores[j][i] = (i + j) % 4 == 0 ? Float.NaN : ((i * j) % 3) / 2f;
      }
    }
    return CorrectnessMatrix.ofDense(MODELS, questions, scores);
  }

  static TrainingQuestions questions() {
    return questions(8);
  }

  /// The same questions with other vectors.
  static TrainingQuestions otherQuestions() {
    return questions(9);
  }

  private static TrainingQuestions questions(long seed) {
    CorrectnessMatrix answers = answers();
    List<String> ids = answers.questions().stream().map(Question::id).toList();
    return new TrainingQuestions(answers, new QuestionVectors(ids, matrix(6, 3, seed), ENCODER));
  }

  private static FloatMatrix unitRows(FloatMatrix matrix) {
    float[] values = matrix.toArray();
    for (int row = 0; row < matrix.rows(); row++) {
      double squares = 0;
      for (float x : matrix.row(row)) {
        squares += (double) x * x;
      }
      for (int k = row * matrix.columns(); k < (row + 1) * matrix.columns(); k++) {
        values[k] = (float) (values[k] / Math.sqrt(squares));
      }
    }
    return FloatMatrix.wrap(matrix.rows(), matrix.columns(), values);
  }

  static FloatMatrix matrix(int rows, int columns, long seed) {
    Random random = new Random(seed);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
