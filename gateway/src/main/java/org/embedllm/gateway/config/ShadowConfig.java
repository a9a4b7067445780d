package org.embedllm.gateway.config;

import java.util.Optional;

/// For a share of the requests another model answers too, after the client has its answer, and a
/// judge scores both.
///
/// @param share of the requests, in [0, 1]; 0 for none
/// @param budget USD a day for these calls and the judge's
/// @param concurrency most of them at a time
/// @param special whether requests with tools, images or files are taken too
/// @param judge who scores; empty where there is none
/// @param rubric what gives how many of 10 points; empty for the judge's own
public record ShadowConfig(
    double share,
    double budget,
    int concurrency,
    boolean special,
    Optional<Judge> judge,
    Optional<String> rubric) {
  /// None.
  public static final ShadowConfig OFF =
      new ShadowConfig(0, 1, 2, false, Optional.empty(), Optional.empty());

  /// Who scores an answer.
  public sealed interface Judge {
    /// A model: it sees the prompt and the answers.
    record Model(UpstreamConfig upstream) implements Judge {}

    /// A server that gets `{prompt, answer}` and says `{score}`: it sees them too.
    record Webhook(java.net.URI url, Optional<Secret> key) implements Judge {}

    /// A function of the answer; nothing leaves the gateway.
    ///
    /// @param name `json`, or `regex:PATTERN`
    record Check(String name) implements Judge {}
  }
}
