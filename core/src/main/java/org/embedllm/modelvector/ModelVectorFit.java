package org.embedllm.modelvector;

import java.util.Arrays;
import java.util.List;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.Responses;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.tensor.FloatMatrix;

/// The vectors of all models of a pool, each the exact solution of its own convex problem, with the
/// prior they share.
///
/// The prior is empirical Bayes: a line through the pool's vectors over their abilities, with the
/// spread of the vectors around it plus their own uncertainty as variances, found by alternating. A
/// coordinate in which the models do not differ gets a small variance. So little evidence leaves a
/// model near the pool, and a router with its best single model. Immutable.
public final class ModelVectorFit {
  private static final int ROUNDS = 4;
  private static final double MIN_VARIANCE = 1e-4;

  private final int dimension; // k
  private final LaplacePosterior[] rows; // [m]
  private final ModelVectorPrior prior;

  private ModelVectorFit(int dimension, LaplacePosterior[] rows, ModelVectorPrior prior) {
    this.dimension = dimension;
    this.rows = rows;
    this.prior = prior;
  }

  /// Solves all rows.
  ///
  /// @param pool the answers of each model
  /// @param abilities one for each model
  /// @param known the questions
  /// @param inputs [n, k]
  public static ModelVectorFit solve(
      List<Responses> pool,
      List<Ability> abilities,
      ItemParameters known,
      FloatMatrix inputs,
      Workers workers) {
    int k = inputs.columns();
    int m = pool.size();
    double[] start = new double[k];
    double[] variances = new double[k];
    Arrays.fill(variances, 1);
    variances[0] = 100;
    ModelVectorPrior prior = ModelVectorPrior.of(start, new double[k], variances);
    LaplacePosterior[] rows = new LaplacePosterior[m];
    double[][] starts = new double[m][k]; // a round begins where the last one ended
    for (int round = 0; round < ROUNDS; round++) {
      solveAll(
          rows, starts, pool, abilities, new ModelVectorProblem(known, inputs, prior), workers);
      prior = line(rows, abilities, k);
    }
    prior = prior.rounded();
    solveAll(rows, starts, pool, abilities, new ModelVectorProblem(known, inputs, prior), workers);
    return new ModelVectorFit(k, rows, prior);
  }

  private static void solveAll(
      LaplacePosterior[] rows,
      double[][] starts,
      List<Responses> pool,
      List<Ability> abilities,
      ModelVectorProblem problem,
      Workers workers) {
    workers.run(
        rows.length,
        i -> {
          rows[i] = problem.solve(pool.get(i), abilities.get(i), starts[i]);
          starts[i] = rows[i].mean();
        });
  }

  /// The line through the vectors over the abilities, its slope shrunk as if one more model had
  /// shown no slope.
  private static ModelVectorPrior line(LaplacePosterior[] rows, List<Ability> abilities, int k) {
    int m = rows.length;
    double meanAbility = abilities.stream().mapToDouble(Ability::value).sum() / m;
    double spread = 1;
    double[] mean = new double[k];
    for (int i = 0; i < m; i++) {
      double deviation = abilities.get(i).value() - meanAbility;
      spread += deviation * deviation;
      double[] x = rows[i].mean();
      for (int c = 0; c < k; c++) {
        mean[c] += x[c] / m;
      }
    }
    double[] slope = new double[k];
    for (int i = 0; i < m; i++) {
      double deviation = abilities.get(i).value() - meanAbility;
      double[] x = rows[i].mean();
      for (int c = 0; c < k; c++) {
        slope[c] += deviation * (x[c] - mean[c]) / spread;
      }
    }
    double[] variances = new double[k];
    for (int i = 0; i < m; i++) {
      double deviation = abilities.get(i).value() - meanAbility;
      double[] x = rows[i].mean();
      double[] covariance = rows[i].covariance();
      for (int c = 0; c < k; c++) {
        double residual = x[c] - mean[c] - slope[c] * deviation;
        variances[c] += (residual * residual + covariance[c * k + c]) / m;
      }
    }
    for (int c = 0; c < k; c++) {
      mean[c] -= slope[c] * meanAbility;
      variances[c] = Math.max(MIN_VARIANCE, variances[c]);
    }
    return ModelVectorPrior.of(mean, slope, variances);
  }

  /// m, the number of models.
  public int count() {
    return rows.length;
  }

  /// k, the length of a row.
  public int dimension() {
    return dimension;
  }

  /// The vector of a model with its uncertainty.
  public LaplacePosterior row(int model) {
    return rows[model];
  }

  /// The prior that the vectors share.
  public ModelVectorPrior prior() {
    return prior;
  }
}
