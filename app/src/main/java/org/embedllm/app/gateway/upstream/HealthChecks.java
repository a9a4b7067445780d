package org.embedllm.app.gateway.upstream;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Probes upstreams, each at its own pace. An unhealthy one is asked last, not never.
public final class HealthChecks {
  private static final Logger LOG = System.getLogger(HealthChecks.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final UpstreamClient client;
  private final Supplier<List<Upstream>> upstreams;
  private final Map<Upstream, Long> next = new ConcurrentHashMap<>();

  public HealthChecks(UpstreamClient client, Supplier<List<Upstream>> upstreams) {
    this.client = client;
    this.upstreams = upstreams;
  }

  /// Starts the probes that are due, and closes connections nobody uses any more; called every
  /// second or so.
  public void run() {
    client.tidy();
    long now = System.nanoTime();
    List<Upstream> current = upstreams.get();
    next.keySet().retainAll(current);
    for (Upstream upstream : current) {
      Duration every = upstream.config().health().every();
      Long due = next.get(upstream);
      if (!every.isZero() && (due == null || now - due >= 0)) {
        next.put(upstream, now + every.toNanos());
        Thread.ofVirtual().name("health-" + upstream.label()).start(() -> probe(upstream));
      }
    }
  }

  private void probe(Upstream upstream) {
    boolean before = upstream.healthy();
    boolean now = client.probe(upstream, PATIENCE);
    upstream.healthy(now);
    if (before != now) {
      LOG.log(
          Logger.Level.WARNING,
          now ? upstream.label() + " is back" : upstream.label() + " does not answer probes");
    }
  }
}
