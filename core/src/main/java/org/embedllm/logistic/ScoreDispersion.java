package org.embedllm.logistic;

/// How far graded scores are from their expectation: the score y of a cell, the mean of n answers
/// of one model to one question, has the variance p (1 − p) (between + within / n).
///
/// A label, which is 0 or 1, has the variance p (1 − p) by itself. Scores of a judge, shares of
/// tests passed and means of repeats have another one, so a cell counts in a likelihood with the
/// weight 1 / (between + within / n), in labels: quasi-likelihood (Wedderburn, 1974) with the
/// variance of Williams' second model (1982). It never counts for more than its n answers: a fit to
/// few cells follows them, and the variance that is left would make each of them look exact.
///
/// @param between the part that more answers do not remove, 0 or more
/// @param within the part of a single answer, 0 or more; not both are 0
public record ScoreDispersion(double between, double within) {
  /// Of labels: every answer counts once.
  public static final ScoreDispersion LABELS = new ScoreDispersion(0, 1);

  private static final double LEAST = 0.02; // between, in variances of a label

  public ScoreDispersion {
    if (!(between >= 0 && within >= 0 && between + within > 0)) {
      throw new IllegalArgumentException(
          "dispersions are not negative and not both 0; got %s, %s".formatted(between, within));
    }
  }

  /// A dispersion whose part between cells was estimated as a difference: it is small at least.
  static ScoreDispersion ofParts(double between, double within) {
    return new ScoreDispersion(Math.max(LEAST, between), within);
  }

  /// How many labels a cell counts for.
  ///
  /// @param repeats n, the number of answers it is the mean of
  public double weight(double repeats) {
    return this.equals(LABELS) ? 1 : Math.min(repeats, 1 / (between + within / repeats));
  }

  /// Whether the scores told a single answer's part from the rest: they did not where they were
  /// labels, or means of equally many answers each.
  public boolean isOfRepeats() {
    return within > 0 && !equals(LABELS);
  }

  /// How far what was expected of a cell moves towards the mean of its answers where one more
  /// answer is forecast: the share of the mean's variance that its answers have in common.
  ///
  /// @param repeats n, the number of answers; 0 for none
  public double share(double repeats) {
    return repeats == 0 ? 0 : between / (between + within / repeats);
  }

  /// The dispersion of some scores where it is not known how far the answers behind a mean are
  /// apart, by least squares.
  ///
  /// @param squares `[cells]`, (y − p)² / (p (1 − p))
  /// @param repeats `[cells]`, n; where all are equal, everything counts as between
  public static ScoreDispersion estimate(double[] squares, double[] repeats) {
    int cells = squares.length;
    double meanX = 0;
    double meanY = 0;
    for (int c = 0; c < cells; c++) {
      meanX += 1 / repeats[c] / cells;
      meanY += squares[c] / cells;
    }
    double xx = 0;
    double xy = 0;
    double raw = 0;
    double rawXy = 0;
    for (int c = 0; c < cells; c++) {
      double x = 1 / repeats[c];
      xx += (x - meanX) * (x - meanX);
      xy += (x - meanX) * (squares[c] - meanY);
      raw += x * x;
      rawXy += x * squares[c];
    }
    double within = xx < 1e-9 * cells ? 0 : Math.max(0, xy / xx);
    double between = meanY - within * meanX;
    return between >= 0
        ? new ScoreDispersion(Math.max(LEAST, between), within)
        : new ScoreDispersion(0, rawXy / raw);
  }
}
