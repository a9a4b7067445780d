package org.embedllm.app.experiment;

import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.routing.RoutingEvaluation;
import tools.jackson.databind.node.ObjectNode;

/// The content of `routing.json`.
///
/// @param report what routing says
record RoutingJson(RoutingReport report) {
  ObjectNode document() {
    RoutingEvaluation routing = report.routing();
    PaperSingleBest paper = report.paper();
    ObjectNode json = Numbers.object();
    json.put("questions", routing.questions());
    Numbers.put(json, "router", routing.router());
    ObjectNode single = json.putObject("singleBest").put("model", routing.singleBestModel());
    Numbers.put(single, "accuracy", routing.singleBest());
    single.put("fallbacks", routing.fallbacks());
    Numbers.put(json, "weightedRandom", routing.weightedRandom());
    Numbers.put(json, "random", routing.random());
    routing
        .neighbors()
        .ifPresentOrElse(knn -> Numbers.put(json, "knn", knn), () -> json.putNull("knn"));
    json.put("knnNeighbors", report.k());
    Numbers.put(json, "oracle", routing.oracle());
    Numbers.put(json, "routerMinusSingleBest", routing.gain());
    routing.gainOverNeighbors().ifPresent(gain -> Numbers.put(json, "routerMinusKnn", gain));
    ObjectNode share = json.putObject("share");
    routing.share().forEach((model, fraction) -> Numbers.put(share, model, fraction));
    perBenchmark(json.putObject("perBenchmark"));
    ObjectNode best = json.putObject("paperSingleBest").put("model", paper.model());
    Numbers.put(best, "accuracy", paper.accuracy());
    ObjectNode each = best.putObject("perBenchmark");
    paper
        .perBenchmark()
        .forEach((name, on) ->
            Numbers.put(each.putObject(name).put("model", on.model()), "accuracy", on.accuracy()));
    report
        .threshold()
        .ifPresent(curve -> new ThresholdReport(curve).json(json.putObject("threshold")));
    new ReliabilityReport(report.calibration()).json(json.putObject("calibration"));
    timing(json.putObject("timing"));
    return json;
  }

  private void perBenchmark(ObjectNode json) {
    report
        .routing()
        .perBenchmark()
        .forEach((name, on) -> {
          ObjectNode node = json.putObject(name).put("questions", on.questions());
          Numbers.put(node, "router", on.router());
          Numbers.put(node, "singleBest", on.singleBest());
          node.put("singleBestModel", on.singleBestModel());
          Numbers.put(node, "weightedRandom", on.weightedRandom());
          Numbers.put(node, "random", on.random());
          Numbers.put(node, "oracle", on.oracle());
          Numbers.put(node, "routerMinusSingleBest", on.gain());
        });
  }

  private void timing(ObjectNode json) {
    RoutingSpeed speed = report.speed();
    json.put("questions", speed.questions()).put("models", speed.models());
    Numbers.put(json, "questionsPerSecondFromVectors", speed.perSecond());
    Numbers.put(json, "questionsPerSecondFromText", speed.perSecondFromText().orElse(Double.NaN));
    Numbers.put(json, "trainingSeconds", speed.trainingSeconds());
    speed
        .trainingPeakBytes()
        .ifPresentOrElse(
            bytes -> json.put("trainingPeakMemoryBytes", bytes),
            () -> json.putNull("trainingPeakMemoryBytes"));
  }
}
