package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.forecast.Interval;
import tools.jackson.databind.JsonNode;

/// Predicted against actual accuracy, each benchmark as if it had never been run: the experiment
/// `benchmarks`, with intervals.
record PredictedBenchmarks(List<Predicted> benchmarks) {
  private static final double LEVEL = 0.95;

  /// @param name of the benchmark
  /// @param models eligible ones
  /// @param splits random splits of the models
  /// @param significant splits with a significant τ; empty where too few models are eligible
  /// @param reason why it is empty
  /// @param tau mean Kendall's τ-b of left-out models
  /// @param mse mean squared error of left-out models
  /// @param r2 share of the variance explained
  /// @param baselineMse of each model's mean on the other benchmarks
  /// @param lineMse of a straight line from that mean
  /// @param meanMse of the mean of the training models
  /// @param points one for each model that was left out
  record Predicted(
      String name,
      int models,
      int splits,
      Optional<Integer> significant,
      Optional<String> reason,
      double tau,
      double mse,
      double r2,
      double baselineMse,
      double baselineTau,
      double lineMse,
      double meanMse,
      List<PredictedPoint> points) {}

  /// @param predicted mean of its predictions
  /// @param low predicted minus the half-width from the other models' errors, not below 0; NaN
  ///   where there are no others
  /// @param high predicted plus that half-width, not above 1
  /// @param actual accuracy over all its answers
  /// @param actualLow lower end of that one's 95 % interval (Wilson)
  record PredictedPoint(
      int id,
      String name,
      double predicted,
      double low,
      double high,
      double actual,
      double actualLow,
      double actualHigh) {}

  /// @param counts answers of the file's models, in their order
  /// @param experiment content of `benchmarks.json`
  static PredictedBenchmarks of(ModelSpace space, AnswerCounts counts, JsonNode experiment) {
    List<Predicted> benchmarks = new ArrayList<>();
    for (JsonNode node : experiment) {
      JsonNode baselines = node.path("baselines");
      benchmarks.add(
          new Predicted(
              node.path("benchmark").asString(),
              node.path("models").asInt(),
              node.path("splits").asInt(),
              node.path("significant").isNumber()
                  ? Optional.of(node.path("significant").asInt())
                  : Optional.empty(),
              node.path("reason").isString()
                  ? Optional.of(node.path("reason").asString())
                  : Optional.empty(),
              number(node, "tau"),
              number(node, "mse"),
              number(node, "r2"),
              number(baselines.path("meanOfOtherBenchmarks"), "mse"),
              number(baselines.path("meanOfOtherBenchmarks"), "tau"),
              number(baselines.path("lineOnOtherBenchmarks"), "mse"),
              number(baselines.path("meanOfModels"), "mse"),
              points(space, counts, node)));
    }
    return new PredictedBenchmarks(benchmarks);
  }

  private static List<PredictedPoint> points(
      ModelSpace space, AnswerCounts counts, JsonNode benchmark) {
    String name = benchmark.path("benchmark").asString();
    List<JsonNode> models = new ArrayList<>();
    benchmark.path("perModel").forEach(models::add);
    double[] errors =
        models.stream()
            .mapToDouble(model -> Math.abs(number(model, "predicted") - number(model, "actual")))
            .toArray();
    List<PredictedPoint> points = new ArrayList<>(models.size());
    for (int k = 0; k < errors.length; k++) {
      JsonNode model = models.get(k);
      int id = space.row(model.path("model").asString()).orElseThrow();
      double predicted = number(model, "predicted");
      double actual = number(model, "actual");
      double reach = reach(errors, k);
      Interval interval = Interval.ofShare(actual, counts.cells(id, name));
      points.add(
          new PredictedPoint(
              id,
              space.models().get(id),
              predicted,
              Math.max(0, predicted - reach),
              Math.min(1, predicted + reach),
              actual,
              interval.low(),
              interval.high()));
    }
    return points;
  }

  /// The half-width of a 95 % interval: the error of the others of rank `⌈0.95 (n + 1)⌉`, so that a
  /// model like them is covered with that probability for any distribution (split conformal
  /// prediction, Lei et al., 2018); with fewer than 19 others the largest error, which covers `n /
  /// (n + 1)`.
  ///
  /// @param errors `[models]` absolute errors
  /// @param own the model whose error is left out
  static double reach(double[] errors, int own) {
    double[] others = new double[errors.length - 1];
    System.arraycopy(errors, 0, others, 0, own);
    System.arraycopy(errors, own + 1, others, own, others.length - own);
    if (others.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(others);
    int rank = (int) Math.ceil(LEVEL * (others.length + 1));
    return others[Math.min(rank, others.length) - 1];
  }

  private static double number(JsonNode node, String key) {
    return node.path(key).isNumber() ? node.path(key).asDouble() : Double.NaN;
  }
}
