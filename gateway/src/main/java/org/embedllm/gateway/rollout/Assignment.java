package org.embedllm.gateway.rollout;

import java.util.List;

/// How a decision came to the model that it chose.
///
/// @param router the model that the policy would choose; empty where no policy chose
/// @param arm who decided
/// @param explored whether another model than the arm's own was tried
/// @param candidates with the probability with which each was chosen
public record Assignment(String router, Arm arm, boolean explored, List<Candidate> candidates) {
  /// Of a request that names its model.
  public static final Assignment NONE = new Assignment("", Arm.NAMED, false, List.of());

  public Assignment {
    candidates = List.copyOf(candidates);
  }

  /// Who decided.
  public enum Arm {
    /// The request named its model.
    NAMED,
    /// The router.
    ROUTER,
    /// The default model took it: in a dry run, in a canary, or after a step back.
    DEFAULT
  }

  /// A candidate.
  ///
  /// @param model its name
  /// @param propensity probability with which it was chosen
  /// @param probability that it answers correctly, as forecast
  /// @param cost expected for the call in USD; NaN where no price is known
  public record Candidate(String model, double propensity, double probability, double cost) {}
}
