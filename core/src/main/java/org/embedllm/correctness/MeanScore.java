package org.embedllm.correctness;

/// The mean of some scores and how far these are apart, each the score of one answer or itself the
/// mean of several (Chan, Golub and LeVeque, 1983).
public final class MeanScore {
  /// The largest sample variance of scores in [0, 1]: that of 0 and 1.
  public static final double MOST_VARIANCE = 0.5;

  private int parts;
  private double answers;
  private double sum; // of the answers' scores
  private double squares; // Σ (score − mean)²; NaN where it is not known
  private double only; // variance of the first part

  /// Adds a score.
  ///
  /// @param score in [0, 1]
  /// @param repeats how many answers it is the mean of, above 0
  /// @param variance sample variance of these; NaN where it is not known, of no account for one
  ///   answer
  public void add(double score, double repeats, double variance) {
    double within = repeats > 1 ? (repeats - 1) * variance : 0;
    if (parts == 0) {
      squares = within;
      only = variance;
    } else {
      double difference = score - mean();
      squares += within + difference * difference * answers * repeats / (answers + repeats);
    }
    sum += repeats * score;
    answers += repeats;
    parts++;
  }

  /// Number of answers.
  public double repeats() {
    return answers;
  }

  /// Mean score of the answers; NaN without any.
  public double mean() {
    return sum / answers;
  }

  /// Sample variance of the answers; NaN where it is not known, as of fewer than two.
  public double variance() {
    if (!(answers >= 2)) {
      return Double.NaN;
    }
    return Math.min(MOST_VARIANCE, parts == 1 ? only : squares / (answers - 1));
  }
}
