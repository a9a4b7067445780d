package org.embedllm.probe;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.embedllm.benchmark.BenchmarkAccuracyPredictor;
import org.embedllm.benchmark.BenchmarkPrediction;
import org.embedllm.benchmark.PredictionOptions;
import org.embedllm.benchmark.TargetBenchmark;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.tensor.FloatMatrix;

/// What each benchmark's answers contribute to predicting accuracy on each other benchmark. Zhuang
/// et al. (2025), §6.2.
///
/// C_ij = e_removed − e_added: the mean squared error on benchmark j of embeddings learned without
/// i and j, minus that of embeddings learned without j alone, over the same splits of the same
/// models. A positive entry says that i helps to predict j. The models are those with enough
/// answers on j and, whichever other benchmark is left out as well, still enough elsewhere; the
/// splits of a column are therefore the same for all its entries.
///
/// The caller trains once for each of [#removals], in any order, and keeps the result of [#errors].
public final class BenchmarkContribution {
  private final List<String> benchmarks;
  private final PredictionOptions options;
  private final BenchmarkAccuracyPredictor predictor;
  private final Map<String, TargetBenchmark> targets = new HashMap<>();
  private final Map<String, int[]> eligible = new HashMap<>();

  /// @param data answers; accuracies are taken over all of them
  /// @param benchmarks those to compare, in the order of the matrix; at least two
  public BenchmarkContribution(
      EvaluationData data, List<String> benchmarks, PredictionOptions options) {
    if (benchmarks.size() < 2) {
      throw new IllegalArgumentException(
          "contributions need at least 2 benchmarks; got " + benchmarks);
    }
    this.benchmarks = List.copyOf(benchmarks);
    this.options = options;
    this.predictor = new BenchmarkAccuracyPredictor(options);
    for (String tested : benchmarks) {
      targets.put(tested, TargetBenchmark.of(data, tested, java.util.Set.of()));
      int[] models = IntStream.range(0, data.matrix().modelCount()).toArray();
      for (String contributor : benchmarks) {
        if (!contributor.equals(tested)) {
          TargetBenchmark without = TargetBenchmark.of(data, tested, java.util.Set.of(contributor));
          int[] left = without.eligible(options.leastAnswers());
          models = Arrays.stream(models).filter(i -> Arrays.binarySearch(left, i) >= 0).toArray();
        }
      }
      eligible.put(tested, models);
    }
  }

  /// The trainings that are needed.
  public List<Removal> removals() {
    return Removal.all(benchmarks);
  }

  /// The number of models on which a benchmark is tested.
  public int eligibleModels(String tested) {
    return eligible.getOrDefault(tested, new int[0]).length;
  }

  /// The mean squared error of each split on each benchmark that a training left out.
  ///
  /// @param embeddings [m, d], learned without the benchmarks of `removal`
  /// @return by tested benchmark; an empty list where too few models are eligible
  public Map<String, List<Double>> errors(Removal removal, FloatMatrix embeddings) {
    Map<String, List<Double>> errors = new TreeMap<>();
    for (String tested : removal.inOrder()) {
      TargetBenchmark target = targets.get(tested);
      int[] models = eligible.get(tested);
      if (target == null || models == null) {
        throw new IllegalArgumentException("no benchmark " + tested + " among " + benchmarks);
      }
      if (models.length < options.leastModels()) {
        errors.put(tested, List.of());
      } else {
        BenchmarkPrediction prediction = predictor.evaluate(embeddings, target, models);
        errors.put(tested, prediction.embeddings().mseBySplit());
      }
    }
    return errors;
  }

  /// The matrix of contributions from the errors of all trainings.
  ///
  /// @param errors what [#errors] said about each of [#removals]
  public ContributionMatrix matrix(Map<Removal, Map<String, List<Double>>> errors) {
    int b = benchmarks.size();
    double[][] entries = new double[b][b];
    double[][] deviations = new double[b][b];
    double[] added = new double[b];
    for (int j = 0; j < b; j++) {
      String tested = benchmarks.get(j);
      List<Double> withAll = splits(errors, Removal.of(tested), tested);
      added[j] = mean(withAll);
      for (int i = 0; i < b; i++) {
        if (i != j) {
          List<Double> without = splits(errors, Removal.of(benchmarks.get(i), tested), tested);
          List<Double> differences =
              IntStream.range(0, withAll.size())
                  .mapToObj(s -> without.get(s) - withAll.get(s))
                  .toList();
          entries[i][j] = mean(differences);
          deviations[i][j] = standardDeviation(differences);
        }
      }
    }
    return new ContributionMatrix(benchmarks, entries, deviations, added, options.splits());
  }

  private static List<Double> splits(
      Map<Removal, Map<String, List<Double>>> errors, Removal removal, String tested) {
    List<Double> found = errors.getOrDefault(removal, Map.of()).get(tested);
    if (found == null) {
      throw new IllegalArgumentException(
          "errors of the training without %s are missing".formatted(removal.inOrder()));
    }
    return found;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private static double standardDeviation(List<Double> values) {
    double mean = mean(values);
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return values.size() < 2 ? Double.NaN : Math.sqrt(squares / (values.size() - 1));
  }
}
