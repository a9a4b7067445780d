package org.embedllm.spring;

import java.time.Duration;
import org.embedllm.routing.Route;

/// Hears of every route; a bean of this type is called after each.
@FunctionalInterface
public interface RouteObserver {
  /// @param route what was chosen
  /// @param duration of encoding and forecasting
  void routed(Route route, Duration duration);
}
