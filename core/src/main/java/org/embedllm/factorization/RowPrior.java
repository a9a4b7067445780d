package org.embedllm.factorization;

import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// What is known of a model's vector before it has answered anything: a Gaussian, with mean and
/// covariance from the pool. Immutable.
public final class RowPrior {
  private final double[] mean; // [k]
  private final double[] precision; // [k, k], symmetric

  private RowPrior(double[] mean, double[] precision) {
    this.mean = mean;
    this.precision = precision;
    if (precision.length != mean.length * mean.length) {
      throw new IllegalArgumentException(
          "a precision of %d values does not fit a mean of %d"
              .formatted(precision.length, mean.length));
    }
  }

  /// A Gaussian by its precision.
  ///
  /// @param mean [k]
  /// @param precision [k, k], symmetric positive definite
  public static RowPrior of(double[] mean, double[] precision) {
    return new RowPrior(mean.clone(), precision.clone());
  }

  /// A Gaussian of independent coordinates.
  ///
  /// @param mean [k]
  /// @param variances [k], positive
  public static RowPrior ofVariances(double[] mean, double[] variances) {
    double[] precision = new double[mean.length * mean.length];
    for (int k = 0; k < mean.length; k++) {
      precision[k * mean.length + k] = 1 / variances[k];
    }
    return new RowPrior(mean.clone(), precision);
  }

  /// A Gaussian by its covariance.
  ///
  /// @param covariance [k, k], symmetric positive definite
  public static RowPrior ofCovariance(double[] mean, double[] covariance) {
    try (Workers workers = new Workers(1)) {
      return new RowPrior(mean.clone(), Cholesky.of(mean.length, covariance, workers).inverse());
    }
  }

  /// As two tensors read back, mean [1, k] and precision [k, k].
  public static RowPrior of(FloatMatrix mean, FloatMatrix precision) {
    return new RowPrior(doubles(mean.sharedArray()), doubles(precision.sharedArray()));
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  /// k, the length of a vector.
  public int dimension() {
    return mean.length;
  }

  /// The mean, [k], as a new array.
  public double[] mean() {
    return mean.clone();
  }

  /// The inverse covariance, [k, k], as a new array.
  public double[] precision() {
    return precision.clone();
  }

  /// The mean as a tensor, [1, k].
  public FloatMatrix meanTensor() {
    return tensor(1, mean.length, mean);
  }

  /// The precision as a tensor, [k, k].
  public FloatMatrix precisionTensor() {
    return tensor(mean.length, mean.length, precision);
  }

  /// The same prior as it reads after it was written with float32 tensors.
  public RowPrior rounded() {
    return of(meanTensor(), precisionTensor());
  }

  static FloatMatrix tensor(int rows, int columns, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return FloatMatrix.wrap(rows, columns, floats);
  }
}
