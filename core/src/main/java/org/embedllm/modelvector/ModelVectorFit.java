package org.embedllm.modelvector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.ScoreDispersion;
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
  private final double operations;

  private ModelVectorFit(
      int dimension, LaplacePosterior[] rows, ModelVectorPrior prior, double operations) {
    this.dimension = dimension;
    this.rows = rows;
    this.prior = prior;
    this.operations = operations;
  }

  /// Solves all rows.
  ///
  /// @param pool the answers of each model
  /// @param abilities one for each model
  /// @param known the questions
  /// @param inputs [n, k]
  /// @param starts where the searches for the vectors begin, [m, k]: near the solution saves time,
  ///   and changes the result by rounding only
  public static ModelVectorFit solve(
      List<ItemResponses> pool,
      List<Ability> abilities,
      ItemParameters known,
      FloatMatrix inputs,
      double[][] starts,
      Workers workers) {
    int k = inputs.columns();
    double[] variances = new double[k];
    Arrays.fill(variances, 1);
    variances[0] = 100;
    var solver = new Solver(pool, abilities, known, inputs, starts, workers);
    ModelVectorPrior prior = ModelVectorPrior.of(new double[k], new double[k], variances);
    var problem = new ModelVectorProblem(known, inputs, prior);
    for (int round = 0; round < ROUNDS; round++) {
      prior = line(solver.solve(problem.with(prior), false), abilities, k);
    }
    prior = prior.rounded();
    return new ModelVectorFit(
        k, solver.solve(problem.with(prior), true), prior, solver.operations());
  }

  /// Solves all rows again and again, each time from where the last one ended. Models that answered
  /// at least half of the questions go in batches, the others one by one, as do graded scores.
  private static final class Solver {
    private final List<ItemResponses> pool;
    private final List<Ability> abilities;
    private final Workers workers;
    private final double[][] starts; // [m, k]
    private final List<int[]> groups; // models of a task
    private final List<Optional<ModelVectorBatch>> batches; // for each task

    Solver(
        List<ItemResponses> pool,
        List<Ability> abilities,
        ItemParameters known,
        FloatMatrix inputs,
        double[][] starts,
        Workers workers) {
      this.pool = pool;
      this.abilities = abilities;
      this.workers = workers;
      this.starts = starts.clone();
      boolean labels = known.dispersion().equals(ScoreDispersion.LABELS);
      boolean[] batched = new boolean[pool.size()];
      for (int i = 0; i < batched.length; i++) {
        batched[i] = labels && 2 * pool.get(i).count() >= inputs.rows();
      }
      int[] shared = IntStream.range(0, pool.size()).filter(i -> batched[i]).toArray();
      int size = groupSize(shared.length, workers.threads());
      this.groups = new ArrayList<>();
      for (int from = 0; from < shared.length; from += size) {
        groups.add(Arrays.copyOfRange(shared, from, Math.min(shared.length, from + size)));
      }
      this.batches =
          groups.stream()
              .map(group ->
                  Optional.of(
                      new ModelVectorBatch(
                          Arrays.stream(group).mapToObj(pool::get).toList(), inputs)))
              .collect(Collectors.toCollection(ArrayList::new));
      for (int i = 0; i < pool.size(); i++) {
        if (!batched[i]) {
          groups.add(new int[] {i});
          batches.add(Optional.empty());
        }
      }
    }

    /// Models of a batch: two batches or more for each thread where there are enough models, and
    /// about as many for any other.
    private static int groupSize(int models, int threads) {
      int most = Math.clamp(Math.ceilDiv(models, 2 * threads), 1, ModelVectorBatch.MODELS);
      int batches = Math.ceilDiv(Math.ceilDiv(models, most), threads) * threads;
      return Math.ceilDiv(models, Math.max(1, batches));
    }

    /// @param exact see [ModelVectorBatch#solve]
    LaplacePosterior[] solve(ModelVectorProblem problem, boolean exact) {
      LaplacePosterior[] rows = new LaplacePosterior[pool.size()];
      workers.run(
          groups.size(),
          at -> {
            int[] group = groups.get(at);
            LaplacePosterior[] solved =
                batches
                    .get(at)
                    .map(batch ->
                        batch.solve(
                            Arrays.stream(group)
                                .mapToObj(i -> problem.gaussian(abilities.get(i)))
                                .toList(),
                            Arrays.stream(group).mapToObj(i -> starts[i]).toArray(double[][]::new),
                            exact))
                    .orElseGet(() -> new LaplacePosterior[] {alone(problem, group[0])});
            for (int i = 0; i < group.length; i++) {
              rows[group[i]] = solved[i];
              starts[group[i]] = solved[i].mean();
            }
          });
      return rows;
    }

    double operations() {
      return batches.stream()
          .mapToDouble(batch -> batch.map(ModelVectorBatch::operations).orElse(0.0))
          .sum();
    }

    private LaplacePosterior alone(ModelVectorProblem problem, int model) {
      return problem.solve(pool.get(model), abilities.get(model), starts[model]);
    }
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

  /// Floating-point operations of the matrix products for models that were solved in batches.
  public double operations() {
    return operations;
  }

  /// The prior that the vectors share.
  public ModelVectorPrior prior() {
    return prior;
  }
}
