package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.benchmark.BenchmarkAccuracyPredictor;
import org.embedllm.benchmark.BenchmarkPrediction;
import org.embedllm.benchmark.TargetBenchmark;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// §5.3, Figure 5: accuracy on each benchmark, predicted from embeddings learned without it.
final class BenchmarksExperiment {

  private final ExperimentContext context;

  BenchmarksExperiment(ExperimentContext context) {
    this.context = context;
  }

  /// Number of units of work.
  static int units(ExperimentSetup setup) {
    return setup.data().matrix().benchmarks().size();
  }

  /// The benchmarks of the data.
  ///
  /// @param leftOut how many are left out of a training at once
  /// @throws BadInputException when none would be there to train on
  static List<String> benchmarks(ExperimentSetup setup, int leftOut) {
    List<String> benchmarks = setup.data().matrix().benchmarks();
    if (benchmarks.size() <= leftOut) {
      throw BadInputException.of(
          "training without %d of the benchmarks needs at least %d of them; the data set has %s"
              .formatted(leftOut, leftOut + 1, benchmarks));
    }
    return benchmarks;
  }

  ExperimentResult run() {
    List<BenchmarkPrediction> predictions =
        context.parallel(benchmarks(context.setup(), 1), this::predict).stream()
            .sorted(Comparator.comparingDouble(BenchmarksExperiment::order).reversed())
            .toList();
    Table table = table(predictions);
    Figure ranks =
        new Figure(
            ExperimentName.BENCHMARKS.label(),
            "Order of models on a benchmark never run, predicted and true",
            finding(predictions),
            "Mean Kendall's τ-b between predicted and true accuracy of left-out models, over %d random splits of the models; at the right, splits in which it is positive and significant (two-sided p < %s). A dash: fewer than %d models have enough answers."
                .formatted(
                    context.setup().prediction().splits(),
                    context.setup().prediction().level(),
                    context.setup().prediction().leastModels()),
            ranks(predictions),
            table);
    Figure scatter =
        new Figure(
            "benchmarks-scatter",
            "Predicted against true accuracy",
            scatterFinding(predictions),
            "One point a model: mean of its predictions over the splits that left it out. The line is perfect prediction.",
            scatter(predictions),
            points(predictions));
    return new ExperimentResult(
        ExperimentName.BENCHMARKS, json(predictions), table, List.of(ranks, scatter), List.of());
  }

  private static double order(BenchmarkPrediction prediction) {
    return prediction.significant().orElse(-1)
        + Math.clamp(nanAs(prediction.embeddings().tau(), -1), -1, 1) / 10;
  }

  private static double nanAs(double value, double instead) {
    return Double.isNaN(value) ? instead : value;
  }

  private BenchmarkPrediction predict(String benchmark) {
    TargetBenchmark target = TargetBenchmark.of(context.setup().data(), benchmark, Set.of());
    BenchmarkPrediction prediction =
        new BenchmarkAccuracyPredictor(context.setup().prediction())
            .evaluate(context.embeddingsWithout(List.of(benchmark)), target);
    context.finished("without " + benchmark);
    return prediction;
  }

  private ArrayNode json(List<BenchmarkPrediction> predictions) {
    ArrayNode array = Numbers.array();
    for (BenchmarkPrediction prediction : predictions) {
      ObjectNode node = array.addObject().put("benchmark", prediction.benchmark());
      node.put("splits", context.setup().prediction().splits());
      prediction
          .significant()
          .ifPresentOrElse(
              count -> node.put("significant", count), () -> node.putNull("significant"));
      prediction.reason().ifPresent(reason -> node.put("reason", reason));
      node.put("models", prediction.models()).put("testModels", prediction.testModels());
      score(node, prediction.embeddings());
      ObjectNode baselines = node.putObject("baselines");
      score(baselines.putObject("meanOfOtherBenchmarks"), prediction.meanOfOtherBenchmarks());
      score(baselines.putObject("lineOnOtherBenchmarks"), prediction.lineOnOtherBenchmarks());
      ObjectNode mean = baselines.putObject("meanOfModels");
      Numbers.put(mean, "mse", prediction.meanOfModels().mse());
      Numbers.put(mean, "r2", prediction.meanOfModels().r2());
      ArrayNode perModel = node.putArray("perModel");
      prediction
          .perModel()
          .forEach(model ->
              perModel
                  .addObject()
                  .put("model", model.model())
                  .put("actual", model.actual())
                  .put("predicted", model.predicted())
                  .put("leftOut", model.leftOut()));
    }
    return array;
  }

  private static void score(ObjectNode node, BenchmarkPrediction.Score score) {
    Numbers.put(node, "tau", score.tau());
    Numbers.put(node, "mse", score.mse());
    Numbers.put(node, "r2", score.r2());
  }

  private static Table table(List<BenchmarkPrediction> predictions) {
    List<List<Cell>> rows = new ArrayList<>();
    for (BenchmarkPrediction p : predictions) {
      double significant = p.significant().isPresent() ? p.significant().getAsInt() : Double.NaN;
      rows.add(
          List.of(
              Cell.of(p.benchmark()),
              Cell.count(p.models()),
              Cell.of(significant, ValueFormat.COUNT),
              Cell.of(p.embeddings().tau(), ValueFormat.DECIMAL),
              Cell.of(p.meanOfOtherBenchmarks().tau(), ValueFormat.DECIMAL),
              Cell.of(p.embeddings().r2(), ValueFormat.DECIMAL),
              Cell.of(p.embeddings().mse(), ValueFormat.GENERAL),
              Cell.of(p.lineOnOtherBenchmarks().mse(), ValueFormat.GENERAL),
              Cell.of(p.meanOfOtherBenchmarks().mse(), ValueFormat.GENERAL),
              Cell.of(p.meanOfModels().mse(), ValueFormat.GENERAL)));
    }
    return new Table(
        Numbers.columns(
            "benchmark", "Benchmark",
            "models", "Models",
            "significant", "Significant splits",
            "tau", "τ",
            "tau_mean_of_other_benchmarks", "τ, mean of others",
            "r2", "R²",
            "mse", "MSE",
            "mse_line_on_other_benchmarks", "MSE, line on others",
            "mse_mean_of_other_benchmarks", "MSE, mean of others",
            "mse_mean_of_models", "MSE, mean of models"),
        rows);
  }

  private static Chart ranks(List<BenchmarkPrediction> predictions) {
    List<Chart.Estimate> embeddings =
        predictions.stream().map(p -> Chart.Estimate.of(p.embeddings().tau())).toList();
    List<Chart.Estimate> others =
        predictions.stream().map(p -> Chart.Estimate.of(p.meanOfOtherBenchmarks().tau())).toList();
    return new Chart.Dots(
        Axis.of("Kendall's τ-b on left-out models, mean over splits", ValueFormat.DECIMAL),
        predictions.stream().map(BenchmarkPrediction::benchmark).toList(),
        List.of(
            new Chart.Row("Embeddings", embeddings),
            new Chart.Row("Mean accuracy on the other benchmarks", others)),
        predictions.stream()
            .map(p ->
                p.significant().isPresent()
                    ? p.significant().getAsInt() + " of " + p.embeddings().mseBySplit().size()
                    : "–")
            .toList(),
        true);
  }

  private static Chart scatter(List<BenchmarkPrediction> predictions) {
    Axis x = Axis.of("Predicted accuracy (%)", ValueFormat.PERCENT);
    Axis y = Axis.of("True accuracy (%)", ValueFormat.PERCENT);
    List<BenchmarkPrediction> measured =
        predictions.stream().filter(p -> !p.perModel().isEmpty()).toList();
    List<Chart.Plane> panels = new ArrayList<>();
    for (BenchmarkPrediction prediction : measured) {
      List<Chart.Point> points =
          prediction.perModel().stream()
              .map(m -> new Chart.Point(m.predicted(), Chart.Estimate.of(m.actual()), m.model()))
              .toList();
      panels.add(new Chart.Plane(x, y, List.of(new Chart.Series("", points, false)), true));
    }
    return new Chart.Panels(measured.stream().map(BenchmarkPrediction::benchmark).toList(), panels);
  }

  private static Table points(List<BenchmarkPrediction> predictions) {
    List<List<Cell>> rows = new ArrayList<>();
    for (BenchmarkPrediction prediction : predictions) {
      for (BenchmarkPrediction.ModelPrediction model : prediction.perModel()) {
        rows.add(
            List.of(
                Cell.of(prediction.benchmark()),
                Cell.of(model.model()),
                Cell.of(model.predicted(), ValueFormat.PERCENT),
                Cell.of(model.actual(), ValueFormat.PERCENT)));
      }
    }
    return new Table(
        Numbers.columns(
            "benchmark", "Benchmark", "model", "Model", "predicted", "Predicted", "actual", "True"),
        rows);
  }

  private static String finding(List<BenchmarkPrediction> predictions) {
    List<BenchmarkPrediction> counted =
        predictions.stream().filter(p -> p.significant().isPresent()).toList();
    if (counted.isEmpty()) {
      return "No benchmark has enough models with answers on it and elsewhere to count significant splits.";
    }
    long most = counted.stream().filter(p -> p.significant().getAsInt() >= 90).count();
    long beaten =
        counted.stream()
            .filter(p -> p.embeddings().tau() > p.meanOfOtherBenchmarks().tau())
            .count();
    return "The order of left-out models is found in at least 90 of 100 splits on %d of %d benchmarks (the paper: 7 of 10); the embeddings order them better than the models' mean accuracy on the other benchmarks does on %d of %d%s."
        .formatted(
            most,
            counted.size(),
            beaten,
            counted.size(),
            beaten * 2 <= counted.size()
                ? ", so that this plain baseline, which the paper does not have, does at least as well"
                : "");
  }

  private static String scatterFinding(List<BenchmarkPrediction> predictions) {
    List<BenchmarkPrediction> measured =
        predictions.stream().filter(p -> !p.perModel().isEmpty()).toList();
    if (measured.isEmpty()) {
      return "No benchmark has enough models to split.";
    }
    double mean = measured.stream().mapToDouble(p -> p.embeddings().mse()).average().orElse(0);
    double line =
        measured.stream().mapToDouble(p -> p.lineOnOtherBenchmarks().mse()).average().orElse(0);
    double models = measured.stream().mapToDouble(p -> p.meanOfModels().mse()).average().orElse(0);
    return String.format(
        Locale.ROOT,
        "Over all benchmarks the predictions are off by %.1f points (root of the mean squared error). A line on the mean of the other benchmarks is off by %.1f, the mean of all models by %.1f.",
        100 * Math.sqrt(mean),
        100 * Math.sqrt(line),
        100 * Math.sqrt(models));
  }
}
