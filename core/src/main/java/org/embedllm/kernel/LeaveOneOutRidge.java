package org.embedllm.kernel;

import java.util.Arrays;
import java.util.List;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Kernel ridge regression on landmarks (Nyström, "subset of regressors"), one λ for each target,
/// chosen by leave-one-out error, which has a closed form.
final class LeaveOneOutRidge {
  /*
   * K [n, r] kernel of training questions and landmarks, k̄ its column means, Kc = K − 1 k̄ᵀ,
   * Z [r, r] kernel of the landmarks, V [n, d] targets, v̄ their means.
   *
   *   A_λ = Kcᵀ Kc + λ (Z + ε I) = L Lᵀ
   *   α   = A_λ⁻¹ Kcᵀ (V − v̄)                           fitted: v̄ + Kc α
   *   h_j = ‖ L⁻¹ kc_j ‖²                                leverage of question j
   *   leave-one-out: v_j − (v_j − fitted_j) / (1 − h_j)  exactly the prediction of a fit without j
   *
   * The means stay those of all questions. With a mean left out as well (leverage + 1/n), a target
   * that text cannot predict would get the prediction −(v_j − v̄) / (n − 1): the answer itself,
   * reversed, which the model vectors would learn.
   */
  private static final double LEAST_SHARE =
      1e-10; // of all variance; below it, a target is rounding
  private static final int BLOCK = 512;
  private static final int COLUMNS = 48; // of L⁻ᵀ at once
  private static final int PADDING = 16; // of the rows of L⁻ᵀ
  private static final int LANDMARKS = 128; // rows of Kᵀ V at once
  private static final int TARGETS = 24; // solved together

  private final KernelMatrix kernel; // K [n, r]
  private final double[] means; // k̄ [r]
  private final double[] gram; // Kcᵀ Kc [r, r]
  private final double[] landmarkKernel; // Z + ε I [r, r]
  private final Kernels kernels;
  private final Workers workers;

  LeaveOneOutRidge(
      KernelMatrix kernel,
      FloatMatrix landmarkKernel,
      double jitter,
      Kernels kernels,
      Workers workers) {
    this.kernel = kernel;
    this.kernels = kernels;
    this.workers = workers;
    int n = kernel.rows();
    int r = kernel.columns();
    this.means = new double[r];
    float[] k = kernel.sharedArray();
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < r; i++) {
        means[i] += k[j * kernel.stride() + i];
      }
    }
    for (int i = 0; i < r; i++) {
      means[i] /= n;
    }
    this.landmarkKernel = new double[r * r];
    for (int i = 0; i < r; i++) {
      for (int l = 0; l <= i; l++) {
        double value = 0.5 * ((double) landmarkKernel.get(i, l) + landmarkKernel.get(l, i));
        this.landmarkKernel[i * r + l] = value;
        this.landmarkKernel[l * r + i] = value;
      }
      this.landmarkKernel[i * r + i] += jitter;
    }
    this.gram = gram();
  }

  /// Kcᵀ Kc, lower triangle.
  private double[] gram() {
    int n = kernel.rows();
    int r = kernel.columns();
    double[] sums = KernelGram.of(kernel, r, kernels, workers);
    for (int i = 0; i < r; i++) {
      for (int l = 0; l <= i; l++) {
        sums[i * r + l] -= n * means[i] * means[l];
      }
    }
    return sums;
  }

  /// Fits all targets.
  ///
  /// @param targets V, the first `dimension` of them
  /// @param ridges λ to choose from
  RidgeFit fit(RidgeTargets targets, int dimension, List<Double> ridges) {
    int n = kernel.rows();
    int r = kernel.columns();
    int d = dimension;
    double[] targetMeans = new double[d];
    double[] variances = new double[d];
    workers.run(
        d,
        k -> {
          targetMeans[k] = mean(targets, k, n);
          variances[k] = variance(targets, k, n, targetMeans[k]);
        });
    double least = LEAST_SHARE * Arrays.stream(variances).sum();
    double[] products = products(targets, targetMeans, d);
    var best = new RidgeFit.Builder(kernel, targetMeans);
    // Large arrays are used for one ridge after the other: as garbage they would make the heap
    // grow.
    double[] system = new double[r * r];
    float[] inverse = new float[r * (r + PADDING)];
    double[] fitted = new double[n * d];
    for (double ridge : ridges) {
      for (int i = 0; i < system.length; i++) {
        system[i] = gram[i] + ridge * landmarkKernel[i];
      }
      Cholesky factor = Cholesky.overwriting(r, system, workers);
      double[] leverages = leverages(factor, inverse);
      double[][] weights = weights(factor, products, d);
      predict(weights, d, fitted);
      workers.run(
          d,
          k -> {
            double[] leftOut = new double[n];
            double error = leaveOut(targets, k, targetMeans[k], fitted, d, leverages, leftOut);
            if (error < best.error(k)) {
              double intercept = targetMeans[k];
              for (int i = 0; i < r; i++) {
                intercept -= weights[k][i] * means[i];
              }
              double explains = variances[k] > least ? 1 - error / variances[k] : 0;
              best.improve(k, ridge, error, explains, weights[k], intercept, leftOut);
            }
          });
    }
    return best.build();
  }

  private static double mean(RidgeTargets targets, int target, int n) {
    double mean = 0;
    for (int j = 0; j < n; j++) {
      mean += targets.score(j, target) / n;
    }
    return mean;
  }

  private static double variance(RidgeTargets targets, int target, int n, double mean) {
    double variance = 0;
    for (int j = 0; j < n; j++) {
      double deviation = targets.score(j, target) - mean;
      variance += deviation * deviation / n;
    }
    return variance;
  }

  /// The predictions of one target by fits without the question.
  ///
  /// @param fitted [n, d]
  /// @param into `[n]`, overwritten
  /// @return their mean squared error
  private static double leaveOut(
      RidgeTargets targets,
      int target,
      double mean,
      double[] fitted,
      int d,
      double[] leverages,
      double[] into) {
    int n = into.length;
    double error = 0;
    for (int j = 0; j < n; j++) {
      double score = targets.score(j, target);
      double residual = (score - mean - fitted[j * d + target]) / Math.max(1e-6, 1 - leverages[j]);
      into[j] = score - residual;
      error += residual * residual / n;
    }
    return error;
  }

  /// Kcᵀ (V − v̄), [r, d]: summed in float over 512 questions and in double over those sums.
  private double[] products(RidgeTargets targets, double[] targetMeans, int d) {
    int n = kernel.rows();
    int r = kernel.columns();
    float[] k = kernel.sharedArray();
    int kr = kernel.stride();
    float[] deviations = new float[Math.multiplyExact(n, d)];
    double[] totals = new double[d];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < d; c++) {
        double deviation = targets.score(j, c) - targetMeans[c];
        deviations[j * d + c] = (float) deviation;
        totals[c] += deviation;
      }
    }
    double[] result = new double[r * d];
    workers.run(
        Math.ceilDiv(r, LANDMARKS),
        tile -> {
          int first = tile * LANDMARKS;
          int rows = Math.min(LANDMARKS, r - first);
          float[] part = new float[rows * d];
          for (int from = 0; from < n; from += BLOCK) {
            Arrays.fill(part, 0f);
            int count = Math.min(BLOCK, n - from);
            kernels.multiplyAdd(
                rows, d, count, k, from * kr + first, 1, kr, deviations, from * d, d, part, 0, d);
            for (int at = 0; at < part.length; at++) {
              result[first * d + at] += part[at];
            }
          }
          for (int i = first; i < first + rows; i++) {
            for (int c = 0; c < d; c++) {
              result[i * d + c] -= totals[c] * means[i];
            }
          }
        });
    return result;
  }

  /// α = A_λ⁻¹ Kcᵀ (V − v̄), `[d]` of `[r]`.
  private double[][] weights(Cholesky factor, double[] products, int d) {
    int r = kernel.columns();
    double[][] weights = new double[d][r];
    workers.run(
        Math.ceilDiv(d, TARGETS),
        group -> {
          int first = group * TARGETS;
          int count = Math.min(TARGETS, d - first);
          double[] right = new double[r * count];
          for (int i = 0; i < r; i++) {
            System.arraycopy(products, i * d + first, right, i * count, count);
          }
          factor.solveAll(right, count);
          for (int c = 0; c < count; c++) {
            for (int i = 0; i < r; i++) {
              weights[first + c][i] = right[i * count + c];
            }
          }
        });
    return weights;
  }

  /// Kc α, [n, d].
  private void predict(double[][] weights, int d, double[] fitted) {
    int n = kernel.rows();
    int r = kernel.columns();
    float[] k = kernel.sharedArray();
    int kr = kernel.stride();
    float[] transposed = new float[r * d]; // [r, d]
    double[] offsets = new double[d];
    for (int c = 0; c < d; c++) {
      for (int i = 0; i < r; i++) {
        transposed[i * d + c] = (float) weights[c][i];
        offsets[c] += means[i] * weights[c][i];
      }
    }
    workers.run(
        (n + BLOCK - 1) / BLOCK,
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          float[] product = new float[rows * d];
          kernels.multiplyAdd(rows, d, r, k, from * kr, kr, 1, transposed, 0, d, product, 0, d);
          for (int j = 0; j < rows; j++) {
            for (int c = 0; c < d; c++) {
              fitted[(from + j) * d + c] = product[j * d + c] - offsets[c];
            }
          }
        });
  }

  /// @param inverse an array for L⁻ᵀ, [r, r + PADDING]
  private double[] leverages(Cholesky factor, float[] inverse) {
    int n = kernel.rows();
    int r = kernel.columns();
    float[] k = kernel.sharedArray();
    int kr = kernel.stride();
    int stride = r + PADDING;
    factor.inverseLowerTransposed(inverse, stride, workers);
    double[] shift = factor.solveLower(means); // L⁻¹ k̄
    double[] leverages = new double[n];
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          float[] product = new float[rows * COLUMNS];
          // L⁻ᵀ is zero below its diagonal: columns up to l need l rows.
          for (int first = 0; first < r; first += COLUMNS) {
            int last = Math.min(r, first + COLUMNS);
            int columns = last - first;
            Arrays.fill(product, 0f);
            kernels.multiplyAdd(
                rows, columns, last, k, from * kr, kr, 1, inverse, first, stride, product, 0,
                COLUMNS);
            for (int j = 0; j < rows; j++) {
              leverages[from + j] += squares(product, j * COLUMNS, shift, first, columns);
            }
          }
        });
    return leverages;
  }

  /// The squared length of the difference of two vectors, parts of two arrays.
  private static double squares(float[] a, int aFrom, double[] b, int bFrom, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int whole = length - length % 4;
    for (int i = 0; i < whole; i += 4) {
      double d0 = a[aFrom + i] - b[bFrom + i];
      double d1 = a[aFrom + i + 1] - b[bFrom + i + 1];
      double d2 = a[aFrom + i + 2] - b[bFrom + i + 2];
      double d3 = a[aFrom + i + 3] - b[bFrom + i + 3];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    for (int i = whole; i < length; i++) {
      double d = a[aFrom + i] - b[bFrom + i];
      s0 += d * d;
    }
    return (s0 + s1) + (s2 + s3);
  }
}
