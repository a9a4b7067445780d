package org.embedllm.correctness;

import java.util.Arrays;
import java.util.List;

/// How often each model was asked and was right, over all questions of a matrix and within each
/// benchmark: what is known of a model before seeing any question.
///
/// An answer counts as right when its score is at least one half. Immutable.
public final class AnswerCounts {
  private final List<String> models;
  private final List<String> benchmarks;
  private final int[] questions; // [1 + B], all questions first
  private final int[] cells; // [m, 1 + B], row-major
  private final int[] correct; // [m, 1 + B], row-major

  private AnswerCounts(
      List<String> models, List<String> benchmarks, int[] questions, int[] cells, int[] correct) {
    this.models = List.copyOf(models);
    this.benchmarks = List.copyOf(benchmarks);
    this.questions = questions;
    this.cells = cells;
    this.correct = correct;
  }

  /// The counts of a matrix.
  public static AnswerCounts of(CorrectnessMatrix matrix) {
    List<String> benchmarks = matrix.benchmarks();
    int width = 1 + benchmarks.size();
    int[] questions = new int[width];
    int[] cells = new int[matrix.modelCount() * width];
    int[] correct = new int[cells.length];
    for (int j = 0; j < matrix.questionCount(); j++) {
      int column = 1 + benchmarks.indexOf(matrix.questions().get(j).benchmark());
      questions[0]++;
      questions[column] += column > 0 ? 1 : 0;
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int right = CorrectnessMatrix.isCorrect(matrix.cellScore(c)) ? 1 : 0;
        int row = matrix.cellModel(c) * width;
        cells[row]++;
        correct[row] += right;
        if (column > 0) {
          cells[row + column]++;
          correct[row + column] += right;
        }
      }
    }
    return new AnswerCounts(matrix.models(), benchmarks, questions, cells, correct);
  }

  /// Counts from a file.
  ///
  /// @param benchmarks names of the B benchmarks
  /// @param questions [1 + B], the number of all questions and of each benchmark's
  /// @param cells [m, 1 + B] row-major, observed answers
  /// @param correct [m, 1 + B] row-major, right answers
  /// @throws IllegalArgumentException when shapes do not fit or more answers are right than
  ///   observed
  public static AnswerCounts of(
      List<String> models, List<String> benchmarks, int[] questions, int[] cells, int[] correct) {
    int width = 1 + benchmarks.size();
    if (questions.length != width
        || cells.length != models.size() * width
        || correct.length != cells.length) {
      throw new IllegalArgumentException(
          "counts of %d models and %d benchmarks do not fit %d, %d and %d values"
              .formatted(
                  models.size(),
                  benchmarks.size(),
                  questions.length,
                  cells.length,
                  correct.length));
    }
    for (int at = 0; at < cells.length; at++) {
      if (correct[at] < 0 || correct[at] > cells[at] || cells[at] > questions[at % width]) {
        throw new IllegalArgumentException(
            "%d right answers of %d to %d questions cannot be"
                .formatted(correct[at], cells[at], questions[at % width]));
      }
    }
    return new AnswerCounts(models, benchmarks, questions.clone(), cells.clone(), correct.clone());
  }

  /// Names of the m models.
  public List<String> models() {
    return models;
  }

  /// Names of the B benchmarks, sorted.
  public List<String> benchmarks() {
    return benchmarks;
  }

  /// Number of questions.
  public int questions() {
    return questions[0];
  }

  /// Number of questions of a benchmark; 0 for one that was never seen.
  public int questions(String benchmark) {
    int column = column(benchmark);
    return column == 0 ? 0 : questions[column];
  }

  /// Observed answers of a model.
  public int cells(int model) {
    return cells[model * questions.length];
  }

  /// Observed answers of a model on a benchmark; 0 for a benchmark that was never seen.
  public int cells(int model, String benchmark) {
    int column = column(benchmark);
    return column == 0 ? 0 : cells[model * questions.length + column];
  }

  /// Right answers of a model.
  public int correct(int model) {
    return correct[model * questions.length];
  }

  /// Right answers of a model on a benchmark.
  public int correct(int model, String benchmark) {
    int column = column(benchmark);
    return column == 0 ? 0 : correct[model * questions.length + column];
  }

  /// Fraction of right answers among the observed ones; NaN where none was observed.
  public double accuracy(int model) {
    return (double) correct(model) / cells(model);
  }

  /// Fraction of right answers on a benchmark; NaN where none was observed.
  public double accuracy(int model, String benchmark) {
    return (double) correct(model, benchmark) / cells(model, benchmark);
  }

  /// Whether a model is more often right than wrong, a tie and a model without answers included
  /// among the right ones.
  public boolean majority(int model) {
    return 2 * correct(model) >= cells(model);
  }

  /// [#majority(int)] within a benchmark; over all questions where the model has no answer in it.
  public boolean majority(int model, String benchmark) {
    int observed = cells(model, benchmark);
    return observed == 0 ? majority(model) : 2 * correct(model, benchmark) >= observed;
  }

  /// Number of questions, [1 + B]: all, then each benchmark's. A copy.
  public int[] questionCounts() {
    return questions.clone();
  }

  /// Observed answers, [m, 1 + B] row-major. A copy.
  public int[] cellCounts() {
    return cells.clone();
  }

  /// Right answers, [m, 1 + B] row-major. A copy.
  public int[] correctCounts() {
    return correct.clone();
  }

  private int column(String benchmark) {
    return 1 + benchmarks.indexOf(benchmark);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AnswerCounts that
        && models.equals(that.models)
        && benchmarks.equals(that.benchmarks)
        && Arrays.equals(questions, that.questions)
        && Arrays.equals(cells, that.cells)
        && Arrays.equals(correct, that.correct);
  }

  @Override
  public int hashCode() {
    return models.hashCode() * 31 + Arrays.hashCode(correct);
  }
}
