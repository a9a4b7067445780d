package org.embedllm.gateway.decide;

/// A need of a request that a model's upstreams do not meet.
///
/// @param kind of need
/// @param message one clause a person understands
public record UnmetNeed(Kind kind, String message) {
  /// Kinds of needs.
  public enum Kind {
    TOOLS,
    IMAGES,
    AUDIO,
    FILES,
    JSON,
    CONTEXT,
    /// The model has no vector in MODEL.
    VECTOR,
    /// The caller may not use the model.
    PERMISSION
  }
}
