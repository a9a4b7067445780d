package org.embedllm.app.option;

import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.embedllm.usage.UsageModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// A routing policy on the command line.
public final class PolicyFlags {
  private static final double MIDDLE = 0.5;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      description = {
        "best: the model most likely to be right, or, in a pool from votes, to be preferred (default);",
        "cheapest: the cheapest with at least --target;",
        "budget: the best within --max-cost for a call, or the most right answers within"
            + " --max-mean-cost for the average call;",
        "dial: quality for price, --dial 0 (price alone) to 1 (quality alone).",
        "Also with its number: cheapest@0.8, budget@0.002, dial@0.3.",
        "Without it, --target, --max-cost, --max-mean-cost or --dial chooses it."
      })
  private @Nullable String policy;

  @Option(
      names = "--target",
      paramLabel = "P",
      description = "For cheapest: probability to reach, 0 to 1.")
  private @Nullable Double target;

  @Option(
      names = "--max-cost",
      paramLabel = "C",
      description = "For budget: maximum cost of a call, USD.")
  private @Nullable Double maxCost;

  @Option(
      names = "--max-mean-cost",
      paramLabel = "C",
      description =
          "For budget: maximum cost of the average call, USD, over all given prompts, or, for a single"
              + " prompt, over the training questions.")
  private @Nullable Double maxMeanCost;

  @Option(names = "--dial", paramLabel = "Q", description = "For dial, 0 to 1. Default: 0.5.")
  private @Nullable Double dial;

  @Option(
      names = "--max-seconds",
      paramLabel = "S",
      description =
          "Most a call may be expected to last, for any policy. MODEL must have been trained on logs"
              + " with times.")
  private @Nullable Double maxSeconds;

  /// Seconds that a call may last; infinite without a limit.
  public double maxSeconds() {
    if (maxSeconds == null) {
      return Double.POSITIVE_INFINITY;
    }
    if (!(maxSeconds > 0)) {
      throw BadInputException.of("--max-seconds must be above 0; got " + maxSeconds);
    }
    if (maxMeanCost != null) {
      throw BadInputException.of(
          "--max-seconds bounds a single call and --max-mean-cost many: leave one out");
    }
    return maxSeconds;
  }

  /// @throws BadInputException where a limit of time is given and no time is known
  public void requireTimes(Optional<UsageModel> usage) {
    boolean known = usage.filter(u -> u.quantities().contains(UsageQuantity.SECONDS)).isPresent();
    if (maxSeconds != null && !known) {
      throw BadInputException.of(
          "--max-seconds needs times and the logs of MODEL had none: import logs with a column latency");
    }
  }

  /// Whether costs decide.
  public boolean needsPrices() {
    return meanBudget().isPresent() || !(policy() instanceof RoutingPolicy.Best);
  }

  /// The budget for the average call, where that is the policy.
  public OptionalDouble meanBudget() {
    if (maxMeanCost == null) {
      return OptionalDouble.empty();
    }
    if (policy != null && !policy.equals("budget")) {
      throw BadInputException.of("--max-mean-cost is for --policy budget; got " + policy);
    }
    if (maxCost != null || target != null || dial != null) {
      throw BadInputException.of(
          "--max-mean-cost is a separate policy: leave out --max-cost, --target and --dial");
    }
    if (!(maxMeanCost >= 0)) {
      throw BadInputException.of("--max-mean-cost must not be negative; got " + maxMeanCost);
    }
    return OptionalDouble.of(maxMeanCost);
  }

  /// The named policy, or the one that its number implies.
  ///
  /// @throws BadInputException where there is no such policy, or its number is missing or wrong
  public RoutingPolicy policy() {
    String text = text();
    return RoutingPolicies.parse(text)
        .orElseThrow(() -> BadInputException.of("--policy: " + RoutingPolicies.problem(text)));
  }

  private String text() {
    String name =
        policy != null
            ? policy
            : target != null
                ? "cheapest"
                : maxCost != null ? "budget" : dial != null ? "dial" : "best";
    if (name.contains("@")) {
      if (target != null || maxCost != null || dial != null) {
        throw BadInputException.of(
            "--policy %s has its number: leave out --target, --max-cost and --dial"
                .formatted(name));
      }
      return name;
    }
    return switch (name) {
      case "cheapest" ->
          name + "@" + required(target, name, "--target P, a probability such as 0.8");
      case "budget" ->
          name + "@" + required(maxCost, name, "--max-cost C or --max-mean-cost C, in USD");
      case "dial" -> name + "@" + (dial != null ? dial : target != null ? target : MIDDLE);
      default -> name;
    };
  }

  private static double required(@Nullable Double value, String policy, String option) {
    if (value == null) {
      throw BadInputException.of("--policy " + policy + " needs " + option);
    }
    return value;
  }
}
