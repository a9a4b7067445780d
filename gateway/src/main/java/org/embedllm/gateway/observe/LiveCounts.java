package org.embedllm.gateway.observe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.gateway.observe.LiveSummary.Fallback;
import org.embedllm.gateway.observe.LiveSummary.ModelShare;
import org.embedllm.gateway.observe.LiveSummary.Step;

/// Requests counted over some time. Not safe for several threads.
final class LiveCounts {
  private static final List<String> STEPS =
      List.of("encode", "route", "upstream", "overhead", "total");

  private final Map<String, Model> models = new HashMap<>();
  private final Map<Failed, Long> fallbacks = new HashMap<>();
  private final List<LatencyHistogram> latencies = new ArrayList<>();
  long requests;
  long errors;
  long streamed;
  long fellBack;
  long unpriced;
  double cost;

  private record Model(long requests, double cost) {
    Model plus(Model other) {
      return new Model(requests + other.requests, cost + other.cost);
    }
  }

  private record Failed(String upstream, String kind) {}

  LiveCounts() {
    STEPS.forEach(step -> latencies.add(new LatencyHistogram()));
  }

  void add(CompletedRequest d) {
    requests++;
    errors += d.answer().status() >= 400 ? 1 : 0;
    streamed += d.request().streamed() ? 1 : 0;
    fellBack += d.answer().failed().stream().anyMatch(FailedAttempt::isUpstreamsFault) ? 1 : 0;
    double usd = Double.isNaN(d.cost()) ? 0 : d.cost();
    cost += usd;
    d.answer()
        .model()
        .ifPresent(model -> {
          unpriced += Double.isNaN(d.cost()) ? 1 : 0;
          models.merge(model, new Model(1, usd), Model::plus);
        });
    d.answer().failed().stream()
        .filter(FailedAttempt::isUpstreamsFault)
        .forEach(f -> fallbacks.merge(new Failed(f.upstream(), f.kind()), 1L, Long::sum));
    CompletedRequest.Timing l = d.timing();
    if (d.choice().flatMap(CompletedRequest.Choice::policy).isPresent()) {
      latencies.get(0).add(l.encode());
      latencies.get(1).add(l.route());
    }
    latencies.get(2).add(l.upstream());
    latencies.get(3).add(l.overhead());
    latencies.get(4).add(l.total());
  }

  void add(LiveCounts other) {
    requests += other.requests;
    errors += other.errors;
    streamed += other.streamed;
    fellBack += other.fellBack;
    unpriced += other.unpriced;
    cost += other.cost;
    other.models.forEach((name, m) -> models.merge(name, m, Model::plus));
    other.fallbacks.forEach((failed, n) -> fallbacks.merge(failed, n, Long::sum));
    for (int i = 0; i < STEPS.size(); i++) {
      latencies.get(i).add(other.latencies.get(i));
    }
  }

  List<ModelShare> shares() {
    long answered = models.values().stream().mapToLong(Model::requests).sum();
    return models.entrySet().stream()
        .map(e ->
            new ModelShare(
                e.getKey(),
                e.getValue().requests(),
                (double) e.getValue().requests() / answered,
                e.getValue().cost()))
        .sorted(
            Comparator.comparingLong((ModelShare m) -> -m.requests())
                .thenComparing(ModelShare::model))
        .toList();
  }

  List<Fallback> fallbacks() {
    return fallbacks.entrySet().stream()
        .map(e -> new Fallback(e.getKey().upstream(), e.getKey().kind(), e.getValue()))
        .sorted(
            Comparator.comparingLong((Fallback f) -> -f.count())
                .thenComparing(Fallback::upstream)
                .thenComparing(Fallback::kind))
        .toList();
  }

  List<Step> steps() {
    var steps = new ArrayList<Step>();
    for (int i = 0; i < STEPS.size(); i++) {
      LatencyHistogram h = latencies.get(i);
      if (h.total() > 0) {
        steps.add(
            new Step(STEPS.get(i), h.total(), h.quantile(0.5), h.quantile(0.9), h.quantile(0.99)));
      }
    }
    return steps;
  }
}
