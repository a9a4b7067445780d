package org.embedllm.spring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.embedllm.routing.Route;

/// Meters: `embedllm.route.chosen` by model, `embedllm.route.abstained`, and the timer
/// `embedllm.route` of encoding and forecasting.
final class RouteMeters implements RouteObserver {
  private final MeterRegistry registry;
  private final Timer timer;

  RouteMeters(MeterRegistry registry) {
    this.registry = registry;
    this.timer =
        Timer.builder("embedllm.route")
            .description("Time of a route: encoding and forecasting")
            .register(registry);
  }

  @Override
  public void routed(Route route, Duration duration) {
    timer.record(duration);
    registry.counter("embedllm.route.chosen", "model", route.model()).increment();
    if (route.abstained()) {
      registry.counter("embedllm.route.abstained").increment();
    }
  }
}
