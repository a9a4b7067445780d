package org.embedllm.factorization;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// What a factorization is fitted to: answers and the vectors of their questions.
///
/// Vectors are found by the id of a question, never by position; there may be more of them than
/// questions. It has no test questions.
///
/// @param encoder whose vectors they are
/// @param features the same, as answers and plain matrices
public record TrainingProblem(EncoderIdentity encoder, FeatureProblem features) {
  /// @throws IllegalArgumentException when the features have another dimension than the encoder
  public TrainingProblem {
    if (features.features().columns() != encoder.dimension()) {
      throw new IllegalArgumentException(
          "encoder %s has dimension %d; the vectors have %d"
              .formatted(encoder.name(), encoder.dimension(), features.features().columns()));
    }
  }

  /// A problem without validation.
  ///
  /// @throws IllegalArgumentException when a question has no vector or nothing is observed
  public static TrainingProblem of(CorrectnessMatrix train, QuestionVectors vectors) {
    return new TrainingProblem(
        vectors.encoder(), FeatureProblem.of(train, aligned(train.questions(), vectors)));
  }

  /// The same with questions that are scored after each epoch.
  ///
  /// @throws IllegalArgumentException when a question has no vector, the encoder is another, or a
  ///   model is not among those of the training matrix
  public TrainingProblem withValidation(CorrectnessMatrix matrix, QuestionVectors vectors) {
    if (!vectors.encoder().equals(encoder)) {
      throw new IllegalArgumentException(
          "training vectors come from encoder %s, validation vectors from %s"
              .formatted(encoder.name(), vectors.encoder().name()));
    }
    return new TrainingProblem(
        encoder, features.withValidation(matrix, aligned(matrix.questions(), vectors)));
  }

  /// The same with importance weights.
  public TrainingProblem withWeights(CellWeights weights) {
    return new TrainingProblem(encoder, features.withWeights(weights));
  }

  /// The answers that are trained on, [m, n].
  public CorrectnessMatrix train() {
    return features.train();
  }

  /// The answers that are scored after each epoch.
  public Optional<CorrectnessMatrix> validation() {
    return features.validation().map(FeatureProblem.Validation::matrix);
  }

  /// [n, q]: a row for each question, in the order of the questions.
  private static FloatMatrix aligned(List<Question> questions, QuestionVectors vectors) {
    boolean inOrder = questions.size() == vectors.count();
    for (int j = 0; inOrder && j < questions.size(); j++) {
      inOrder = questions.get(j).id().equals(vectors.ids().get(j));
    }
    if (inOrder) {
      return vectors.vectors();
    }
    Map<String, Integer> rows = HashMap.newHashMap(vectors.count());
    for (int j = 0; j < vectors.count(); j++) {
      rows.put(vectors.ids().get(j), j);
    }
    int[] which = new int[questions.size()];
    for (int j = 0; j < which.length; j++) {
      Integer row = rows.get(questions.get(j).id());
      if (row == null) {
        throw new IllegalArgumentException(
            "question %s has no vector".formatted(questions.get(j).id()));
      }
      which[j] = row;
    }
    return vectors.vectors().selectRows(which);
  }
}
