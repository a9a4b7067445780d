package org.embedllm.app.gateway.observe;

import java.util.List;
import org.embedllm.app.gateway.openai.Json;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The live view as JSON: names as in the records, times in ISO 8601, `null` for what is not known.
public final class LiveJson {
  private LiveJson() {}

  /// `{"event": "decided" | "scored" | "lost", …}`.
  public static ObjectNode of(LiveEvent event) {
    ObjectNode root = Json.mapper().createObjectNode();
    switch (event) {
      case LiveEvent.Decided decided -> {
        root.put("event", "decided");
        root.set("decision", of(decided.decision()));
      }
      case LiveEvent.Scored scored ->
          root.put("event", "scored")
              .put("decision", scored.decision())
              .put("score", scored.score());
      case LiveEvent.Lost lost -> root.put("event", "lost").put("events", lost.events());
    }
    return root;
  }

  public static ArrayNode of(List<LiveDecision> decisions) {
    ArrayNode array = Json.mapper().createArrayNode();
    decisions.forEach(d -> array.add(of(d)));
    return array;
  }

  public static ObjectNode of(LiveDecision d) {
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("at", d.at().toString());
    root.put("id", d.id());
    root.put("caller", d.caller().orElse(null));
    root.put("requested", d.requested());
    root.put("policy", d.policy().orElse(null));
    root.put("chosen", d.chosen());
    root.put("answeredBy", d.answeredBy().orElse(null));
    number(root, "probability", d.probability());
    number(root, "cost", d.cost());
    ObjectNode latency = root.putObject("latency");
    number(latency, "encode", d.latency().encode());
    number(latency, "route", d.latency().route());
    number(latency, "upstream", d.latency().upstream());
    number(latency, "overhead", d.latency().overhead());
    number(latency, "total", d.latency().total());
    ArrayNode failed = root.putArray("failed");
    d.failed().forEach(failed::add);
    root.put("status", d.status());
    root.put("error", d.error().orElse(null));
    root.put("streamed", d.streamed());
    root.put("prompt", d.prompt().orElse(null));
    number(root, "score", d.score().orElse(Double.NaN));
    return root;
  }

  public static ObjectNode of(LiveSummary s) {
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("from", s.from().toString()).put("to", s.to().toString());
    root.put("requests", s.requests()).put("errors", s.errors());
    root.put("streamed", s.streamed()).put("fellBack", s.fellBack());
    root.put("cost", s.cost()).put("unpriced", s.unpriced());
    ArrayNode models = root.putArray("models");
    for (LiveSummary.ModelShare m : s.models()) {
      models
          .addObject()
          .put("model", m.model())
          .put("requests", m.requests())
          .put("share", m.share())
          .put("cost", m.cost());
    }
    ArrayNode fallbacks = root.putArray("fallbacks");
    for (LiveSummary.Fallback f : s.fallbacks()) {
      fallbacks
          .addObject()
          .put("upstream", f.upstream())
          .put("kind", f.kind())
          .put("count", f.count());
    }
    ArrayNode latencies = root.putArray("latencies");
    for (LiveSummary.Step step : s.latencies()) {
      latencies
          .addObject()
          .put("step", step.step())
          .put("count", step.count())
          .put("p50", step.p50())
          .put("p90", step.p90())
          .put("p99", step.p99());
    }
    ArrayNode timeline = root.putArray("timeline");
    for (LiveSummary.Slice slice : s.timeline()) {
      timeline
          .addObject()
          .put("from", slice.from().toString())
          .put("requests", slice.requests())
          .put("errors", slice.errors());
    }
    root.set("calibration", of(s.calibration()));
    return root;
  }

  private static ObjectNode of(LiveSummary.Calibration c) {
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("outcomes", c.outcomes());
    number(root, "meanForecast", c.meanForecast());
    number(root, "meanScore", c.meanScore());
    number(root, "brier", c.brier());
    number(root, "error", c.error());
    ArrayNode bins = root.putArray("bins");
    for (LiveSummary.Bin bin : c.bins()) {
      bins.addObject()
          .put("from", bin.from())
          .put("to", bin.to())
          .put("outcomes", bin.outcomes())
          .put("meanForecast", bin.meanForecast())
          .put("meanScore", bin.meanScore())
          .put("low", bin.low())
          .put("high", bin.high());
    }
    return root;
  }

  private static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
