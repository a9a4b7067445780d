package org.embedllm.ingest;

import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.source.ConflictRule;

/// Answers in the order they were read: 12 bytes each.
final class AnswerCells {
  private int[] questions = new int[1 << 12];
  private int[] models = new int[1 << 12];
  private float[] scores = new float[1 << 12];
  private int count;

  void add(int question, int model, float score) {
    if (count == questions.length) {
      int larger = (int) Math.min(Integer.MAX_VALUE - 8, count + (count >> 1) + 1L);
      questions = Arrays.copyOf(questions, larger);
      models = Arrays.copyOf(models, larger);
      scores = Arrays.copyOf(scores, larger);
    }
    questions[count] = question;
    models[count] = model;
    scores[count++] = score;
  }

  int count() {
    return count;
  }

  /// All answers as they came.
  AnswerLog log(List<String> names, List<Question> asked) {
    return new AnswerLog(
        names,
        asked,
        Arrays.copyOf(models, count),
        Arrays.copyOf(questions, count),
        Arrays.copyOf(scores, count));
  }

  /// Cells by question, with one score for each (question, model).
  ///
  /// @param offsets [n + 1]
  /// @param models [cells], ascending within a question
  /// @param scores [cells], in [0, 1]
  /// @param conflicts pairs with more than one answer and differing scores
  /// @param firstConflict a cell (in reading order) that disagrees with an earlier one, or -1
  @SuppressWarnings("ArrayRecordComponent") // Lives only between collector and matrix.
  record Settled(int[] offsets, int[] models, float[] scores, long conflicts, int firstConflict) {}

  /// Sorts by question and model and merges repeated pairs.
  ///
  /// @param questionRank [n] position of each question
  /// @param modelRank [m] position of each model
  Settled settle(int[] questionRank, int[] modelRank, ConflictRule rule) {
    int n = questionRank.length;
    int[] starts = new int[n + 1];
    for (int c = 0; c < count; c++) {
      starts[questionRank[questions[c]] + 1]++;
    }
    for (int j = 0; j < n; j++) {
      starts[j + 1] += starts[j];
    }
    // A key has the model's position in its high bits and the reading order in its low bits, so
    // sorting keeps that order.
    long[] keys = new long[count];
    int[] next = Arrays.copyOf(starts, n);
    for (int c = 0; c < count; c++) {
      keys[next[questionRank[questions[c]]]++] = ((long) modelRank[models[c]] << 32) | c;
    }
    int[] offsets = new int[n + 1];
    int[] settledModels = new int[count];
    float[] settledScores = new float[count];
    float[] run = new float[16];
    long conflicts = 0;
    int firstConflict = -1;
    int cell = 0;
    for (int j = 0; j < n; j++) {
      Arrays.sort(keys, starts[j], starts[j + 1]);
      for (int from = starts[j]; from < starts[j + 1]; ) {
        int model = (int) (keys[from] >>> 32);
        int length = 0;
        boolean conflict = false;
        for (int k = from; k < starts[j + 1] && (int) (keys[k] >>> 32) == model; k++) {
          if (length == run.length) {
            run = Arrays.copyOf(run, 2 * length);
          }
          run[length++] = scores[(int) keys[k]];
          if (run[length - 1] != run[0]) {
            conflict = true;
            firstConflict = firstConflict < 0 ? (int) keys[k] : firstConflict;
          }
        }
        conflicts += conflict ? 1 : 0;
        float score = conflict ? rule.settle(run, 0, length) : run[0];
        if (!Float.isNaN(score)) {
          settledModels[cell] = model;
          settledScores[cell++] = score;
        }
        from += length;
      }
      offsets[j + 1] = cell;
    }
    return new Settled(
        offsets,
        Arrays.copyOf(settledModels, cell),
        Arrays.copyOf(settledScores, cell),
        conflicts,
        firstConflict);
  }
}
