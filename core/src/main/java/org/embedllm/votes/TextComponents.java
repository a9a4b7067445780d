package org.embedllm.votes;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.embedllm.tensor.FloatMatrix;

/// The directions in which the features of questions vary most, each as long as the root of its
/// singular value. With the features of a kernel on landmarks these are kernel principal
/// components: a model vector with equal variances on them is a Gaussian process of that kernel.
/// Immutable.
///
/// @param projection `[1 + d, r]`; the first row is 0
/// @param bias `[1, 1 + d]`; 1, then what centers the components
record TextComponents(FloatMatrix projection, FloatMatrix bias) {
  private static final double LEAST = 1e-5; // of the largest eigenvalue

  /// @param features `[n, r]`
  /// @param limit most components
  static TextComponents of(FloatMatrix features, int limit) {
    int n = features.rows();
    int r = features.columns();
    DMatrixRMaj centered = new DMatrixRMaj(n, r);
    double[] mean = new double[r];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < r; i++) {
        mean[i] += features.get(j, i) / (double) n;
      }
    }
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < r; i++) {
        centered.data[j * r + i] = features.get(j, i) - mean[i];
      }
    }
    DMatrixRMaj products = new DMatrixRMaj(r, r);
    CommonOps_DDRM.multTransA(centered, centered, products);
    var eigen = DecompositionFactory_DDRM.eig(r, true, true);
    if (!eigen.decompose(products)) {
      throw new IllegalStateException("the features of the questions have no eigenvectors");
    }
    double[] values =
        IntStream.range(0, r).mapToDouble(i -> eigen.getEigenvalue(i).getReal()).toArray();
    double largest = IntStream.range(0, r).mapToDouble(i -> values[i]).max().orElse(0);
    int[] chosen =
        IntStream.range(0, r)
            .filter(i -> values[i] > LEAST * largest && values[i] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -values[i]))
            .limit(limit)
            .mapToInt(i -> i)
            .toArray();
    return scaled(chosen, values, i -> eigen.getEigenVector(i).data, mean, n);
  }

  private interface Vectors {
    double[] get(int index);
  }

  /// Divided by a common number, so that the squares of a question's components sum to 1 on
  /// average.
  private static TextComponents scaled(
      int[] chosen, double[] values, Vectors vectors, double[] mean, int n) {
    int r = mean.length;
    int k = 1 + chosen.length;
    double total = 0;
    for (int index : chosen) {
      total += Math.sqrt(values[index]) / n;
    }
    float[] projection = new float[k * r];
    float[] bias = new float[k];
    bias[0] = 1;
    for (int c = 1; c < k; c++) {
      double[] vector = vectors.get(chosen[c - 1]);
      double length = Math.sqrt(Math.sqrt(values[chosen[c - 1]]) * total);
      double sign = sign(vector);
      for (int i = 0; i < r; i++) {
        double weight = sign * vector[i] / length;
        projection[c * r + i] = (float) weight;
        bias[c] -= (float) (weight * mean[i]);
      }
    }
    return new TextComponents(FloatMatrix.wrap(k, r, projection), FloatMatrix.wrap(1, k, bias));
  }

  /// The sign that makes the largest entry positive.
  private static double sign(double[] vector) {
    double largest = 0;
    for (double value : vector) {
      if (Math.abs(value) > Math.abs(largest)) {
        largest = value;
      }
    }
    return largest < 0 ? -1 : 1;
  }
}
