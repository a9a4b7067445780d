package org.embedllm.benchmark;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/// Linear regression with an L2 penalty on the weights, not on the intercept, for more features
/// than samples.
///
/// It works on the Gram matrix K of the samples alone: with K centered on the n training samples, K
/// = U S Uᵀ, the prediction is ȳ + k(x)ᵀ α with α = U (S + λ)⁻¹ Uᵀ (y − ȳ). The penalty is the one
/// of [#relativePenalties] (times the mean eigenvalue) with the smallest leave-one-out squared
/// error inside the training samples. That error is exact and costs one pass: with the hat matrix H
/// = 11ᵀ/n + U S (S + λ)⁻¹ Uᵀ it is Σ ((y − Hy)_i / (1 − H_ii))² (Allen 1974). Of two equal errors
/// the larger penalty wins, and an infinite one, which predicts ȳ, is among them.
final class RidgeRegression {
  private static final int DECADES_BELOW = 6;
  private static final int DECADES_ABOVE = 3;
  private static final int STEPS_PER_DECADE = 2;

  private final int[] samples; // [n], rows of the Gram matrix
  private final double[] weights; // [n], α
  private final double[] rowMeans; // [n], mean of K over the training samples
  private final double grandMean;
  private final double intercept; // ȳ
  private final double penalty;

  private RidgeRegression(
      int[] samples,
      double[] weights,
      double[] rowMeans,
      double grandMean,
      double intercept,
      double penalty) {
    this.samples = samples;
    this.weights = weights;
    this.rowMeans = rowMeans;
    this.grandMean = grandMean;
    this.intercept = intercept;
    this.penalty = penalty;
  }

  /// Fits to the given samples.
  ///
  /// @param gram [m, m], inner products of the feature vectors of all m samples, row-major
  /// @param m number of all samples
  /// @param samples `[n]`, those to fit to, n ≥ 2
  /// @param targets `[m]`, only those of `samples` are read
  static RidgeRegression fit(double[] gram, int m, int[] samples, double[] targets) {
    int n = samples.length;
    if (n < 2) {
      throw new IllegalArgumentException("a regression needs at least 2 samples; got " + n);
    }
    double[] rowMeans = new double[n];
    double grandMean = 0;
    double intercept = 0;
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        rowMeans[a] += gram[samples[a] * m + samples[b]] / n;
      }
      grandMean += rowMeans[a] / n;
      intercept += targets[samples[a]] / n;
    }
    DMatrixRMaj centered = new DMatrixRMaj(n, n);
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        double k = gram[samples[a] * m + samples[b]];
        centered.set(a, b, k - rowMeans[a] - rowMeans[b] + grandMean);
      }
    }
    double[] residuals = new double[n];
    for (int a = 0; a < n; a++) {
      residuals[a] = targets[samples[a]] - intercept;
    }
    Spectrum spectrum = Spectrum.of(centered, residuals);
    double penalty = spectrum.bestPenalty();
    return new RidgeRegression(
        samples.clone(), spectrum.dual(penalty), rowMeans, grandMean, intercept, penalty);
  }

  /// The predicted target of a sample, trained on or not.
  double predict(double[] gram, int m, int sample) {
    int n = samples.length;
    double mean = 0;
    for (int training : samples) {
      mean += gram[sample * m + training] / n;
    }
    double prediction = intercept;
    for (int a = 0; a < n; a++) {
      double k = gram[sample * m + samples[a]] - mean - rowMeans[a] + grandMean;
      prediction += weights[a] * k;
    }
    return prediction;
  }

  /// λ; infinite where the mean alone does best.
  double penalty() {
    return penalty;
  }

  /// The penalties tried, as multiples of the mean eigenvalue, descending from infinity.
  static double[] relativePenalties() {
    int steps = (DECADES_BELOW + DECADES_ABOVE) * STEPS_PER_DECADE;
    double[] penalties = new double[steps + 2];
    penalties[0] = Double.POSITIVE_INFINITY;
    for (int k = 0; k <= steps; k++) {
      penalties[k + 1] = Math.pow(10, DECADES_ABOVE - (double) k / STEPS_PER_DECADE);
    }
    return penalties;
  }

  /// Eigenvalues and vectors of a centered Gram matrix, and the centered targets in their basis.
  private static final class Spectrum {
    private static final double NEGLIGIBLE = 1e-12;

    private final double[][] vectors; // [k][n]
    private final double[] values; // [k], positive
    private final double[] targets; // [n]
    private final double[] inBasis; // [k]

    private Spectrum(double[][] vectors, double[] values, double[] targets, double[] inBasis) {
      this.vectors = vectors;
      this.values = values;
      this.targets = targets;
      this.inBasis = inBasis;
    }

    static Spectrum of(DMatrixRMaj centered, double[] targets) {
      int n = targets.length;
      EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
      if (!eigen.decompose(centered)) {
        throw new IllegalStateException("the eigenvalues of a Gram matrix did not converge");
      }
      double largest =
          IntStream.range(0, n).mapToDouble(k -> eigen.getEigenvalue(k).getReal()).max().orElse(0);
      int[] kept =
          IntStream.range(0, n)
              .filter(k -> eigen.getEigenvalue(k).getReal() > largest * NEGLIGIBLE)
              .filter(k -> eigen.getEigenvalue(k).getReal() > 0)
              .toArray();
      double[][] vectors = new double[kept.length][];
      double[] values = new double[kept.length];
      double[] inBasis = new double[kept.length];
      for (int k = 0; k < kept.length; k++) {
        vectors[k] = eigen.getEigenVector(kept[k]).getData().clone();
        values[k] = eigen.getEigenvalue(kept[k]).getReal();
        for (int a = 0; a < n; a++) {
          inBasis[k] += vectors[k][a] * targets[a];
        }
      }
      return new Spectrum(vectors, values, targets, inBasis);
    }

    double bestPenalty() {
      double scale = 0;
      for (double value : values) {
        scale += value / values.length;
      }
      double best = Double.POSITIVE_INFINITY;
      double smallest = Double.POSITIVE_INFINITY;
      for (double relative : relativePenalties()) {
        double penalty = values.length == 0 ? Double.POSITIVE_INFINITY : relative * scale;
        double error = leaveOneOutError(penalty);
        if (error < smallest) {
          smallest = error;
          best = penalty;
        }
      }
      return best;
    }

    /// Σ of squared errors, each sample predicted from all others.
    double leaveOneOutError(double penalty) {
      int n = targets.length;
      double sum = 0;
      for (int a = 0; a < n; a++) {
        double fitted = 0;
        double leverage = 1.0 / n;
        for (int k = 0; k < values.length; k++) {
          double shrunk = vectors[k][a] * values[k] / (values[k] + penalty);
          fitted += shrunk * inBasis[k];
          leverage += shrunk * vectors[k][a];
        }
        double error = (targets[a] - fitted) / (1 - leverage);
        sum += error * error;
      }
      return Double.isFinite(sum) ? sum : Double.POSITIVE_INFINITY;
    }

    /// α, `[n]`.
    double[] dual(double penalty) {
      double[] alpha = new double[targets.length];
      for (int k = 0; k < values.length; k++) {
        double coefficient = inBasis[k] / (values[k] + penalty);
        for (int a = 0; a < alpha.length; a++) {
          alpha[a] += vectors[k][a] * coefficient;
        }
      }
      return alpha;
    }
  }
}
