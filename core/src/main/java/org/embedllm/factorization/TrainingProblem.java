package org.embedllm.factorization;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// What a forecaster is fitted to: answers and the vectors of their questions.
///
/// Vectors are found by the id of a question, never by position; there may be more of them than
/// questions. It has no test questions.
///
/// @param encoder whose vectors they are
/// @param train answers, [m, n], at least one observed
/// @param features [n, q], a row for each training question, finite
/// @param validation what is scored after each epoch and never trained on
public record TrainingProblem(
    EncoderIdentity encoder,
    CorrectnessMatrix train,
    FloatMatrix features,
    Optional<Validation> validation) {
  /// Questions that are scored and never trained on.
  ///
  /// @param matrix answers; its models are among those of the training matrix, in any order
  /// @param features [n, q]
  public record Validation(CorrectnessMatrix matrix, FloatMatrix features) {}

  /// @throws IllegalArgumentException when shapes or models do not fit, or nothing is observed
  public TrainingProblem {
    require(train.cellCount() > 0, "there is no observed answer to train on");
    require(
        features.rows() == train.questionCount(),
        "%d training questions, but %d rows of features",
        train.questionCount(),
        features.rows());
    require(
        features.columns() == encoder.dimension(),
        "encoder %s has dimension %d; the vectors have %d",
        encoder.name(),
        encoder.dimension(),
        features.columns());
    require(features.columns() > 0, "features must have at least one column");
    for (float value : features.sharedArray()) {
      require(Float.isFinite(value), "features must be finite; got %s", value);
    }
    if (validation.isPresent()) {
      requireFits(train, features, validation.get());
    }
  }

  /// A problem without validation.
  ///
  /// @throws IllegalArgumentException when a question has no vector or nothing is observed
  public static TrainingProblem of(CorrectnessMatrix train, QuestionVectors vectors) {
    return new TrainingProblem(
        vectors.encoder(), train, vectors.of(train.questions()).vectors(), Optional.empty());
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
    FloatMatrix rows = vectors.of(matrix.questions()).vectors();
    return new TrainingProblem(encoder, train, features, Optional.of(new Validation(matrix, rows)));
  }

  private static void requireFits(
      CorrectnessMatrix train, FloatMatrix features, Validation validation) {
    require(
        validation.features().rows() == validation.matrix().questionCount()
            && validation.features().columns() == features.columns(),
        "%d validation questions and %d features take another shape than %s",
        validation.matrix().questionCount(),
        features.columns(),
        validation.features());
    List<String> unknown = new ArrayList<>(validation.matrix().models());
    unknown.removeIf(name -> train.modelIndex(name).isPresent());
    require(unknown.isEmpty(), "validation has models that training does not have: %s", unknown);
  }

  private static void require(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(arguments));
    }
  }
}
