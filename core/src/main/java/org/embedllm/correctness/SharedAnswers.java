package org.embedllm.correctness;

/// What two models have in common: the questions both answered, and how many of these both got
/// right or both got wrong.
///
/// @param cells questions that both answered
/// @param alike those answered alike, at most `cells`
public record SharedAnswers(int cells, int alike) {
  /// Compares two models of a matrix by their rows.
  public static SharedAnswers of(CorrectnessMatrix answers, int model, int other) {
    int cells = 0;
    int alike = 0;
    for (int j = 0; j < answers.questionCount(); j++) {
      float one = answers.score(model, j);
      float two = answers.score(other, j);
      if (!Float.isNaN(one) && !Float.isNaN(two)) {
        cells++;
        alike += CorrectnessMatrix.isCorrect(one) == CorrectnessMatrix.isCorrect(two) ? 1 : 0;
      }
    }
    return new SharedAnswers(cells, alike);
  }

  /// Share of the common questions answered alike; NaN where there are none.
  public double agreement() {
    return (double) alike / cells;
  }
}
