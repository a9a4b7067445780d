package org.embedllm.app.task;

import java.util.List;
import java.util.Map;
import org.embedllm.app.cli.Json;
import org.embedllm.forecast.Calibration;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.routing.Recommendation;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.usage.UsageEvaluation;

/// The JSON of an evaluation.
final class EvaluationJson {
  private EvaluationJson() {}

  private static final String NO_TABLE = "the model file keeps no table of rates by an attribute";

  /// Forecasts beside every baseline, with attributes known and withheld.
  static Json forecast(PoolEvaluation evaluation) {
    Json baselines = baselines(evaluation.forecasts(), evaluation.withoutQuestions());
    evaluation
        .table()
        .ifPresentOrElse(
            table ->
                baselines
                    .put("table", table.accuracy())
                    .put("tableAttribute", table.attribute())
                    .put("tableLogLoss", table.logLoss()),
            () -> baselines.put("table", (Object) null).put("tableReason", NO_TABLE));
    return forecast(evaluation.forecasts(), baselines)
        .put(
            "withheld",
            evaluation
                .withheld()
                .map(w -> forecast(w.forecasts(), new Json()).document())
                .orElse(null));
  }

  /// Routes beside every baseline.
  static Json routing(PoolEvaluation evaluation) {
    Json json = routing(evaluation.routes(), evaluation.withoutQuestions());
    evaluation
        .table()
        .ifPresentOrElse(
            table -> json.put("table", table.router()),
            () -> json.put("table", (Object) null).put("tableReason", NO_TABLE));
    evaluation.withheld().ifPresent(w -> json.put("withheld", w.routes().router()));
    return json;
  }

  /// @param withoutNeighbors why there is no nearest-neighbors baseline; used only when there is
  ///   none
  private static Json baselines(ForecastEvaluation evaluation, String withoutNeighbors) {
    Json baselines =
        new Json()
            .put("majorityPerModel", evaluation.majorityPerModel())
            .put("majorityPerModelAndBenchmark", evaluation.majorityPerModelAndBenchmark());
    evaluation
        .neighbors()
        .ifPresentOrElse(
            knn ->
                baselines.put("knn", new Json().put("k", knn.k()).put("accuracy", knn.accuracy())),
            () -> baselines.put("knn", (Object) null).put("knnReason", withoutNeighbors));
    return baselines;
  }

  private static Json forecast(ForecastEvaluation evaluation, Json baselines) {
    Json perBenchmark = new Json();
    evaluation
        .perBenchmark()
        .forEach((name, row) ->
            perBenchmark.put(
                name, new Json().put("accuracy", row.accuracy()).put("cells", row.cells())));
    return new Json()
        .put("accuracy", evaluation.accuracy())
        .put("logLoss", evaluation.logLoss())
        .put("brier", evaluation.brier())
        .put("calibrationError", evaluation.calibration().error())
        .put("calibrationErrorIfPerfect", evaluation.calibration().errorIfPerfect())
        .put("auc", evaluation.auc())
        .put("baselines", baselines)
        .put("perBenchmark", perBenchmark)
        .put("reliability", reliability(evaluation.calibration()));
  }

  private static List<Map<String, Object>> reliability(Calibration calibration) {
    return calibration.bins().stream()
        .map(bin ->
            Map.<String, Object>of(
                "cells", bin.cells(),
                "meanProbability", bin.meanProbability(),
                "meanScore", bin.meanScore()))
        .toList();
  }

  private static Json routing(RoutingEvaluation routing, String withoutNeighbors) {
    Json json =
        new Json()
            .put("questions", routing.questions())
            .put("router", routing.router())
            .put(
                "singleBest",
                new Json()
                    .put("model", routing.singleBestModel())
                    .put("accuracy", routing.singleBest())
                    .put("fallbacks", routing.fallbacks()))
            .put("weightedRandom", routing.weightedRandom())
            .put("random", routing.random());
    routing
        .neighbors()
        .ifPresentOrElse(
            knn -> json.put("knn", knn),
            () -> json.put("knn", (Object) null).put("knnReason", withoutNeighbors));
    Json perBenchmark = new Json();
    routing
        .perBenchmark()
        .forEach((name, row) ->
            perBenchmark.put(
                name,
                new Json()
                    .put("questions", row.questions())
                    .put("router", row.router())
                    .put("singleBest", row.singleBest())
                    .put("singleBestModel", row.singleBestModel())
                    .put("weightedRandom", row.weightedRandom())
                    .put("random", row.random())
                    .put("oracle", row.oracle())
                    .put("routerMinusSingleBest", row.gain())));
    json.put("oracle", routing.oracle()).put("routerMinusSingleBest", routing.gain());
    routing.gainOverNeighbors().ifPresent(gain -> json.put("routerMinusKnn", gain));
    return json.put("share", routing.share()).put("perBenchmark", perBenchmark);
  }

  /// How good the lengths of answers are forecast.
  public static Json usage(UsageEvaluation outputTokens) {
    return new Json()
        .put(
            "outputTokens",
            new Json()
                .put("r2Log", outputTokens.r2Log())
                .put("coverage", outputTokens.coverage())
                .put("expectedOverObserved", outputTokens.totalRatio())
                .put("cells", outputTokens.cells()));
  }

  public static Json recommendation(Recommendation recommendation) {
    return new Json()
        .put("use", recommendation.use().label())
        .put("model", recommendation.model().orElse(null))
        .put("policy", recommendation.policy().orElse(null))
        .put("text", recommendation.text());
  }

  public static Json perModel(ForecastEvaluation evaluation) {
    Json models = new Json();
    evaluation
        .perModel()
        .forEach((name, row) ->
            models.put(
                name,
                new Json()
                    .put("forecastAccuracy", row.forecastAccuracy())
                    .put("observedAccuracy", row.observedAccuracy())
                    .put("predictedAccuracy", row.predictedAccuracy())
                    .put("cells", row.cells())));
    return models;
  }
}
