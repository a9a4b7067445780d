package org.embedllm.gateway.upstream;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.gateway.access.RateLimit;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;

/// One upstream while the gateway runs: its permits, its rate, its circuit breaker, its health, and
/// how long its answers are. All of it is safe for several threads.
public final class Upstream {
  private static final Duration QUEUE_WAIT = Duration.ofSeconds(5);
  private static final double START_ANSWER_TOKENS = 300;
  private static final int MOST_LEARNED = 64;

  private final UpstreamConfig config;
  private final String provider;
  private final Target target;
  private final CircuitBreaker breaker;
  private final Bulkhead permits;
  private final Optional<RateLimit> rate;
  private final Set<String> learned = ConcurrentHashMap.newKeySet();
  private final Set<Capability> lacks = ConcurrentHashMap.newKeySet(); // as it has said
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicLong restUntil = new AtomicLong(System.nanoTime());
  private final AtomicReference<Double> answerTokens = new AtomicReference<>(START_ANSWER_TOKENS);
  private volatile Kind whyResting = Kind.RESTING;
  private volatile boolean healthy = true;

  public Upstream(UpstreamConfig config) {
    this.config = config;
    this.provider = config.provider();
    this.target = Target.of(config);
    this.breaker =
        CircuitBreaker.of(
            config.label(),
            CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(config.circuit().slidingWindowSize())
                .minimumNumberOfCalls(config.circuit().minimumCalls())
                .failureRateThreshold((float) (100 * config.circuit().failureRate()))
                .permittedNumberOfCallsInHalfOpenState(config.circuit().halfOpenCalls())
                .waitDurationInOpenState(config.circuit().openDuration())
                .writableStackTraceEnabled(false)
                .build());
    this.permits =
        Bulkhead.of(
            config.label(),
            BulkheadConfig.custom()
                .maxConcurrentCalls(config.concurrency())
                .maxWaitDuration(QUEUE_WAIT)
                .writableStackTraceEnabled(false)
                .build());
    this.rate =
        config.requestsPerMinute().isPresent()
            ? Optional.of(new RateLimit(config.requestsPerMinute().getAsDouble()))
            : Optional.empty();
  }

  /// What it does not take of a request: by its configuration, its API, or as it has said. Names of
  /// parameters, and words for the rest.
  public Set<String> unsupported(RequestBody body) {
    Set<String> found = unsupportedParameters(body);
    found.addAll(lacking(body));
    return found;
  }

  /// What it does not take of a request and nobody can leave out, in words.
  public Set<String> lacking(RequestBody body) {
    Set<String> found = new HashSet<>();
    for (Capability need : body.needs()) {
      if (lacks.contains(need)) {
        found.add(need.words());
      }
    }
    if (!body.canBeAskedIn(config.api())) {
      found.add("what its API cannot express");
    }
    return found;
  }

  /// Parameters of a request that it does not take.
  Set<String> unsupportedParameters(RequestBody body) {
    Set<String> found = new HashSet<>();
    for (String field : body.fields()) {
      if (config.unsupported().parameters().contains(field) || learned.contains(field)) {
        found.add(field);
      }
    }
    return found;
  }

  /// Remembers which parameter, or what else of a request, it has refused.
  void refuses(UpstreamError said, RequestBody body) {
    Optional<String> parameter = said.parameter(body.optionalFields());
    if (parameter.isEmpty()) {
      said.ability(body.needs()).ifPresent(lacks::add);
    } else if (learned.size() < MOST_LEARNED) {
      learned.add(parameter.get());
    }
  }

  /// Not to be shown to anybody.
  Set<String> secrets() {
    Set<String> secrets = new HashSet<>(config.headers().values());
    config.key().ifPresent(key -> secrets.add(key.value()));
    return secrets;
  }

  public UpstreamConfig config() {
    return config;
  }

  /// Who offers it, as [UpstreamConfig#provider] works it out.
  public String provider() {
    return provider;
  }

  Target target() {
    return target;
  }

  public String label() {
    return config.label();
  }

  /// Calls under way.
  public int active() {
    return active.get();
  }

  /// `closed`, `open` or `half_open`.
  public String circuit() {
    return breaker.getState().name().toLowerCase(java.util.Locale.ROOT);
  }

  /// Result of the last probe; true before the first one.
  public boolean healthy() {
    return healthy;
  }

  void healthy(boolean now) {
    healthy = now;
  }

  /// Whether it would be asked at all just now.
  public boolean available() {
    return healthy
        && restUntil.get() - System.nanoTime() <= 0
        && breaker.getState() != CircuitBreaker.State.OPEN;
  }

  /// Mean length of the last answers, in tokens.
  public double meanAnswerTokens() {
    return answerTokens.get();
  }

  /// Expected cost of one call in USD; NaN where no price is known.
  ///
  /// @param promptTokens of the request
  /// @param cached part of the prompt's price that is saved, in [0, 1]
  /// @param tokens expected of the answer
  public double expectedCost(long promptTokens, double cached, double tokens) {
    return config
        .price()
        .map(p -> p.call() + (p.input() * promptTokens * (1 - cached) + p.output() * tokens) / 1e6)
        .orElse(Double.NaN);
  }

  /// A permit at the upstream, to be given back by [Permit#close].
  ///
  /// @param wait whether to queue for a permit where all are taken
  Permit enter(boolean wait, CallGuard guard) throws UpstreamFailure, CallGuard.ClientGone {
    long now = System.nanoTime();
    if (restUntil.get() - now > 0) {
      Duration left = Duration.ofNanos(restUntil.get() - now);
      throw new UpstreamFailure(
          whyResting,
          "it asked to be left alone for another " + Math.ceilDiv(left.toMillis(), 1000) + " s",
          Optional.of(left));
    }
    if (rate.isPresent() && !rate.get().tryTake(1)) {
      Duration left = rate.get().timeUntil(1);
      throw new UpstreamFailure(
          Kind.SATURATED, "its configured rate is used up", Optional.of(left));
    }
    takePermit(wait, guard);
    if (!breaker.tryAcquirePermission()) {
      permits.onComplete();
      throw new UpstreamFailure(
          Kind.RESTING,
          "its circuit breaker is open",
          Optional.of(config.circuit().openDuration()));
    }
    active.incrementAndGet();
    return new Permit(this, now);
  }

  private void takePermit(boolean wait, CallGuard guard)
      throws UpstreamFailure, CallGuard.ClientGone {
    boolean free = permits.getMetrics().getAvailableConcurrentCalls() > 0;
    if (!free && (!wait || queued.get() >= config.queue())) {
      throw saturated();
    }
    if (free && permits.tryAcquirePermission()) {
      return;
    }
    queued.incrementAndGet();
    boolean entered = false;
    try {
      guard.arm(System.nanoTime() + QUEUE_WAIT.toNanos());
      entered = permits.tryAcquirePermission();
      guard.disarm();
    } catch (CallGuard.ClientGone e) {
      if (entered) {
        permits.onComplete();
      }
      throw e;
    } finally {
      queued.decrementAndGet();
    }
    if (!entered) {
      throw saturated();
    }
  }

  private static UpstreamFailure saturated() {
    return new UpstreamFailure(
        Kind.SATURATED, "all its permits are taken", Optional.of(Duration.ofSeconds(1)));
  }

  /// No calls for a while.
  ///
  /// @param why what calls meanwhile fail with
  void rest(Duration time, Kind why) {
    whyResting = why;
    restUntil.accumulateAndGet(System.nanoTime() + time.toNanos(), (a, b) -> b - a > 0 ? b : a);
  }

  private void leave(long since, Optional<UpstreamFailure> failure, boolean neutral) {
    long took = System.nanoTime() - since;
    if (neutral) {
      breaker.releasePermission();
    } else if (failure.isPresent()) {
      breaker.onError(took, TimeUnit.NANOSECONDS, failure.get());
    } else {
      breaker.onSuccess(took, TimeUnit.NANOSECONDS);
    }
    active.decrementAndGet();
    permits.onComplete();
  }

  private void observe(Usage usage) {
    answerTokens.updateAndGet(mean -> mean + 0.05 * (usage.answerTokens() - mean));
  }

  /// A permit taken at an upstream. Closed without a result, the call does not count.
  static final class Permit implements AutoCloseable {
    private final Upstream upstream;
    private final long since;
    private boolean closed;

    Permit(Upstream upstream, long since) {
      this.upstream = upstream;
      this.since = since;
    }

    void succeeded(Optional<Usage> usage) {
      usage.filter(Usage::measured).ifPresent(upstream::observe);
      end(Optional.empty(), false);
    }

    void failed(UpstreamFailure failure) {
      boolean neutral =
          switch (failure.kind()) {
            case CONNECTION, TIMEOUT, SERVER_ERROR, MALFORMED, MISCONFIGURED, NO_QUOTA, CUT ->
                false;
            case RATE_LIMITED, TOO_LONG, UNSUPPORTED, SATURATED, RESTING, STOPPED -> true;
          };
      end(Optional.of(failure), neutral);
    }

    @Override
    public void close() {
      end(Optional.empty(), true);
    }

    private void end(Optional<UpstreamFailure> failure, boolean neutral) {
      if (!closed) {
        closed = true;
        upstream.leave(since, failure, neutral);
      }
    }
  }
}
