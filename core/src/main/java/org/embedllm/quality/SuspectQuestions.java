package org.embedllm.quality;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;
import org.embedllm.correctness.CorrectnessMatrix;

/// Questions that better models get wrong more often than worse ones: their key is likely wrong.
///
/// For each question the correlation of right answers with ability, which is a model's accuracy on
/// the other questions (the item-total correlation of test theory). A question is suspect where the
/// one-sided t test says that it is below 0, at a false discovery rate of 5 % over all questions
/// (Benjamini and Hochberg 1995).
public final class SuspectQuestions {
  private static final double FALSE_DISCOVERIES = 0.05;
  private static final int LEAST_MODELS = 8;

  /// A question whose key is likely wrong.
  ///
  /// @param question its number in the matrix
  /// @param correlation of right answers with ability, below 0
  /// @param pValue of the one-sided test
  /// @param answers how many models answered
  public record Suspect(int question, double correlation, double pValue, int answers) {}

  private SuspectQuestions() {}

  /// The suspect questions, the most suspect first. Questions with fewer than 8 answers, or with
  /// answers of one kind only, say nothing.
  public static List<Suspect> of(CorrectnessMatrix matrix) {
    int[] cells = new int[matrix.modelCount()];
    int[] right = new int[matrix.modelCount()];
    for (int c = 0; c < matrix.cellCount(); c++) {
      cells[matrix.cellModel(c)]++;
      right[matrix.cellModel(c)] += CorrectnessMatrix.isCorrect(matrix.cellScore(c)) ? 1 : 0;
    }
    List<Suspect> tested = new ArrayList<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      Suspect suspect = tested(matrix, j, cells, right);
      if (!Double.isNaN(suspect.correlation())) {
        tested.add(suspect);
      }
    }
    tested.sort(Comparator.comparingDouble(Suspect::pValue).thenComparingInt(Suspect::question));
    int last = 0;
    for (int rank = 1; rank <= tested.size(); rank++) {
      boolean below = tested.get(rank - 1).pValue() <= FALSE_DISCOVERIES * rank / tested.size();
      last = below ? rank : last;
    }
    return List.copyOf(tested.subList(0, last));
  }

  /// The test of one question; NaN where it says nothing.
  private static Suspect tested(CorrectnessMatrix matrix, int j, int[] cells, int[] right) {
    double sumX = 0;
    double sumXx = 0;
    double sumXy = 0;
    int sumY = 0;
    int count = 0;
    for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
      int model = matrix.cellModel(c);
      if (cells[model] < 2) {
        continue;
      }
      int y = CorrectnessMatrix.isCorrect(matrix.cellScore(c)) ? 1 : 0;
      double ability = (double) (right[model] - y) / (cells[model] - 1);
      sumX += ability;
      sumXx += ability * ability;
      sumXy += ability * y;
      sumY += y;
      count++;
    }
    double varianceX = sumXx - sumX * sumX / count;
    double varianceY = sumY - (double) sumY * sumY / count;
    if (count < LEAST_MODELS || !(varianceX > 1e-12) || !(varianceY > 0)) {
      return new Suspect(j, Double.NaN, 1, count);
    }
    double correlation = (sumXy - sumX * sumY / count) / Math.sqrt(varianceX * varianceY);
    double rest = Math.max(1e-12, 1 - correlation * correlation);
    double t = correlation * Math.sqrt((count - 2) / rest);
    return new Suspect(j, correlation, TDistribution.of(count - 2).cumulativeProbability(t), count);
  }
}
