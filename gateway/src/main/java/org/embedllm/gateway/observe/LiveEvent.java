package org.embedllm.gateway.observe;

/// What a listener of [LiveFeed] is told.
public sealed interface LiveEvent {
  /// A request has come to its end, or a decision alone was made.
  record Decided(DecisionRecord decision) implements LiveEvent {}

  /// Feedback has been kept.
  ///
  /// @param decision about which
  /// @param score the feedback, in [0, 1]
  record Scored(String decision, double score) implements LiveEvent {}

  /// A vote has been kept.
  ///
  /// @param decision on whose answer
  record Voted(String decision, DecisionRecord.Vote vote) implements LiveEvent {}

  /// The listener was too slow.
  ///
  /// @param events that it will never see; they came before the next one
  record Lost(long events) implements LiveEvent {}
}
