package org.embedllm.app.gateway.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.routing.RoutingPolicy;

/// Policies as users write them: `best`, `cheapest@0.8`, `budget@0.002`, `dial@0.3`.
public final class PolicyName {
  private static final List<String> WORDS = List.of("best", "cheapest", "budget", "dial");

  private PolicyName() {}

  /// The policy, or empty where the text is none.
  public static Optional<RoutingPolicy> parse(String text) {
    String[] parts = text.strip().toLowerCase(Locale.ROOT).split("@", 2);
    if (parts[0].equals("best")) {
      return parts.length == 1 ? Optional.of(new RoutingPolicy.Best()) : Optional.empty();
    }
    if (parts.length == 1) {
      return Optional.empty();
    }
    return Units.decimal(parts[1])
        .filter(number -> number >= 0)
        .flatMap(number ->
            switch (parts[0]) {
              case "cheapest" ->
                  number <= 1 ? Optional.of(new RoutingPolicy.Cheapest(number)) : Optional.empty();
              case "budget" -> Optional.of(new RoutingPolicy.Budget(number));
              case "dial" ->
                  number <= 1 ? Optional.of(new RoutingPolicy.Dial(number)) : Optional.empty();
              default -> Optional.empty();
            });
  }

  /// How [#parse] would read it.
  public static String of(RoutingPolicy policy) {
    return switch (policy) {
      case RoutingPolicy.Best best -> "best";
      case RoutingPolicy.Cheapest cheapest -> "cheapest@" + plain(cheapest.target());
      case RoutingPolicy.Budget budget -> "budget@" + plain(budget.maxCost());
      case RoutingPolicy.Dial dial -> "dial@" + plain(dial.quality());
    };
  }

  /// What is wrong with a text that is no policy, and what was probably meant.
  public static String problem(String got) {
    String[] parts = got.strip().toLowerCase(Locale.ROOT).split("@", 2);
    String form =
        switch (parts[0]) {
          case "cheapest" -> "cheapest@P takes a probability from 0 to 1, such as cheapest@0.8";
          case "budget" -> "budget@USD takes dollars for one call, such as budget@0.002";
          case "dial" -> "dial@Q takes a number from 0 (price) to 1 (quality), such as dial@0.3";
          case "best" -> "best takes no number";
          default ->
              "a policy must be best, cheapest@P (probability), budget@USD (for one call) or dial@Q"
                  + " (0 price, 1 quality)";
        };
    return form
        + "; got \""
        + got
        + "\""
        + (WORDS.contains(parts[0]) ? "" : "." + Nearest.hint(parts[0], WORDS));
  }

  private static String plain(double number) {
    return java.math.BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
