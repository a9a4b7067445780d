package org.embedllm.logistic;

/// What cells say of the [ScoreDispersion] of their scores, where it is known how far the answers
/// behind a mean are apart: φ₁ from these variances, φ₀ from what is left.
///
/// @param squares Σ (score − mean)² of the single answers of cells whose variance is known
/// @param freedom Σ (n − 1) p (1 − p) of the same cells
/// @param off Σ (y − p)² / (p (1 − p)) of all cells
/// @param inverse Σ 1 / n
/// @param cells how many
public record DispersionSums(
    double squares, double freedom, double off, double inverse, int cells) {
  /// Of no cell.
  public static final DispersionSums NONE = new DispersionSums(0, 0, 0, 0, 0);

  private static final double SURE = 0.02; // the least p (1 − p) is that of this p

  /// The sums of one cell.
  ///
  /// @param expected p, in [0, 1]
  /// @param score y, the mean of its answers
  /// @param repeats n, how many these are
  /// @param variance sample variance of these; NaN where it is not known
  public static DispersionSums of(double expected, double score, double repeats, double variance) {
    double p = Math.clamp(expected, SURE, 1 - SURE);
    double unit = p * (1 - p);
    boolean known = repeats > 1 && !Double.isNaN(variance);
    return new DispersionSums(
        known ? (repeats - 1) * variance : 0,
        known ? (repeats - 1) * unit : 0,
        (score - p) * (score - p) / unit,
        1 / repeats,
        1);
  }

  /// With the cells of another sum.
  public DispersionSums plus(DispersionSums other) {
    return new DispersionSums(
        squares + other.squares,
        freedom + other.freedom,
        off + other.off,
        inverse + other.inverse,
        cells + other.cells);
  }

  /// Without some of these cells.
  public DispersionSums minus(DispersionSums some) {
    return new DispersionSums(
        Math.max(0, squares - some.squares),
        Math.max(0, freedom - some.freedom),
        Math.max(0, off - some.off),
        Math.max(0, inverse - some.inverse),
        cells - some.cells);
  }

  /// The dispersion of these cells alone; that of labels where no variance is known.
  public ScoreDispersion estimate() {
    return freedom == 0
        ? ScoreDispersion.LABELS
        : ScoreDispersion.ofParts((off - squares / freedom * inverse) / cells, squares / freedom);
  }

  /// The dispersion of these cells and of some more that are as all cells are.
  ///
  /// @param all sums over all cells
  /// @param more how many cells these few are averaged with
  public ScoreDispersion estimate(DispersionSums all, double more) {
    ScoreDispersion prior = all.estimate();
    double priorFreedom = all.cells == 0 ? 0 : more * all.freedom / all.cells;
    double total = freedom + priorFreedom;
    double within = total == 0 ? prior.within() : (squares + priorFreedom * prior.within()) / total;
    return ScoreDispersion.ofParts(
        (off - within * inverse + more * prior.between()) / (cells + more), within);
  }
}
