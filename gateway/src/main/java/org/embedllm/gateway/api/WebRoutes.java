package org.embedllm.gateway.api;

import io.helidon.webserver.http.HttpRouting;

/// Further pages and endpoints on the gateway's server.
@FunctionalInterface
public interface WebRoutes {
  /// Adds them. Paths below `/v1` belong to the gateway. Nobody has asked for a key yet: see
  /// [GatewayView#authenticate]. A `GET` may answer for as long as it likes, such as a stream of
  /// events; any other request must have arrived and been answered within `limits.requestTime`.
  ///
  /// @param routing where to add them
  /// @param gateway what they may know
  void addTo(HttpRouting.Builder routing, GatewayView gateway);
}
