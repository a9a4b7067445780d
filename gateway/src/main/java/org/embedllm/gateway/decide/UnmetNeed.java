package org.embedllm.gateway.decide;

/// A need of a request that a model's upstreams do not meet.
///
/// @param kind of need
/// @param message one clause a person understands
public record UnmetNeed(Kind kind, String message) {
  /// Kinds of needs.
  public enum Kind {
    /// Tools, images and the like.
    ABILITY,
    /// A parameter that the model does not take.
    PARAMETER,
    /// The request is longer than the model's context.
    CONTEXT,
    /// The model has no vector in MODEL.
    VECTOR
  }
}
