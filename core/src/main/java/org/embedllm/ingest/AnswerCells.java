package org.embedllm.ingest;

import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.SourceAnswer;

/// Answers in the order they were read: 12 bytes each, and 8 for each measure that some answer has.
final class AnswerCells {
  private int[] questions = new int[1 << 12];
  private int[] models = new int[1 << 12];
  private float[] scores = new float[1 << 12];
  private int count;
  private int scored;
  private final AnswerDetails details = new AnswerDetails();

  /// @param score in [0, 1], or NaN
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
    scored += Float.isNaN(score) ? 0 : 1;
  }

  /// @param output number of its text, or -1
  void add(int question, int model, SourceAnswer answer, int output) {
    add(question, model, answer.score());
    details.add(count - 1, answer.measures(), output);
  }

  /// What follows comes from another source.
  void beginSource() {
    details.beginSource(count);
  }

  int count() {
    return count;
  }

  /// Number of answers that have a score.
  int scored() {
    return scored;
  }

  /// All scored answers as they came.
  AnswerLog log(List<String> names, List<Question> asked) {
    int[] logModels = new int[scored];
    int[] logQuestions = new int[scored];
    float[] logScores = new float[scored];
    int at = 0;
    for (int c = 0; c < count; c++) {
      if (!Float.isNaN(scores[c])) {
        logModels[at] = models[c];
        logQuestions[at] = questions[c];
        logScores[at++] = scores[c];
      }
    }
    return new AnswerLog(names, asked, logModels, logQuestions, logScores);
  }

  /// Sorts by question and model and merges repeated pairs.
  ///
  /// @param questionRank `[n]` position of each question; -1 for one that is left out
  /// @param modelRank `[m]` position of each model; -1 for one that is left out
  SettledCells settle(int[] questionRank, int[] modelRank, ConflictRule rule) {
    return new Settling(questionRank, modelRank, rule).settled();
  }

  /// One pass over the answers by question and model.
  private final class Settling {
    private final int[] modelRank;
    private final ConflictRule rule;
    private final int[] starts; // [n + 1]
    private final long[] keys; // [answers], the model's place above the reading order
    private final int[] settledModels;
    private final float[] settledScores;
    private final AnswerDetails.Settled settledDetails;
    private float[] run = new float[16];
    private long conflicts;
    private long contradictions;
    private int firstConflict = -1;
    private int cell;

    Settling(int[] questionRank, int[] modelRank, ConflictRule rule) {
      this.modelRank = modelRank;
      this.rule = rule;
      int n = Arrays.stream(questionRank).max().orElse(-1) + 1;
      this.starts = new int[n + 1];
      for (int c = 0; c < count; c++) {
        if (isKept(c, questionRank)) {
          starts[questionRank[questions[c]] + 1]++;
        }
      }
      for (int j = 0; j < n; j++) {
        starts[j + 1] += starts[j];
      }
      this.keys = new long[starts[n]];
      int[] next = Arrays.copyOf(starts, n);
      for (int c = 0; c < count; c++) {
        if (isKept(c, questionRank)) {
          keys[next[questionRank[questions[c]]]++] = ((long) modelRank[models[c]] << 32) | c;
        }
      }
      this.settledModels = new int[keys.length];
      this.settledScores = new float[keys.length];
      this.settledDetails = details.settling(scores, keys.length, rule);
    }

    private boolean isKept(int answer, int[] questionRank) {
      return questionRank[questions[answer]] >= 0 && modelRank[models[answer]] >= 0;
    }

    SettledCells settled() {
      int n = starts.length - 1;
      int[] offsets = new int[n + 1];
      for (int j = 0; j < n; j++) {
        Arrays.sort(keys, starts[j], starts[j + 1]);
        for (int from = starts[j]; from < starts[j + 1]; ) {
          int model = (int) (keys[from] >>> 32);
          int to = from + 1;
          while (to < starts[j + 1] && (int) (keys[to] >>> 32) == model) {
            to++;
          }
          settle(model, from, to);
          from = to;
        }
        offsets[j + 1] = cell;
      }
      return new SettledCells(
          offsets,
          Arrays.copyOf(settledModels, cell),
          Arrays.copyOf(settledScores, cell),
          settledDetails.measures(cell),
          settledDetails.outputs(cell),
          conflicts,
          contradictions,
          firstConflict);
    }

    /// Settles the answers of one model to one question: keys `from` up to, not including, `to`.
    private void settle(int model, int from, int to) {
      if (run.length < to - from) {
        run = new float[2 * (to - from)];
      }
      int length = 0;
      boolean conflict = false;
      boolean contradiction = false;
      int firstSource = -1;
      for (int k = from; k < to; k++) {
        float score = scores[(int) keys[k]];
        if (Float.isNaN(score)) {
          continue;
        }
        run[length++] = score;
        firstSource = length == 1 && to - from > 1 ? details.source((int) keys[k]) : firstSource;
        if (score != run[0]) {
          conflict = true;
          contradiction |= details.source((int) keys[k]) != firstSource;
          firstConflict = firstConflict < 0 ? (int) keys[k] : firstConflict;
        }
      }
      if (length == 0) {
        return;
      }
      conflicts += conflict ? 1 : 0;
      contradictions += contradiction ? 1 : 0;
      float score = conflict ? score(from, to, length) : run[0];
      if (!Float.isNaN(score)) {
        settledModels[cell] = model;
        settledScores[cell] = score;
        settledDetails.settle(cell, keys, from, to);
        cell++;
      }
    }

    private float score(int from, int to, int length) {
      if (rule != ConflictRule.MEAN || !details.hasRepeats()) {
        return rule.settle(run, 0, length);
      }
      double sum = 0;
      double repeats = 0;
      for (int k = from; k < to; k++) {
        int answer = (int) keys[k];
        if (!Float.isNaN(scores[answer])) {
          sum += details.repeats(answer) * scores[answer];
          repeats += details.repeats(answer);
        }
      }
      return (float) (sum / repeats);
    }
  }
}
