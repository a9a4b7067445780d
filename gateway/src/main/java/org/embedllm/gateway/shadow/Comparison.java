package org.embedllm.gateway.shadow;

import java.time.Instant;

/// The answers of two models to one request, scored by the same judge.
///
/// @param decision id of the client's decision
/// @param at when it was scored
/// @param answered the model that answered the client
/// @param other the model that was asked beside it
/// @param candidates among how many models the other one was drawn, itself included
/// @param answeredScore of the client's answer, in [0, 1]
/// @param otherScore of the other answer
/// @param usd what the other call and the judge cost
/// @param kind of the prompt: the benchmark of the training questions nearest to it; empty where it
///   is not known
public record Comparison(
    String decision,
    Instant at,
    String answered,
    String other,
    int candidates,
    double answeredScore,
    double otherScore,
    double usd,
    String kind) {
  /// The same for a prompt of a known kind.
  public Comparison withKind(String known) {
    return new Comparison(
        decision, at, answered, other, candidates, answeredScore, otherScore, usd, known);
  }
}
