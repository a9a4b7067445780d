package org.embedllm.app.gateway.api;

import io.helidon.webserver.http.HttpRouting;

/// Further pages and endpoints on the gateway's server.
@FunctionalInterface
public interface WebRoutes {
  /// Adds them. Paths below `/v1` belong to the gateway.
  void addTo(HttpRouting.Builder routing);
}
