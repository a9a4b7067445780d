package org.embedllm.gateway.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.embedllm.routing.RoutingPolicies;

/// The gateway in numbers, for Prometheus.
public final class Metrics implements CompletedRequest.Listener {
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(300_000),
    Duration.ofMillis(1),
    Duration.ofMillis(3),
    Duration.ofMillis(10),
    Duration.ofMillis(30),
    Duration.ofMillis(100),
    Duration.ofMillis(300),
    Duration.ofSeconds(1),
    Duration.ofSeconds(3),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofSeconds(100)
  };

  /// A model's name, also where it is the first part of an upstream's.
  private static final Pattern NAMED =
      Pattern.compile("(?:[{,](?:model|gen_ai_response_model)|upstream)=\"([^\"@]+)");

  private static final Map<String, String> HELP =
      Map.ofEntries(
          Map.entry("embedllm_requests", "Completions by status, model and client"),
          Map.entry("embedllm_decisions", "Decisions by policy and chosen model"),
          Map.entry("embedllm_tokens", "Tokens by kind and model"),
          Map.entry("embedllm_cost_usd", "Cost in US dollars by model and client"),
          Map.entry("embedllm_fallbacks", "Upstreams tried in vain, by kind of failure"),
          Map.entry("embedllm_upstream_errors", "Failures of upstreams, broken streams included"),
          Map.entry("embedllm_cache_requests", "Requests that may be cached, by result"),
          Map.entry("embedllm_cache_hit_age_seconds", "Sum of the ages of cached answers sent"),
          Map.entry("embedllm_cache_saved_usd", "What cached answers would have cost"),
          Map.entry("embedllm_errors", "Errors told to clients, by code"),
          Map.entry("embedllm_feedback", "Feedback by model"),
          Map.entry("embedllm_feedback_score", "Sum of the scores of feedback by model"),
          Map.entry("embedllm_calibration_outcomes", "Feedback with a forecast, by its bin"),
          Map.entry("embedllm_calibration_score", "Sum of scores by bin of the forecast"),
          Map.entry("embedllm_calibration_probability", "Sum of forecasts by bin"),
          Map.entry("embedllm_calibration_squared_error", "Sum of squared errors of forecasts"));

  /// Of whole answers and first tokens, which models take seconds for.
  private static final Duration[] SECONDS = {
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofSeconds(60),
    Duration.ofSeconds(120)
  };

  /// The buckets that the conventions name.
  private static final Duration[] GEN_AI_SECONDS =
      IntStream.range(0, 14).mapToObj(i -> Duration.ofMillis(10L << i)).toArray(Duration[]::new);

  private static final double[] GEN_AI_TOKENS =
      IntStream.range(0, 14).mapToDouble(i -> Math.pow(4, i)).toArray();

  private static final String DURATION = "embedllm_request_duration";
  private static final String FIRST_TOKEN = "embedllm_time_to_first_token";
  private static final String GEN_AI_DURATION = "gen_ai.client.operation.duration";
  private static final String GEN_AI_USAGE = "gen_ai.client.token.usage";

  private final Map<Meter, DistributionSummary> summaries = new ConcurrentHashMap<>();
  private final Map<Meter, Timer> timers = new ConcurrentHashMap<>();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Meter, Counter> counters = new ConcurrentHashMap<>();
  private final Timer encode = timer("encode", "forecasting a prompt, mostly encoding it");
  private final Timer route = timer("route", "choosing a model from the forecast");
  private final Timer upstream = timer("upstream", "waiting for upstreams, up to the first event");
  private final Timer overhead = timer("overhead", "everything before the first event but those");
  private final Timer total = timer("total", "from the request to the end of its answer");

  /// A meter by its name and the values of its tags: a key that is quick to make and to compare.
  private record Meter(String name, List<String> tags) {}

  private static <M> M known(Map<Meter, M> meters, Meter key, Function<Meter, M> make) {
    M known = meters.get(key); // Unlike computeIfAbsent, it never waits for another thread.
    return known == null ? meters.computeIfAbsent(key, make) : known;
  }

  private Timer timer(String step, String what) {
    return Timer.builder("embedllm_latency")
        .description("Latency of a completion by step: " + what)
        .tag("step", step)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private Timer byUpstream(String name, String what, String model, String upstream) {
    return known(
        timers,
        new Meter(name, List.of(model, upstream)),
        key ->
            Timer.builder(name)
                .description(what)
                .tags("model", model, "upstream", upstream)
                .serviceLevelObjectives(SECONDS)
                .register(registry));
  }

  /// OpenTelemetry's conventions for generative models.
  ///
  /// @param operation such as `chat`
  /// @param provider who offers the model that answered, or should have
  public void operation(CompletedRequest r, String operation, String provider) {
    String answered = r.answer().model().orElse("");
    String error = r.answer().error().orElse("");
    Timer duration =
        known(
            timers,
            new Meter(GEN_AI_DURATION, List.of(operation, provider, answered, error)),
            key ->
                Timer.builder(GEN_AI_DURATION)
                    .description("Duration of calls, by OpenTelemetry's conventions")
                    .tags(genAi(operation, provider, answered).and("error.type", error))
                    .serviceLevelObjectives(GEN_AI_SECONDS)
                    .register(registry));
    record(duration, r.timing().total());
    r.answer()
        .usage()
        .ifPresent(u -> {
          tokens(operation, provider, answered, "input").record((double) u.promptTokens());
          tokens(operation, provider, answered, "output").record((double) u.answerTokens());
        });
  }

  private DistributionSummary tokens(
      String operation, String provider, String answered, String type) {
    return known(
        summaries,
        new Meter(GEN_AI_USAGE, List.of(operation, provider, answered, type)),
        key ->
            DistributionSummary.builder(GEN_AI_USAGE)
                .description("Tokens of calls, by OpenTelemetry's conventions")
                .tags(genAi(operation, provider, answered).and("gen_ai.token.type", type))
                .serviceLevelObjectives(GEN_AI_TOKENS)
                .register(registry));
  }

  private static Tags genAi(String operation, String provider, String answered) {
    return Tags.of(
        "gen_ai.operation.name",
        operation,
        "gen_ai.provider.name",
        provider,
        "gen_ai.response.model",
        answered);
  }

  /// A request that could have been answered from the cache.
  ///
  /// @param age of the answer it found; empty where there was none
  /// @param saved USD
  public void cached(Optional<Duration> age, double saved) {
    add("embedllm_cache_requests", 1, "result", age.isPresent() ? "hit" : "miss");
    age.ifPresent(a -> add("embedllm_cache_hit_age_seconds", a.toMillis() / 1e3));
    if (saved > 0) {
      add("embedllm_cache_saved_usd", saved);
    }
  }

  /// Memory, collections, threads and processors of this process.
  public void process() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /// A row of numbers, one for each of some things that come and go.
  public MultiGauge gauges(String name, String what) {
    return MultiGauge.builder(name).description(what).register(registry);
  }

  /// A number that only rises, asked for when somebody looks.
  public void count(String name, String what, Supplier<Number> value) {
    // The registry keeps what is asked by a weak reference alone: this object lives as long.
    FunctionCounter.builder(name, this, metrics -> value.get().doubleValue())
        .description(what)
        .register(registry);
  }

  /// A number that is asked for when somebody looks.
  public void gauge(String name, String what, Supplier<Number> value, String... tags) {
    io.micrometer.core.instrument.Gauge.builder(name, value)
        .description(what)
        .tags(tags)
        .register(registry);
  }

  @Override
  public void completed(CompletedRequest r) {
    String model = r.answer().model().orElse("none");
    String client = r.request().client().orElse("");
    String status = Integer.toString(r.answer().status());
    add("embedllm_requests", 1, "status", status, "model", model, "caller", client);
    record(total, r.timing().total());
    if (r.answer().model().isPresent()) {
      String upstream = r.answer().upstream().orElse("");
      record(byUpstream(DURATION, "Time of an answer", model, upstream), r.timing().total());
      record(
          byUpstream(FIRST_TOKEN, "Time to the first event of an answer", model, upstream),
          r.timing().firstByte());
    }
    r.choice().ifPresent(choice -> decided(r.timing(), choice));
    r.answer()
        .usage()
        .ifPresent(u -> {
          add("embedllm_tokens", (double) u.promptTokens(), "kind", "prompt", "model", model);
          add("embedllm_tokens", (double) u.answerTokens(), "kind", "answer", "model", model);
        });
    if (r.cost() > 0) {
      add("embedllm_cost_usd", r.cost(), "model", model, "caller", client);
    }
    List<FailedAttempt> faults =
        r.answer().failed().stream().filter(FailedAttempt::isUpstreamsFault).toList();
    for (FailedAttempt failed : faults) {
      add("embedllm_fallbacks", 1, "upstream", failed.upstream(), "kind", failed.kind());
    }
    Stream.concat(faults.stream(), r.answer().broken().stream())
        .forEach(
            f -> add("embedllm_upstream_errors", 1, "upstream", f.upstream(), "kind", f.kind()));
    r.answer()
        .error()
        .filter(e -> r.answer().status() >= 400 || e.startsWith("upstream_"))
        .ifPresent(e -> add("embedllm_errors", 1, "code", e));
  }

  private void decided(CompletedRequest.Timing timing, CompletedRequest.Choice choice) {
    String policy = choice.policy().map(RoutingPolicies::name).orElse("named");
    add("embedllm_decisions", 1, "policy", policy, "model", choice.model());
    if (choice.policy().isPresent()) {
      record(encode, timing.encode());
      record(route, timing.route());
    }
    record(upstream, timing.upstream());
    record(overhead, timing.overhead());
  }

  private static void record(Timer timer, double millis) {
    if (!Double.isNaN(millis)) {
      timer.record((long) (millis * 1e6), TimeUnit.NANOSECONDS);
    }
  }

  /// Feedback beside what was expected: the three sums of a bin give its reliability.
  ///
  /// @param probability forecast for the model that answered; NaN where there was none
  /// @param score the feedback
  public void feedback(String model, double probability, double score) {
    add("embedllm_feedback", 1, "model", model);
    add("embedllm_feedback_score", score, "model", model);
    if (Double.isFinite(probability)) {
      String bin =
          String.format(Locale.ROOT, "%.1f", Math.min(0.9, Math.floor(probability * 10) / 10));
      add("embedllm_calibration_outcomes", 1, "bin", bin);
      add("embedllm_calibration_score", score, "bin", bin);
      add("embedllm_calibration_probability", probability, "bin", bin);
      add("embedllm_calibration_squared_error", (score - probability) * (score - probability));
    }
  }

  private void add(String name, double amount, String... tags) {
    Counter counter =
        known(
            counters,
            new Meter(name, Arrays.asList(tags)),
            key ->
                Counter.builder(name)
                    .description(HELP.getOrDefault(name, name))
                    .tags(tags)
                    .register(registry));
    counter.increment(amount);
  }

  /// The exposition text.
  ///
  /// @param clients whether numbers of single clients are in it
  /// @param model whether numbers of a model are in it
  public String scrape(boolean clients, Predicate<String> model) {
    return registry
        .scrape()
        .lines()
        .filter(line ->
            line.startsWith("#")
                || ((clients || !line.contains("caller=\"") || line.contains("caller=\"\""))
                    && NAMED.matcher(line).results().map(m -> m.group(1)).allMatch(model)))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
