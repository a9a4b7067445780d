package org.embedllm.artifact;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.itemresponse.ItemResponses;

/// The score from which an answer counts as right, where a pool is trained on such labels instead
/// of graded scores.
public final class RightFrom {
  static final String NOTE = "right_from";

  private RightFrom() {}

  /// Whether a number can be such a score: above 0 and at most 1.
  public static boolean isScore(double value) {
    return value > 0 && value <= 1;
  }

  /// The score that a pool was trained with; empty where it was trained on scores as they are.
  public static OptionalDouble of(ModelArtifact artifact) {
    String note = artifact.notes().get(NOTE);
    return note == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(note));
  }

  /// The pool with a note of the score it was trained with; as it is without one.
  public static ModelArtifact noted(ModelArtifact artifact, OptionalDouble threshold) {
    return threshold.isEmpty()
        ? artifact
        : artifact.withNote(NOTE, Double.toString(threshold.getAsDouble()));
  }

  /// Data whose scores are 1 from the threshold on, else 0; as they are without a threshold.
  public static EvaluationData labeled(EvaluationData data, OptionalDouble threshold) {
    if (threshold.isEmpty()) {
      return data;
    }
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
    return EvaluationData.of(
        CorrectnessMatrix.ofCells(matrix.models(), matrix.questions(), offsets, models, scores),
        data.split(),
        data.callCosts(),
        data.measures().without(Measure.SCORE_VARIANCE), // of the scores, not of the labels
        data.votes());
  }

  /// Answers whose scores are 1 from the threshold on, else 0; as they are without a threshold.
  static ItemResponses labeled(ItemResponses answers, OptionalDouble threshold) {
    if (threshold.isEmpty()) {
      return answers;
    }
    float from = (float) threshold.getAsDouble();
    return ItemResponses.of(
        IntStream.range(0, answers.count()).map(answers::question).toArray(),
        IntStream.range(0, answers.count())
            .mapToDouble(a -> answers.score(a) >= from ? 1 : 0)
            .toArray(),
        IntStream.range(0, answers.count()).mapToDouble(answers::repeats).toArray());
  }
}
