package org.embedllm.app.command;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.AsAskedEvaluation;
import org.embedllm.app.task.PoolEvaluation;
import org.embedllm.app.task.TableBaseline;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.Recommendation;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.usage.UsageEvaluation;
import org.embedllm.votes.VoteEvaluation;

/// An evaluation as tables and sentences.
final class EvaluationText {
  private static final int MODELS_SHOWN = 30;

  private final ForecastEvaluation forecast;
  private final RoutingEvaluation routing;
  private final Optional<UsageEvaluation> outputTokens;
  private final Recommendation recommendation;
  private final PoolEvaluation evaluation;
  private final Console console;
  private final ForecastQuantity quantity;

  EvaluationText(PoolEvaluation evaluation, Console console, ForecastQuantity quantity) {
    this.quantity = quantity;
    this.evaluation = evaluation;
    this.forecast = evaluation.forecasts();
    this.routing = evaluation.routes();
    this.outputTokens = evaluation.outputTokens();
    this.recommendation = evaluation.recommendation();
    this.console = console;
  }

  /// The same questions as people ask them.
  void print(AsAskedEvaluation asAsked) {
    console.line("");
    console.heading("As people ask: the same questions without options, in lower case, in a chat");
    TextTable table = new TextTable("", "share", "95 % interval");
    accuracy(table, "forecasts come true", asAsked.mean(e -> e.forecasts().accuracy()));
    String is = " is " + quantity.adjective();
    accuracy(table, "router" + is, asAsked.mean(e -> e.routes().router()));
    accuracy(table, "single best" + is, asAsked.mean(e -> e.routes().singleBest()));
    table.print(console);
    console.line(
        "log loss %s; the router chooses as for the full text in %s of prompts",
        TextTable.number(asAsked.mean(e -> e.forecasts().logLoss()).value(), 3),
        TextTable.percent(asAsked.sameChoice()));
    console.line("");
  }

  /// Votes and the model of Bradley and Terry.
  static void print(VoteEvaluation votes, Console console) {
    console.line("");
    console.line(
        "%,d votes: log loss %s, of Bradley-Terry without text %s, difference %s to %s",
        votes.votes(),
        TextTable.number(votes.logLoss(), 3),
        TextTable.number(votes.bradleyTerry(), 3),
        TextTable.number(votes.low(), 3),
        TextTable.number(votes.high(), 3));
  }

  /// What to do.
  void recommend() {
    console.heading("%s", recommendation.text());
    console.line("");
  }

  void print() {
    console.line("");
    forecasts();
    console.line("");
    routes();
    console.line("");
    outputTokens.ifPresent(this::lengths);
    benchmarks();
    console.line("");
    models();
  }

  private static String interval(Estimate estimate, double scale, int digits) {
    if (Double.isNaN(estimate.interval().low())) {
      return "–";
    }
    String format = "%." + digits + "f to %." + digits + "f";
    return String.format(
        Locale.ROOT, format, scale * estimate.interval().low(), scale * estimate.interval().high());
  }

  private static void accuracy(TextTable table, String name, Estimate estimate) {
    table.row(name, TextTable.percent(estimate.value()), interval(estimate, 100, 1));
  }

  private void forecasts() {
    console.heading("Forecasting: which model will be %s?", quantity.adjective());
    TextTable table = forecasters(forecast);
    attributes(table, w -> w.forecasts().accuracy(), TableBaseline::accuracy);
    table.print(console);
    console.line(
        "log loss %s (%s), Brier %s, AUC %s, calibration error %s (a perfect forecaster shows %s)",
        TextTable.number(forecast.logLoss().value(), 3),
        interval(forecast.logLoss(), 1, 3),
        TextTable.number(forecast.brier().value(), 3),
        TextTable.number(forecast.auc(), 3),
        TextTable.number(forecast.calibration().error(), 3),
        TextTable.number(forecast.calibration().errorIfPerfect(), 3));
  }

  /// With attributes withheld, and by the table of an attribute.
  private void attributes(
      TextTable table,
      Function<PoolEvaluation.Withheld, Estimate> withheld,
      Function<TableBaseline, Estimate> byTable) {
    evaluation
        .withheld()
        .ifPresent(w -> accuracy(table, "with attributes withheld", withheld.apply(w)));
    evaluation
        .table()
        .ifPresent(t -> accuracy(table, "table of models by " + t.attribute(), byTable.apply(t)));
  }

  /// Accuracy of the forecasts beside their baselines.
  static TextTable forecasters(ForecastEvaluation forecast) {
    TextTable table = new TextTable("", "accuracy", "95 % interval");
    accuracy(table, "this model", forecast.accuracy());
    forecast
        .neighbors()
        .ifPresent(knn -> accuracy(table, "nearest neighbors, k = " + knn.k(), knn.accuracy()));
    accuracy(table, "majority per model and benchmark", forecast.majorityPerModelAndBenchmark());
    accuracy(table, "majority per model", forecast.majorityPerModel());
    return table;
  }

  private void lengths(UsageEvaluation lengths) {
    console.line(
        "Length of answers: the squared error of its logarithm is %s below that of each model's own mean (%s); intervals of 95 %% hold %s of the lengths (%s)",
        TextTable.percent(lengths.r2Log().value()),
        interval(lengths.r2Log(), 100, 1),
        TextTable.percent(lengths.coverage().value()),
        interval(lengths.coverage(), 100, 1));
    console.line("");
  }

  private void routes() {
    console.heading("Routing: how often is the chosen model %s?", quantity.adjective());
    TextTable table = routers(routing, quantity);
    attributes(table, w -> w.routes().router(), TableBaseline::router);
    table.print(console);
    if (routing.fallbacks() > 0) {
      console.line(
          "%s had no answer to %,d of %,d questions; the next best model was used there.",
          routing.singleBestModel(), routing.fallbacks(), routing.questions());
    }
    console.line(
        "router − best single model: %+.1f points (%s)",
        100 * routing.gain().value(), interval(routing.gain(), 100, 1));
    console.line("Calls: %s", calls());
  }

  /// Accuracy of the router, or the share it wins, beside its baselines.
  static TextTable routers(RoutingEvaluation routing, ForecastQuantity quantity) {
    TextTable table = new TextTable("", quantity.share(), "95 % interval");
    accuracy(table, "router", routing.router());
    accuracy(
        table, "always " + routing.singleBestModel() + " (best in training)", routing.singleBest());
    routing.neighbors().ifPresent(knn -> accuracy(table, "nearest-neighbors router", knn));
    accuracy(table, "weighted random", routing.weightedRandom());
    accuracy(table, "random", routing.random());
    accuracy(table, "oracle (the best model of each)", routing.oracle());
    return table;
  }

  private String calls() {
    StringBuilder text = new StringBuilder();
    routing.share().entrySet().stream()
        .filter(call -> call.getValue() > 0)
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(8)
        .forEach(call ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(call.getKey())
                .append(' ')
                .append(TextTable.percent(call.getValue())));
    return text.toString();
  }

  private void benchmarks() {
    if (routing.perBenchmark().isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable(
                "benchmark",
                "questions",
                "forecast",
                "router",
                "single best",
                "router − best",
                "weighted random",
                "oracle")
            .dropFirst("weighted random", "oracle", "forecast");
    routing
        .perBenchmark()
        .forEach((name, row) -> {
          ForecastEvaluation.OnBenchmark own = forecast.perBenchmark().get(name);
          table.row(
              name,
              TextTable.count(row.questions()),
              own == null ? "–" : TextTable.percent(own.accuracy().value()),
              TextTable.percent(row.router().value()),
              TextTable.percent(row.singleBest().value()),
              interval(row.gain(), 100, 1),
              TextTable.percent(row.weightedRandom().value()),
              TextTable.percent(row.oracle().value()));
        });
    table.print(console);
    console.line("single best: chosen again for each benchmark on its training questions");
    console.line("router − best: 95 % interval of the difference in points");
  }

  private void models() {
    String cells =
        switch (quantity) {
          case CORRECTNESS -> "answers";
          case PREFERENCE -> "questions";
        };
    TextTable table =
        new TextTable("model", "observed", "predicted", "forecast accuracy", cells)
            .dropFirst("forecast accuracy", cells);
    forecast.perModel().entrySet().stream()
        .filter(entry -> entry.getValue().cells() > 0)
        .sorted(
            Map.Entry.comparingByValue(
                Comparator.comparingDouble(
                        (ForecastEvaluation.OfModel row) -> row.observedAccuracy().value())
                    .reversed()))
        .limit(MODELS_SHOWN)
        .forEach(entry ->
            table.row(
                entry.getKey(),
                TextTable.percent(entry.getValue().observedAccuracy().value()),
                TextTable.percent(entry.getValue().predictedAccuracy().value()),
                TextTable.percent(entry.getValue().forecastAccuracy().value()),
                TextTable.count(entry.getValue().cells())));
    table.print(console);
    if (forecast.models() > MODELS_SHOWN) {
      console.line("… and %d more (--json has all)", forecast.models() - MODELS_SHOWN);
    }
  }
}
