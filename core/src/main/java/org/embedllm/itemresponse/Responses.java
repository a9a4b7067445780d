package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;

/// One model's answers to known questions. Immutable.
public final class Responses {
  private final int[] questions; // [count], rows of the questions
  private final double[] scores; // [count], in [0, 1]
  private final double[] repeats; // [count], above 0

  private Responses(int[] questions, double[] scores, double[] repeats) {
    this.repeats = repeats;
    this.questions = questions;
    this.scores = scores;
  }

  /// Some answers.
  ///
  /// @param questions rows of the questions, each once
  /// @param scores in [0, 1]
  public static Responses of(int[] questions, double[] scores) {
    double[] ones = new double[scores.length];
    Arrays.fill(ones, 1);
    return of(questions, scores, ones);
  }

  /// Some answers, each the mean of one or more.
  ///
  /// @param questions rows of the questions, each once
  /// @param scores in [0, 1]
  /// @param repeats how many answers each score is the mean of
  public static Responses of(int[] questions, double[] scores, double[] repeats) {
    if (questions.length != scores.length || repeats.length != scores.length) {
      throw new IllegalArgumentException(
          "%d questions, but %d scores".formatted(questions.length, scores.length));
    }
    for (double score : scores) {
      if (!(score >= 0 && score <= 1)) {
        throw new IllegalArgumentException("a score must be between 0 and 1; got " + score);
      }
    }
    if (Arrays.stream(questions).distinct().count() != questions.length) {
      throw new IllegalArgumentException("a question is answered twice");
    }
    return new Responses(questions.clone(), scores.clone(), repeats.clone());
  }

  /// The answers of each model of a matrix, in row order.
  public static List<Responses> byModel(CorrectnessMatrix matrix) {
    int[] cells = new int[matrix.modelCount()];
    for (int c = 0; c < matrix.cellCount(); c++) {
      cells[matrix.cellModel(c)]++;
    }
    List<Responses> all = new ArrayList<>();
    for (int count : cells) {
      all.add(new Responses(new int[count], new double[count], new double[count]));
    }
    Arrays.fill(cells, 0);
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int i = matrix.cellModel(c);
        all.get(i).questions[cells[i]] = j;
        all.get(i).repeats[cells[i]] = matrix.cellRepeats(c);
        all.get(i).scores[cells[i]++] = matrix.cellScore(c);
      }
    }
    return all;
  }

  /// The answers to some of the questions.
  ///
  /// @param which whether the question of a row is one of them
  public Responses only(IntPredicate which) {
    int[] kept =
        IntStream.range(0, questions.length).filter(a -> which.test(questions[a])).toArray();
    return new Responses(
        Arrays.stream(kept).map(a -> questions[a]).toArray(),
        Arrays.stream(kept).mapToDouble(a -> scores[a]).toArray(),
        Arrays.stream(kept).mapToDouble(a -> repeats[a]).toArray());
  }

  /// Number of answers.
  public int count() {
    return questions.length;
  }

  /// Row of an answer's question.
  public int question(int answer) {
    return questions[answer];
  }

  /// Score of an answer, in [0, 1].
  public double score(int answer) {
    return scores[answer];
  }

  /// How many answers a score is the mean of.
  public double repeats(int answer) {
    return repeats[answer];
  }

  /// Place of a question among the answers, where these are by ascending question ([#sorted]);
  /// below 0 where it is not answered.
  int find(int question) {
    return Arrays.binarySearch(questions, question);
  }

  /// The same answers, by ascending question.
  public Responses sorted() {
    if (IntStream.range(1, questions.length).allMatch(a -> questions[a - 1] < questions[a])) {
      return this;
    }
    Integer[] order = new Integer[questions.length];
    for (int a = 0; a < order.length; a++) {
      order[a] = a;
    }
    Arrays.sort(order, java.util.Comparator.comparingInt(a -> questions[a]));
    int[] sortedQuestions = new int[order.length];
    double[] sortedScores = new double[order.length];
    double[] sortedRepeats = new double[order.length];
    for (int a = 0; a < order.length; a++) {
      sortedQuestions[a] = questions[order[a]];
      sortedScores[a] = scores[order[a]];
      sortedRepeats[a] = repeats[order[a]];
    }
    return new Responses(sortedQuestions, sortedScores, sortedRepeats);
  }

  /// The first `limit` answers.
  public Responses first(int limit) {
    int count = Math.min(limit, questions.length);
    return new Responses(
        Arrays.copyOf(questions, count),
        Arrays.copyOf(scores, count),
        Arrays.copyOf(repeats, count));
  }
}
