package org.embedllm.logistic;

/// What cells say of the [ScoreDispersion] of their scores, where it is known how far the answers
/// behind a mean are apart: ω from these variances, β from what is left.
public final class DispersionSums {
  private static final double SURE = 0.02; // the least p (1 − p) is that of this p

  private double squares; // Σ (score − mean)² of single answers
  private double freedom; // Σ (n − 1) p (1 − p) of the same cells
  private double off; // Σ (y − p)² / (p (1 − p))
  private double inverse; // Σ 1 / n
  private int cells;

  /// Adds a cell.
  ///
  /// @param expected p, in [0, 1]
  /// @param score y, the mean of its answers
  /// @param repeats n, how many these are
  /// @param variance sample variance of these; NaN where it is not known
  public void add(double expected, double score, double repeats, double variance) {
    double p = Math.clamp(expected, SURE, 1 - SURE);
    double unit = p * (1 - p);
    if (repeats > 1 && !Double.isNaN(variance)) {
      squares += (repeats - 1) * variance;
      freedom += (repeats - 1) * unit;
    }
    off += (score - p) * (score - p) / unit;
    inverse += 1 / repeats;
    cells++;
  }

  /// Adds the cells of another sum.
  public void add(DispersionSums other) {
    squares += other.squares;
    freedom += other.freedom;
    off += other.off;
    inverse += other.inverse;
    cells += other.cells;
  }

  /// The dispersion of these cells alone; some variance must be known.
  public ScoreDispersion estimate() {
    double within = squares / freedom;
    return new ScoreDispersion(
        Math.max(ScoreDispersion.LEAST, (off - within * inverse) / cells), within);
  }

  /// The dispersion of these cells and of some more that are as all cells are.
  ///
  /// @param all sums over all cells
  /// @param more how many cells these few are averaged with
  public ScoreDispersion estimate(DispersionSums all, double more) {
    ScoreDispersion prior = all.estimate();
    double priorFreedom = more * all.freedom / all.cells;
    double within = (squares + priorFreedom * prior.within()) / (freedom + priorFreedom);
    double between = (off - within * inverse + more * prior.between()) / (cells + more);
    return new ScoreDispersion(Math.max(ScoreDispersion.LEAST, between), within);
  }
}
