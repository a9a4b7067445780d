package org.embedllm.offpolicy;

import java.util.List;

/// A choice with its outcome.
///
/// @param candidates among which it was made
/// @param chosen index of the candidate that was chosen
/// @param outcome how good its answer was, in [0, 1]
/// @param given what the client got: the same, unless the choice was made beside it
public record LoggedDecision(List<Candidate> candidates, int chosen, double outcome, Given given) {
  /// What a client got.
  ///
  /// @param outcome how good the answer was, in [0, 1]
  /// @param cost expected for the call, in USD; NaN where no price is known
  public record Given(double outcome, double cost) {}

  /// A choice whose answer the client got.
  public LoggedDecision(List<Candidate> candidates, int chosen, double outcome) {
    this(candidates, chosen, outcome, new Given(outcome, candidates.get(chosen).cost()));
  }

  public LoggedDecision {
    candidates = List.copyOf(candidates);
    if (!(candidates.get(chosen).propensity() > 0)) {
      throw new IllegalArgumentException("what was chosen had the probability 0");
    }
    if (!(outcome >= 0 && outcome <= 1)) {
      throw new IllegalArgumentException("an outcome must be from 0 to 1; got " + outcome);
    }
  }

  /// A candidate.
  ///
  /// @param model its name
  /// @param propensity probability with which it was chosen, in [0, 1]
  /// @param forecast probability that it answers rightly
  /// @param cost expected for the call, in USD; NaN where no price is known
  public record Candidate(String model, double propensity, double forecast, double cost) {}

  /// What a policy would choose.
  @FunctionalInterface
  public interface Policy {
    /// @return index of a candidate; -1 where it would choose none of them
    int choose(LoggedDecision decision);
  }
}
