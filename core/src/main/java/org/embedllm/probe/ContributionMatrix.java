package org.embedllm.probe;

import java.util.List;

/// The contributions C_ij of each benchmark i to predicting each benchmark j, [b, b]; see
/// [BenchmarkContribution]. The diagonal is 0; a column without enough models is NaN off the
/// diagonal.
public final class ContributionMatrix {
  private final List<String> benchmarks;
  private final double[][] entries; // [b][b], contributor by tested
  private final double[][] deviations; // [b][b]
  private final double[] added; // [b]
  private final int splits;

  ContributionMatrix(
      List<String> benchmarks,
      double[][] entries,
      double[][] deviations,
      double[] added,
      int splits) {
    this.benchmarks = benchmarks;
    this.entries = entries;
    this.deviations = deviations;
    this.added = added;
    this.splits = splits;
  }

  /// The benchmarks, in the order of rows and columns.
  public List<String> benchmarks() {
    return benchmarks;
  }

  /// C_ij: how much smaller the mean squared error on `tested` is with `contributor` than without.
  public double entry(int contributor, int tested) {
    return entries[contributor][tested];
  }

  /// Standard deviation over the splits of the difference whose mean is [#entry]; 0 on the
  /// diagonal.
  public double deviation(int contributor, int tested) {
    return deviations[contributor][tested];
  }

  /// e_added: the mean squared error on a benchmark with all others in training.
  public double errorWithAll(int tested) {
    return added[tested];
  }

  /// e_removed: the mean squared error on `tested` without `contributor`.
  public double errorWithout(int contributor, int tested) {
    return added[tested] + entries[contributor][tested];
  }

  /// Number of splits behind each entry; times a mean error this is the paper's total error.
  public int splits() {
    return splits;
  }

  /// Σ_j C_ij over the columns that could be measured: what the contributor gives to all others.
  public double rowSum(int contributor) {
    double sum = 0;
    for (int j = 0; j < benchmarks.size(); j++) {
      sum += Double.isNaN(entries[contributor][j]) ? 0 : entries[contributor][j];
    }
    return sum;
  }

  /// Σ_i C_ij: what all others give to the tested benchmark; NaN where it could not be measured.
  public double columnSum(int tested) {
    double sum = 0;
    for (double[] row : entries) {
      sum += row[tested];
    }
    return sum;
  }
}
