package org.embedllm.gateway.upstream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Probes upstreams, each at its own pace. An unhealthy one is asked last, not never. An answer
/// that hints at a mistake of the configuration is logged once.
public final class HealthChecks {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final UpstreamClient client;
  private final Supplier<List<Upstream>> upstreams;
  private final Map<Upstream, Long> next = new ConcurrentHashMap<>();
  private final Set<Upstream> doubted = ConcurrentHashMap.newKeySet();

  public HealthChecks(UpstreamClient client, Supplier<List<Upstream>> upstreams) {
    this.client = client;
    this.upstreams = upstreams;
  }

  /// Starts the probes that are due, and closes unused connections; called about every second.
  public void run() {
    client.tidy();
    long now = System.nanoTime();
    List<Upstream> current = upstreams.get();
    next.keySet().retainAll(current);
    doubted.retainAll(current);
    for (Upstream upstream : current) {
      Duration every = upstream.config().health().interval();
      Long due = next.get(upstream);
      if (!every.isZero() && (due == null || now - due >= 0)) {
        next.put(upstream, now + every.toNanos());
        Thread.ofVirtual().name("health-" + upstream.label()).start(() -> probe(upstream));
      }
    }
  }

  private void probe(Upstream upstream) {
    boolean before = upstream.healthy();
    int status = client.probe(upstream, PATIENCE);
    boolean now = status > 0 && status < 500;
    upstream.healthy(now);
    if (before != now) {
      LOG.warn(now ? upstream.label() + " is back" : upstream.label() + " does not answer probes");
    }
    if (status >= 401 && status <= 404 && doubted.add(upstream)) {
      LOG.warn(
          "%s answers %d to GET %s%s: check its url, which mostly ends in /v1, its key, and health.path"
              .formatted(
                  upstream.label(),
                  status,
                  upstream.config().url(),
                  upstream.config().health().path()));
    }
  }
}
