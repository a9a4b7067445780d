package org.embedllm.factorization;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;

/// What a factorization is fitted to, with any features in the place of question vectors.
///
/// @param train answers, [m, n], at least one observed
/// @param features [n, r], a row for each training question
/// @param weights importance of the cells
/// @param validation what is scored after each epoch and never trained on
public record FeatureProblem(
    CorrectnessMatrix train,
    FloatMatrix features,
    CellWeights weights,
    Optional<Validation> validation) {
  /// Questions that are scored after each epoch.
  ///
  /// @param matrix answers; its models are among those of the training matrix, in any order
  /// @param features [n, r]
  public record Validation(CorrectnessMatrix matrix, FloatMatrix features) {}

  /// @throws IllegalArgumentException when shapes or models do not fit, or nothing is observed
  public FeatureProblem {
    Objects.requireNonNull(weights, "weights");
    require(train.cellCount() > 0, "there is no observed answer to train on");
    require(
        features.rows() == train.questionCount(),
        "%d training questions, but %d rows of features",
        train.questionCount(),
        features.rows());
    require(features.columns() > 0, "features must have at least one column");
    for (float value : features.sharedArray()) {
      require(Float.isFinite(value), "features must be finite; got %s", value);
    }
    require(
        weights.count() == 0 || weights.count() == train.cellCount(),
        "%d observed cells, but %d weights",
        train.cellCount(),
        weights.count());
    validation.ifPresent(held -> requireFits(train, features, held));
  }

  /// A problem without validation, all cells of one weight.
  public static FeatureProblem of(CorrectnessMatrix train, FloatMatrix features) {
    return new FeatureProblem(train, features, CellWeights.EQUAL, Optional.empty());
  }

  public FeatureProblem withValidation(CorrectnessMatrix matrix, FloatMatrix values) {
    return new FeatureProblem(
        train, features, weights, Optional.of(new Validation(matrix, values)));
  }

  public FeatureProblem withWeights(CellWeights value) {
    return new FeatureProblem(train, features, value, validation);
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
