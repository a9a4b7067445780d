package org.embedllm.modelvector;

import java.util.Arrays;
import org.embedllm.logistic.Gaussian;
import org.embedllm.tensor.FloatMatrix;

/// The prior of a model's vector: a Gaussian from the pool, `N(mean + slope θ, diag(variances))`, θ
/// the model's ability. Immutable.
public final class ModelVectorPrior {
  private final double[] mean; // [k]
  private final double[] slope; // [k]
  private final double[] variances; // [k]

  private ModelVectorPrior(double[] mean, double[] slope, double[] variances) {
    this.mean = mean;
    this.slope = slope;
    this.variances = variances;
    if (mean.length != slope.length || mean.length != variances.length) {
      throw new IllegalArgumentException(
          "a mean of %d, a slope of %d and %d variances do not fit together"
              .formatted(mean.length, slope.length, variances.length));
    }
    for (double variance : variances) {
      if (!(variance > 0)) {
        throw new IllegalArgumentException("a variance must be positive; got " + variance);
      }
    }
  }

  /// @param mean `[k]`, of a model of ability 0
  /// @param slope `[k]`, change of the mean for one unit of ability
  /// @param variances `[k]`, positive, around the line
  public static ModelVectorPrior of(double[] mean, double[] slope, double[] variances) {
    return new ModelVectorPrior(mean.clone(), slope.clone(), variances.clone());
  }

  /// As it was kept with [#tensor].
  public static ModelVectorPrior of(FloatMatrix tensor) {
    if (tensor.rows() != 3) {
      throw new IllegalArgumentException("a prior has 3 rows; got " + tensor);
    }
    return new ModelVectorPrior(
        doubles(tensor.row(0)), doubles(tensor.row(1)), doubles(tensor.row(2)));
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

  /// Mean, slope and variances, [3, k].
  public FloatMatrix tensor() {
    int k = mean.length;
    float[] values = new float[3 * k];
    for (int i = 0; i < k; i++) {
      values[i] = (float) mean[i];
      values[k + i] = (float) slope[i];
      values[2 * k + i] = (float) variances[i];
    }
    return FloatMatrix.wrap(3, k, values);
  }

  /// The same prior rounded to float32, as it is read from a file.
  public ModelVectorPrior rounded() {
    return of(tensor());
  }

  /// The Gaussian for a model whose ability is known with some variance.
  Gaussian at(double ability, double abilityVariance) {
    // (D + v s sᵀ)⁻¹ = D⁻¹ − v D⁻¹ s sᵀ D⁻¹ / (1 + v sᵀ D⁻¹ s)
    int k = mean.length;
    double[] center = new double[k];
    double[] scaled = new double[k]; // D⁻¹ s
    double square = 0;
    for (int i = 0; i < k; i++) {
      center[i] = mean[i] + slope[i] * ability;
      scaled[i] = slope[i] / variances[i];
      square += slope[i] * scaled[i];
    }
    double factor = abilityVariance / (1 + abilityVariance * square);
    double[] precision = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        precision[i * k + j] = -factor * scaled[i] * scaled[j];
      }
      precision[i * k + i] += 1 / variances[i];
    }
    return Gaussian.ofPrecision(center, precision);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelVectorPrior that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(slope, that.slope)
        && Arrays.equals(variances, that.variances);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(mean) + Arrays.hashCode(slope)) + Arrays.hashCode(variances);
  }
}
