package org.embedllm.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.embedllm.linalg.Shuffle;
import org.embedllm.tensor.FloatMatrix;

/// Predicts a model's accuracy on a benchmark it never ran from its embedding, and measures how
/// well over random splits of the models. Zhuang et al. (2025), §5.3.
///
/// The paper regresses by least squares; with more dimensions than models that has no unique
/// solution, so the regression here has an L2 penalty chosen by leave-one-out inside the training
/// models (`RidgeRegression`). Baselines that need no embedding are reported with it.
///
/// The splits depend on the seed and on the number of eligible models only, so that two sets of
/// embeddings of the same models are compared on the same splits.
public final class BenchmarkAccuracyPredictor {
  private static final int LEAST_TRAINING_MODELS = 3;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final PredictionOptions options;

  public BenchmarkAccuracyPredictor(PredictionOptions options) {
    this.options = options;
  }

  /// Evaluates embeddings on the models that are eligible for a benchmark.
  ///
  /// @param embeddings [m, d], learned without the benchmark
  public BenchmarkPrediction evaluate(FloatMatrix embeddings, TargetBenchmark benchmark) {
    return evaluate(embeddings, benchmark, benchmark.eligible(options.leastAnswers()));
  }

  /// Evaluates embeddings on the given models.
  ///
  /// @param embeddings [m, d], learned without the benchmark
  /// @param eligible models to split, ascending; each with an answer to the benchmark
  public BenchmarkPrediction evaluate(
      FloatMatrix embeddings, TargetBenchmark benchmark, int[] eligible) {
    int m = benchmark.models().size();
    if (embeddings.rows() != m) {
      throw new IllegalArgumentException(
          "%d embeddings for %d models".formatted(embeddings.rows(), m));
    }
    int testModels = options.testModels(eligible.length);
    boolean possible = eligible.length - testModels >= LEAST_TRAINING_MODELS;
    boolean enough = eligible.length >= options.leastModels() && possible;
    SplitScores learned = new SplitScores(m);
    SplitScores others = new SplitScores(m);
    SplitScores line = new SplitScores(m);
    SplitScores mean = new SplitScores(m);
    double[] gram = gram(embeddings);
    double[] elsewhere = new double[m];
    Arrays.setAll(elsewhere, benchmark::meanElsewhere);
    for (int split = 0; possible && split < options.splits(); split++) {
      int[] order = shuffled(eligible, split);
      int[] test = Arrays.copyOfRange(order, 0, testModels);
      int[] training = Arrays.copyOfRange(order, testModels, order.length);
      double[] actual = benchmark.sharedAccuracies();
      RidgeRegression ridge = RidgeRegression.fit(gram, m, training, actual);
      learned.add(test, actual, i -> ridge.predict(gram, m, i));
      others.add(test, actual, i -> elsewhere[i]);
      StraightLine fitted = StraightLine.fit(training, elsewhere, actual);
      line.add(test, actual, i -> fitted.at(elsewhere[i]));
      double average = Arrays.stream(training).mapToDouble(i -> actual[i]).average().orElseThrow();
      mean.add(test, actual, i -> average);
    }
    return new BenchmarkPrediction(
        benchmark.benchmark(),
        eligible.length,
        testModels,
        enough ? OptionalInt.of(learned.significant(options.level())) : OptionalInt.empty(),
        enough ? Optional.empty() : Optional.of(reason(eligible.length)),
        learned.score(),
        others.score(),
        line.score(),
        mean.score(),
        learned.perModel(benchmark.models()));
  }

  private String reason(int eligible) {
    return "%d models have at least %d answers on this benchmark and elsewhere; %d are needed"
        .formatted(eligible, options.leastAnswers(), options.leastModels());
  }

  private int[] shuffled(int[] eligible, int split) {
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(options.seed() * GOLDEN + split);
    return Shuffle.of(eligible, random);
  }

  /// Inner products of the rows, [m, m].
  private static double[] gram(FloatMatrix embeddings) {
    int m = embeddings.rows();
    int d = embeddings.columns();
    float[] values = embeddings.sharedArray();
    double[] gram = new double[m * m];
    for (int a = 0; a < m; a++) {
      for (int b = a; b < m; b++) {
        double sum = 0;
        for (int k = 0; k < d; k++) {
          sum += (double) values[a * d + k] * values[b * d + k];
        }
        gram[a * m + b] = sum;
        gram[b * m + a] = sum;
      }
    }
    return gram;
  }

  /// The results of one predictor over the splits.
  private static final class SplitScores {
    private final List<KendallTau> ranks = new ArrayList<>();
    private final List<Double> errors = new ArrayList<>();
    private final double[] actual; // [m]
    private final double[] predicted; // [m], sum over splits
    private final int[] leftOut; // [m]
    private double squaredErrors;
    private double squaredDeviations;

    SplitScores(int models) {
      actual = new double[models];
      predicted = new double[models];
      leftOut = new int[models];
    }

    void add(int[] test, double[] accuracies, java.util.function.IntToDoubleFunction predictor) {
      double[] truth = Arrays.stream(test).mapToDouble(i -> accuracies[i]).toArray();
      double[] guess = Arrays.stream(test).mapToDouble(predictor).toArray();
      double mean = Arrays.stream(truth).average().orElseThrow();
      double error = 0;
      for (int k = 0; k < test.length; k++) {
        error += (truth[k] - guess[k]) * (truth[k] - guess[k]);
        squaredDeviations += (truth[k] - mean) * (truth[k] - mean);
        actual[test[k]] = truth[k];
        predicted[test[k]] += guess[k];
        leftOut[test[k]]++;
      }
      squaredErrors += error;
      errors.add(error / test.length);
      ranks.add(KendallTau.of(guess, truth));
    }

    int significant(double level) {
      return (int) ranks.stream().filter(rank -> rank.significantlyPositive(level)).count();
    }

    BenchmarkPrediction.Score score() {
      double tau =
          ranks.stream()
              .mapToDouble(rank -> Double.isNaN(rank.tau()) ? 0 : rank.tau())
              .average()
              .orElse(Double.NaN);
      double mse = errors.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
      double r2 = errors.isEmpty() ? Double.NaN : 1 - squaredErrors / squaredDeviations;
      return new BenchmarkPrediction.Score(tau, mse, r2, errors);
    }

    List<BenchmarkPrediction.ModelPrediction> perModel(List<String> models) {
      List<BenchmarkPrediction.ModelPrediction> list = new ArrayList<>();
      for (int i = 0; i < leftOut.length; i++) {
        if (leftOut[i] > 0) {
          list.add(
              new BenchmarkPrediction.ModelPrediction(
                  models.get(i), actual[i], predicted[i] / leftOut[i], leftOut[i]));
        }
      }
      return list;
    }
  }
}
