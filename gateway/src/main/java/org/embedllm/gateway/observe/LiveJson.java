package org.embedllm.gateway.observe;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.rollout.Assignment;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The live view as JSON: names as in the records, `attempts` the failed ones with their words,
/// times in ISO 8601, `null` for unknown values.
public final class LiveJson {
  private LiveJson() {}

  /// `{"event": "decided" | "scored" | "voted" | "lost", …}`.
  public static ObjectNode of(LiveEvent event) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
    switch (event) {
      case LiveEvent.Decided decided -> {
        root.put("event", "decided");
        root.set("decision", of(decided.decision()));
      }
      case LiveEvent.Scored scored ->
          root.put("event", "scored")
              .put("decision", scored.decision())
              .put("score", scored.score());
      case LiveEvent.Voted voted -> {
        root.put("event", "voted").put("decision", voted.decision());
        put(root, voted.vote());
      }
      case LiveEvent.Lost lost -> root.put("event", "lost").put("events", lost.events());
    }
    return root;
  }

  public static ArrayNode of(List<DecisionRecord> decisions) {
    ArrayNode array = ChatJson.mapper().createArrayNode();
    decisions.forEach(d -> array.add(of(d)));
    return array;
  }

  public static ObjectNode of(DecisionRecord d) {
    CompletedRequest r = d.request();
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("at", r.request().at().toString());
    root.put("id", d.id());
    root.put("caller", r.request().client().orElse(null));
    root.put("requested", d.choice().requested());
    root.put("policy", d.choice().policy().orElse(null));
    root.put("chosen", d.choice().model());
    root.put("answeredBy", r.answer().model().orElse(null));
    number(root, "probability", r.probability());
    number(root, "cost", r.cost());
    ObjectNode latency = root.putObject("latency");
    number(latency, "encode", r.timing().encode());
    number(latency, "route", r.timing().route());
    number(latency, "upstream", r.timing().upstream());
    number(latency, "overhead", r.timing().overhead());
    number(latency, "total", r.timing().total());
    ArrayNode failed = root.putArray("failed");
    r.answer().failed().forEach(f -> failed.add(f.label()));
    ArrayNode attempts = root.putArray("attempts");
    Stream.concat(r.answer().failed().stream(), r.answer().broken().stream())
        .forEach(f ->
            attempts
                .addObject()
                .put("upstream", f.upstream())
                .put("kind", f.kind())
                .put("said", f.detail()));
    root.put("status", r.answer().status());
    root.put("error", r.answer().error().orElse(null));
    root.put("streamed", r.request().streamed());
    root.put("prompt", d.shownPrompt().orElse(null));
    number(root, "score", d.score().orElse(Double.NaN));
    d.vote().ifPresentOrElse(vote -> put(root, vote), () -> root.putNull("vote"));
    return root;
  }

  private static void put(ObjectNode root, DecisionRecord.Vote vote) {
    root.putObject("vote").put("better", vote.better()).put("worse", vote.worse());
  }

  /// The same with reason, arm and candidates.
  public static ObjectNode detailed(DecisionRecord d) {
    ObjectNode root = of(d);
    root.put("reason", d.choice().reason());
    Assignment assignment = d.choice().assignment();
    root.put("arm", assignment.arm().name().toLowerCase(Locale.ROOT));
    ArrayNode candidates = root.putArray("candidates");
    for (Assignment.Candidate candidate : assignment.candidates()) {
      ObjectNode entry = candidates.addObject().put("model", candidate.model());
      number(entry, "probability", candidate.probability());
      number(entry, "propensity", candidate.propensity());
      number(entry, "cost", candidate.cost());
    }
    return root;
  }

  public static ObjectNode of(LiveSummary s) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
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
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("outcomes", c.decisions());
    number(root, "meanForecast", c.meanForecast());
    number(root, "meanScore", c.meanScore());
    number(root, "brier", c.brier());
    number(root, "error", c.error());
    ArrayNode bins = root.putArray("bins");
    for (LiveSummary.Bin bin : c.bins()) {
      bins.addObject()
          .put("from", bin.from())
          .put("to", bin.to())
          .put("outcomes", bin.decisions())
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
