package org.embedllm.itemresponse;

import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.DispersionSums;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;

/// The fit of [ItemParameters] to a pool's answers: the questions' parameters, the spread of the
/// abilities' deviations, and, of graded scores, how far these are from their expectation.
final class ItemParameterFit {
  private static final int DISPERSION_ROUNDS = 2;
  private static final double SURE = 0.02; // the least p (1 − p) that a residual is divided by
  private static final double LEAST_VARIANCE = 1e-3;
  private static final double MOST_COMMON_VARIANCE = 0.15; // more, and few answers tell little of θ

  private final CorrectnessMatrix train;
  private final FloatMatrix inputs;
  private final Workers workers;
  private final List<ItemResponses> pool;

  /// @param pool the answers of `train` by model
  /// @param inputs `[n, k]`, the features of each question's text
  ItemParameterFit(
      CorrectnessMatrix train, List<ItemResponses> pool, FloatMatrix inputs, Workers workers) {
    this.train = train;
    this.inputs = inputs;
    this.workers = workers;
    this.pool = pool;
  }

  /// The parameters with the model misfit ([ModelMisfitVariance]).
  ItemParameters run() {
    ScoreDispersion dispersion = ScoreDispersion.LABELS;
    for (int round = 0; train.isGraded() && round < DISPERSION_ROUNDS; round++) {
      dispersion = dispersion(withoutMisfit(dispersion));
    }
    ItemParameters known = withoutMisfit(dispersion);
    double[] misfit = ModelMisfitVariance.measure(train, inputs, dispersion, workers);
    float[] all =
        Arrays.copyOf(known.variances().row(0), known.abilityDimension() + ItemParameters.MISFITS);
    all[known.abilityDimension()] = (float) misfit[0];
    all[known.abilityDimension() + 1] = (float) misfit[1];
    return of(known.tensor(), all, dispersion);
  }

  /// How far a pool's scores are from what the questions and the abilities say.
  private ScoreDispersion dispersion(ItemParameters known) {
    Ability[] abilities = new Ability[pool.size()];
    workers.run(pool.size(), i -> abilities[i] = known.ability(pool.get(i)));
    if (train.hasVariances()) {
      DispersionSums sums = DispersionSums.NONE;
      for (int j = 0; j < train.questionCount(); j++) {
        for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
          double p = abilities[train.cellModel(c)].probability(j);
          sums =
              sums.plus(
                  DispersionSums.of(
                      p, train.cellScore(c), train.cellRepeats(c), train.cellVariance(c)));
        }
      }
      return sums.estimate();
    }
    double[] squares = new double[train.cellCount()];
    double[] repeats = new double[train.cellCount()];
    for (int j = 0; j < train.questionCount(); j++) {
      for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
        double p = Math.clamp(abilities[train.cellModel(c)].probability(j), SURE, 1 - SURE);
        double residual = train.cellScore(c) - p;
        squares[c] = residual * residual / (p * (1 - p));
        repeats[c] = train.cellRepeats(c);
      }
    }
    return ScoreDispersion.estimate(squares, repeats);
  }

  /// The same with a misfit of 0; measuring the misfit needs further fits.
  ItemParameters withoutMisfit(ScoreDispersion dispersion) {
    FloatMatrix parameters =
        new TwoParameterLogisticFit(train, pool, inputs, dispersion, workers).run();
    int groups =
        (int)
            train.questions().stream()
                .map(Question::benchmark)
                .filter(name -> !name.equals(Question.NO_BENCHMARK))
                .distinct()
                .count();
    float[] variances = new float[1 + groups + ItemParameters.textComponents(inputs) + 1];
    Arrays.fill(variances, 0.05f);
    variances[0] = 1;
    double[][] modes = new double[pool.size()][variances.length]; // a round begins at the last one
    for (int round = 0; round < 3; round++) {
      variances = variances(of(parameters, variances, dispersion), modes);
    }
    return of(parameters, variances, dispersion);
  }

  private ItemParameters of(FloatMatrix parameters, float[] variances, ScoreDispersion dispersion) {
    FloatMatrix row = FloatMatrix.wrap(1, variances.length, variances);
    return ItemParameters.of(train.questions(), parameters, inputs, row).withDispersion(dispersion);
  }

  /// The spread of the pool's deviations plus their own uncertainty: one variance for all
  /// benchmarks, one for each component of the text.
  ///
  /// @param modes where each model's search begins, and, after it, ends, [m, 1 + B + T + 1]
  private float[] variances(ItemParameters known, double[][] modes) {
    int width = known.abilityDimension();
    int groups = known.benchmarks().size();
    double[][] squares = new double[pool.size()][width]; // mean² + variance
    workers.run(
        pool.size(),
        i -> {
          LaplacePosterior posterior = known.posterior(pool.get(i), AbilityPrior.POOL, modes[i]);
          modes[i] = posterior.mean();
          double[] covariance = posterior.covariance();
          for (int k = 0; k < width; k++) {
            squares[i][k] = modes[i][k] * modes[i][k] + covariance[k * width + k];
          }
        });
    double[] sums = new double[width];
    int count = 0;
    for (int i = 0; i < pool.size(); i++) {
      if (pool.get(i).count() > 0) {
        for (int k = 1; k < width; k++) {
          sums[k] += squares[i][k];
        }
        count++;
      }
    }
    double shared = 0;
    for (int b = 1; b <= groups; b++) {
      shared += sums[b] / Math.max(1, groups);
    }
    float[] variances = new float[width];
    variances[0] = 1;
    for (int k = 1; k < width; k++) {
      double sum = k <= groups ? shared : sums[k];
      double most = k == width - 1 ? MOST_COMMON_VARIANCE : Double.POSITIVE_INFINITY;
      variances[k] = (float) Math.clamp(sum / Math.max(1, count), LEAST_VARIANCE, most);
    }
    return variances;
  }
}
