package org.embedllm.gateway.config;

import java.util.Optional;
import java.util.Set;
import org.embedllm.offpolicy.Exploration;

/// Which decisions of the router reach clients.
///
/// @param mode what is done with them
/// @param canaryShare part of the conversations that the router decides, in (0, 1); of a canary
///   alone
/// @param defaultModel the other model of a dry run and a canary; empty for the best single one
/// @param exploration how often other models are tried
/// @param notExplored names of keys whose requests are never explored
/// @param guards when the gateway steps back to the default model
public record RolloutConfig(
    Mode mode,
    double canaryShare,
    Optional<String> defaultModel,
    Exploration exploration,
    Set<String> notExplored,
    Guards guards) {
  /// Every decision, none explored.
  public static final RolloutConfig DEFAULT =
      new RolloutConfig(Mode.ON, 1, Optional.empty(), Exploration.OFF, Set.of(), Guards.DEFAULT);

  public RolloutConfig {
    notExplored = Set.copyOf(notExplored);
  }

  /// What is done with the router's decisions.
  public enum Mode {
    /// They are logged; the default model answers.
    DRY_RUN,
    /// A share of the conversations follows them.
    CANARY,
    /// All follow them.
    ON
  }

  /// Limits of what the router's decisions may do.
  ///
  /// @param errorRate most part of its requests that fail beyond the default model's, in (0, 1]
  /// @param quality most that its mean feedback is below the default model's, in (0, 1]
  /// @param spendRatio most that its requests cost, as a multiple of the default model's
  /// @param minimum requests, or feedback, of each of the two before a guard can break
  public record Guards(double errorRate, double quality, double spendRatio, int minimum) {
    public static final Guards DEFAULT = new Guards(0.05, 0.1, Double.POSITIVE_INFINITY, 50);
  }
}
