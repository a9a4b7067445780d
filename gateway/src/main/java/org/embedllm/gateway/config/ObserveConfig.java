package org.embedllm.gateway.config;

import java.net.URI;
import java.util.Optional;

/// Logs and traces.
///
/// @param json whether log lines are JSON objects
/// @param prompts whether prompt text may stand in logs
/// @param traces OTLP endpoint over HTTP; empty for no traces
/// @param sample part of the requests that are traced, in [0, 1]
/// @param headers whether answers carry `x-embedllm-*` headers
public record ObserveConfig(
    boolean json, boolean prompts, Optional<URI> traces, double sample, boolean headers) {
  public static final ObserveConfig DEFAULT =
      new ObserveConfig(false, false, Optional.empty(), 1, true);
}
