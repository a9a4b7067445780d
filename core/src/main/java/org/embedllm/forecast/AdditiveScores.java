package org.embedllm.forecast;

import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;

/// The simplest forecast of an answer from all others: mean score + effect of the model + effect of
/// the question, by ridge regression over the cells.
final class AdditiveScores {
  /*
   * min Σ (y − ȳ − a_i − b_j)² + Σ a_i² + ½ Σ b_j². The question effects are eliminated, which leaves
   * a system of m unknowns. The residual without a cell is its residual / (1 − leverage).
   */
  static final int MOST_MODELS = 1_000; // more, and the m x m system takes minutes
  private static final double MODEL_PENALTY = 1;
  private static final double QUESTION_PENALTY = 0.5;

  private final CorrectnessMatrix answers;
  private final double mean;
  private final double[] inverse; // [m, m], of the system of the model effects
  private final double[] models; // [m] effects

  private AdditiveScores(
      CorrectnessMatrix answers, double mean, double[] inverse, double[] models) {
    this.answers = answers;
    this.mean = mean;
    this.inverse = inverse;
    this.models = models;
  }

  /// @return empty for more than [#MOST_MODELS] models
  static Optional<AdditiveScores> fit(CorrectnessMatrix answers) {
    int m = answers.modelCount();
    if (m > MOST_MODELS) {
      return Optional.empty();
    }
    double mean = 0;
    for (int c = 0; c < answers.cellCount(); c++) {
      mean += answers.cellScore(c) / (double) answers.cellCount();
    }
    double[] system = new double[m * m];
    double[] right = new double[m];
    for (int i = 0; i < m; i++) {
      system[i * m + i] = MODEL_PENALTY;
    }
    for (int j = 0; j < answers.questionCount(); j++) {
      double weight = 1 / (answers.cellCount(j) + QUESTION_PENALTY);
      double ofQuestion = 0;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        ofQuestion += weight * (answers.cellScore(c) - mean);
      }
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        int i = answers.cellModel(c);
        right[i] += answers.cellScore(c) - mean - ofQuestion;
        system[i * m + i]++;
        for (int d = answers.firstCell(j); d < answers.firstCell(j + 1); d++) {
          system[i * m + answers.cellModel(d)] -= weight;
        }
      }
    }
    double[] inverse = new double[m * m];
    try (Workers workers = new Workers(1)) {
      Cholesky factor = Cholesky.of(m, system, workers);
      for (int i = 0; i < m; i++) {
        double[] unit = new double[m];
        unit[i] = 1;
        System.arraycopy(factor.solve(unit), 0, inverse, i * m, m);
      }
      return Optional.of(new AdditiveScores(answers, mean, inverse, factor.solve(right)));
    }
  }

  /// What all other cells say of each cell of a question, in their order.
  double[] without(int question) {
    int m = answers.modelCount();
    int first = answers.firstCell(question);
    int count = answers.cellCount(question);
    double weight = 1 / (count + QUESTION_PENALTY);
    double effect = 0;
    double[] row = new double[count]; // Σ over the question's models of the inverse
    double all = 0;
    for (int c = 0; c < count; c++) {
      int i = answers.cellModel(first + c);
      effect += weight * (answers.cellScore(first + c) - mean - models[i]);
      for (int d = 0; d < count; d++) {
        row[c] += inverse[i * m + answers.cellModel(first + d)];
      }
      all += row[c];
    }
    double[] expected = new double[count];
    for (int c = 0; c < count; c++) {
      int i = answers.cellModel(first + c);
      double leverage = inverse[i * m + i] - 2 * weight * row[c] + weight * (1 + weight * all);
      double score = answers.cellScore(first + c);
      double residual = score - mean - models[i] - effect;
      expected[c] = score - residual / (1 - leverage);
    }
    return expected;
  }
}
