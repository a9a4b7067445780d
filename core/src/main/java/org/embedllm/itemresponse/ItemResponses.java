package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;

/// One model's answers to known questions. Immutable.
public final class ItemResponses {
  private final int[] questions; // [count], rows of the questions
  private final double[] scores; // [count], in [0, 1]
  private final double[] repeats; // [count], above 0
  private final double[] variances; // [count], NaN where not known

  private ItemResponses(int[] questions, double[] scores, double[] repeats, double[] variances) {
    this.repeats = repeats;
    this.variances = variances;
    this.questions = questions;
    this.scores = scores;
  }

  /// Some answers.
  ///
  /// @param questions rows of the questions, each once
  /// @param scores in [0, 1]
  public static ItemResponses of(int[] questions, double[] scores) {
    double[] ones = new double[scores.length];
    Arrays.fill(ones, 1);
    return of(questions, scores, ones);
  }

  /// Some answers, each the mean of one or more.
  ///
  /// @param questions rows of the questions, each once
  /// @param scores in [0, 1]
  /// @param repeats how many answers each score is the mean of
  public static ItemResponses of(int[] questions, double[] scores, double[] repeats) {
    double[] unknown = new double[scores.length];
    Arrays.fill(unknown, Double.NaN);
    return of(questions, scores, repeats, unknown);
  }

  /// Some answers, each the mean of one or more.
  ///
  /// @param questions rows of the questions, each once
  /// @param scores in [0, 1]
  /// @param repeats how many answers each score is the mean of
  /// @param variances sample variances of these answers' scores; NaN where not known
  public static ItemResponses of(
      int[] questions, double[] scores, double[] repeats, double[] variances) {
    if (questions.length != scores.length
        || repeats.length != scores.length
        || variances.length != scores.length) {
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
    return new ItemResponses(questions.clone(), scores.clone(), repeats.clone(), variances.clone());
  }

  /// The answers of each model of a matrix, in row order.
  public static List<ItemResponses> byModel(CorrectnessMatrix matrix) {
    int[] cells = new int[matrix.modelCount()];
    for (int c = 0; c < matrix.cellCount(); c++) {
      cells[matrix.cellModel(c)]++;
    }
    List<ItemResponses> all = new ArrayList<>();
    for (int count : cells) {
      all.add(
          new ItemResponses(
              new int[count], new double[count], new double[count], new double[count]));
    }
    Arrays.fill(cells, 0);
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int i = matrix.cellModel(c);
        all.get(i).questions[cells[i]] = j;
        all.get(i).repeats[cells[i]] = matrix.cellRepeats(c);
        all.get(i).variances[cells[i]] = matrix.cellVariance(c);
        all.get(i).scores[cells[i]++] = matrix.cellScore(c);
      }
    }
    return all;
  }

  /// The answers to some of the questions.
  ///
  /// @param which whether the question of a row is one of them
  public ItemResponses only(IntPredicate which) {
    int[] kept =
        IntStream.range(0, questions.length).filter(a -> which.test(questions[a])).toArray();
    return at(kept);
  }

  /// The answers at some places, in that order.
  private ItemResponses at(int[] places) {
    return new ItemResponses(
        Arrays.stream(places).map(a -> questions[a]).toArray(),
        Arrays.stream(places).mapToDouble(a -> scores[a]).toArray(),
        Arrays.stream(places).mapToDouble(a -> repeats[a]).toArray(),
        Arrays.stream(places).mapToDouble(a -> variances[a]).toArray());
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

  /// Sample variance of the answers that a score is the mean of; NaN where it is not known.
  public double variance(int answer) {
    return variances[answer];
  }

  /// Place of a question among the answers, where these are by ascending question ([#sorted]);
  /// below 0 where it is not answered.
  int find(int question) {
    return Arrays.binarySearch(questions, question);
  }

  /// Whether they are by ascending question.
  boolean areSorted() {
    for (int a = 1; a < questions.length; a++) {
      if (questions[a - 1] >= questions[a]) {
        return false;
      }
    }
    return true;
  }

  /// The same answers, by ascending question.
  public ItemResponses sorted() {
    if (areSorted()) {
      return this;
    }
    return at(
        IntStream.range(0, questions.length)
            .boxed()
            .sorted(Comparator.comparingInt(a -> questions[a]))
            .mapToInt(a -> a)
            .toArray());
  }

  /// The first `limit` answers.
  public ItemResponses first(int limit) {
    return at(IntStream.range(0, Math.min(limit, questions.length)).toArray());
  }
}
