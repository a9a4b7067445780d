package org.embedllm.app.task;

import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.dataset.Dataset;
import org.embedllm.storage.BadInputException;

/// The score from which an answer counts as right, where a pool was trained on such labels instead
/// of graded scores.
public final class RightFrom {
  /// Name of the note in a model file.
  public static final String NOTE = "right_from";

  private RightFrom() {}

  /// @throws BadInputException when it is not above 0 and at most 1
  public static OptionalDouble parsed(Optional<Double> value) {
    if (value.isPresent() && !(value.get() > 0 && value.get() <= 1)) {
      throw BadInputException.of("--right-from must be above 0 and at most 1; got " + value.get());
    }
    return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
  }

  /// The threshold that a pool was trained with.
  public static OptionalDouble of(ModelArtifact artifact) {
    String note = artifact.notes().get(NOTE);
    return note == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(note));
  }

  /// A data set whose scores are 1 from the threshold on, else 0; as it is without a threshold.
  public static Dataset labelled(Dataset dataset, OptionalDouble threshold) {
    if (threshold.isEmpty()) {
      return dataset;
    }
    EvaluationData data = dataset.data();
    CorrectnessMatrix matrix = data.matrix();
    int[] offsets = new int[matrix.questionCount() + 1];
    int[] models = new int[matrix.cellCount()];
    float[] scores = new float[matrix.cellCount()];
    for (int j = 0; j < offsets.length; j++) {
      offsets[j] = matrix.firstCell(j);
    }
    for (int c = 0; c < scores.length; c++) {
      models[c] = matrix.cellModel(c);
      scores[c] = matrix.cellScore(c) >= (float) threshold.getAsDouble() ? 1 : 0;
    }
    return new Dataset(
        EvaluationData.of(
            CorrectnessMatrix.ofCells(matrix.models(), matrix.questions(), offsets, models, scores),
            data.split(),
            data.callCosts(),
            data.measures(),
            data.votes()),
        dataset.groups(),
        dataset.references(),
        dataset.outputs(),
        dataset.report(),
        dataset.directory());
  }
}
