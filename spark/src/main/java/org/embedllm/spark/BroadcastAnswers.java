package org.embedllm.spark;

import java.io.Serializable;
import java.util.Arrays;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.itemresponse.ItemResponses;

/// The cells of a matrix by model, sent to each process once. Immutable.
final class BroadcastAnswers implements Serializable {
  private static final long serialVersionUID = 1;

  private final String[] models; // [m]
  private final int[] offsets; // [m + 1], first cell of each model
  private final int[] questions; // [cells], ascending within a model
  private final float[] scores; // [cells]
  private final float[] repeats; // [cells]
  private final float[] variances; // [cells]

  BroadcastAnswers(CorrectnessMatrix matrix) {
    int m = matrix.modelCount();
    this.models = matrix.models().toArray(String[]::new);
    this.offsets = new int[m + 1];
    for (int c = 0; c < matrix.cellCount(); c++) {
      offsets[matrix.cellModel(c) + 1]++;
    }
    Arrays.parallelPrefix(offsets, Integer::sum);
    this.questions = new int[matrix.cellCount()];
    this.scores = new float[matrix.cellCount()];
    this.repeats = new float[matrix.cellCount()];
    this.variances = new float[matrix.cellCount()];
    int[] next = Arrays.copyOf(offsets, m);
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int at = next[matrix.cellModel(c)]++;
        questions[at] = j;
        scores[at] = matrix.cellScore(c);
        repeats[at] = matrix.cellRepeats(c);
        variances[at] = matrix.cellVariance(c);
      }
    }
  }

  ModelAnswers of(int model) {
    int from = offsets[model];
    int count = offsets[model + 1] - from;
    double[] own = new double[count];
    double[] times = new double[count];
    double[] apart = new double[count];
    for (int a = 0; a < count; a++) {
      own[a] = scores[from + a];
      times[a] = repeats[from + a];
      apart[a] = variances[from + a];
    }
    return new ModelAnswers(
        models[model],
        ItemResponses.of(Arrays.copyOfRange(questions, from, from + count), own, times, apart),
        0,
        "");
  }
}
