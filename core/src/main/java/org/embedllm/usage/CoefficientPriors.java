package org.embedllm.usage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.tensor.FloatMatrix;

/// The Gaussian priors of the models' coefficients: empirical Bayes, each coefficient by itself.
///
/// Models that share a base, `gpt-x@low` and `gpt-x@high`, share an effect: a coefficient is that
/// of the pool plus that of the base plus that of the model. Immutable.
final class CoefficientPriors {
  /*
   * x_i = μ + b_g(i) + e_i,  b ~ N(0, τ_b²),  e ~ N(0, τ_w²);  τ² = τ_b² + τ_w² is the spread of all
   * rows, τ_w² that of rows around the mean of their base where a base has several. The prior of row i
   * is what the others of its base say: with weights w_l = 1 / (τ_w² + Σ_l) of these,
   *
   *   Var b = 1 / (1 / τ_b² + Σ w_l),   E b = Var b · Σ w_l (x_l − μ),   x_i ~ N(μ + E b, Var b + τ_w²)
   */
  private static final double LEAST = 1e-4;

  private final double[] mean; // μ [k]
  private final double[] variances; // τ² [k]
  private final double[][] means; // [m][k]
  private final double[][] spreads; // [m][k]

  private CoefficientPriors(
      double[] mean, double[] variances, double[][] means, double[][] spreads) {
    this.mean = mean;
    this.variances = variances;
    this.means = means;
    this.spreads = spreads;
  }

  /// Before anything is known: the mean value and hardly a limit.
  static CoefficientPriors wide(int models, int dimension, double level) {
    double[] mean = new double[dimension];
    mean[0] = level;
    double[] variances = CensoredRegression.filled(dimension, 1);
    variances[0] = 100;
    double[][] means = new double[models][];
    double[][] spreads = new double[models][];
    for (int i = 0; i < models; i++) {
      means[i] = mean;
      spreads[i] = variances;
    }
    return new CoefficientPriors(mean, variances, means, spreads);
  }

  /// What the rows of a pool say of one another.
  ///
  /// @param bases `[m]` the base of each model
  /// @param rows `[m]`
  static CoefficientPriors of(List<String> bases, List<CensoredRegression.Row> rows) {
    int m = rows.size();
    int k = rows.getFirst().mean().length;
    double[] mean = new double[k];
    double[] total = new double[k];
    double[][] means = new double[m][k];
    double[][] spreads = new double[m][k];
    List<List<Integer>> families = families(bases);
    for (int c = 0; c < k; c++) {
      for (CensoredRegression.Row row : rows) {
        mean[c] += row.mean()[c] / m;
      }
      double within = 0;
      int freedom = 0;
      for (List<Integer> family : families) {
        double middle = 0;
        for (int i : family) {
          middle += rows.get(i).mean()[c] / family.size();
        }
        for (int i : family) {
          double fromPool = rows.get(i).mean()[c] - mean[c];
          total[c] += (fromPool * fromPool + variance(rows.get(i), c)) / m;
          double fromBase = rows.get(i).mean()[c] - middle;
          within += family.size() > 1 ? fromBase * fromBase + variance(rows.get(i), c) : 0;
        }
        freedom += family.size() - 1;
      }
      total[c] = Math.max(LEAST, total[c]);
      double ofModel = freedom == 0 ? total[c] : Math.clamp(within / freedom, LEAST, total[c]);
      double ofBase = Math.max(LEAST, total[c] - ofModel);
      for (List<Integer> family : families) {
        for (int i : family) {
          double precision = 1 / ofBase;
          double sum = 0;
          for (int other : family) {
            if (other != i) {
              double weight = 1 / (ofModel + variance(rows.get(other), c));
              precision += weight;
              sum += weight * (rows.get(other).mean()[c] - mean[c]);
            }
          }
          means[i][c] = mean[c] + sum / precision;
          spreads[i][c] = family.size() > 1 ? 1 / precision + ofModel : total[c];
        }
      }
    }
    return new CoefficientPriors(mean, total, means, spreads);
  }

  private static double variance(CensoredRegression.Row row, int coefficient) {
    return row.covariance()[coefficient * row.mean().length + coefficient];
  }

  private static List<List<Integer>> families(List<String> bases) {
    Map<String, List<Integer>> families = new LinkedHashMap<>();
    for (int i = 0; i < bases.size(); i++) {
      families.computeIfAbsent(bases.get(i), base -> new ArrayList<>()).add(i);
    }
    return List.copyOf(families.values());
  }

  /// The name without what follows its last `@`: a provider, or how much effort it makes.
  static String base(String model) {
    int at = model.lastIndexOf('@');
    return at > 0 ? model.substring(0, at) : model;
  }

  double[] mean(int model) {
    return means[model];
  }

  double[] variances(int model) {
    return spreads[model];
  }

  /// [2, k]: mean and variances for a further model.
  FloatMatrix tensor() {
    int k = mean.length;
    float[] values = new float[2 * k];
    for (int c = 0; c < k; c++) {
      values[c] = (float) mean[c];
      values[k + c] = (float) variances[c];
    }
    return FloatMatrix.wrap(2, k, values);
  }
}
