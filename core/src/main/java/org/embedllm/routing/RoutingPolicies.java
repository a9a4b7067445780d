package org.embedllm.routing;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.storage.DidYouMean;

/// The text form of a [RoutingPolicy]: `best`, `cheapest@P`, `budget@C` or `dial@Q`.
public final class RoutingPolicies {
  /// The names, without their numbers.
  public static final List<String> NAMES = List.of("best", "cheapest", "budget", "dial");

  private RoutingPolicies() {}

  /// Reads a policy.
  ///
  /// @param text such as `cheapest@0.8`, in any case
  /// @return empty where the text is none; [#problem] then says why
  public static Optional<RoutingPolicy> parse(String text) {
    String[] parts = text.strip().toLowerCase(Locale.ROOT).split("@", 2);
    if (parts[0].equals("best")) {
      return parts.length == 1 ? Optional.of(new RoutingPolicy.Best()) : Optional.empty();
    }
    return parts.length == 1
        ? Optional.empty()
        : number(parts[1]).flatMap(number -> of(parts[0], number));
  }

  /// The policy of a name with its number.
  ///
  /// @return empty where there is no such policy, or the number is out of its range
  public static Optional<RoutingPolicy> of(String name, double number) {
    boolean fraction = number >= 0 && number <= 1;
    return switch (name) {
      case "best" -> Optional.of(new RoutingPolicy.Best());
      case "cheapest" ->
          fraction ? Optional.of(new RoutingPolicy.Cheapest(number)) : Optional.empty();
      case "budget" ->
          number >= 0 ? Optional.of(new RoutingPolicy.Budget(number)) : Optional.empty();
      case "dial" -> fraction ? Optional.of(new RoutingPolicy.Dial(number)) : Optional.empty();
      default -> Optional.empty();
    };
  }

  /// The name in a policy's text: `cheapest` of `cheapest@0.8`. The text need not be a policy.
  public static String name(String text) {
    int at = text.indexOf('@');
    return at < 0 ? text : text.substring(0, at);
  }

  /// The text that [#parse] reads as this policy.
  public static String format(RoutingPolicy policy) {
    return switch (policy) {
      case RoutingPolicy.Best best -> "best";
      case RoutingPolicy.Cheapest cheapest -> "cheapest@" + plain(cheapest.target());
      case RoutingPolicy.Budget budget -> "budget@" + plain(budget.maxCost());
      case RoutingPolicy.Dial dial -> "dial@" + plain(dial.quality());
    };
  }

  /// What is wrong with a text that is no policy, and what was probably meant.
  public static String problem(String got) {
    String name = name(got.strip().toLowerCase(Locale.ROOT));
    String expected =
        switch (name) {
          case "cheapest" -> "cheapest@P takes a probability from 0 to 1, such as cheapest@0.8";
          case "budget" -> "budget@USD takes dollars for one call, such as budget@0.002";
          case "dial" -> "dial@Q takes a number from 0 (price) to 1 (quality), such as dial@0.3";
          case "best" -> "best takes no number";
          default ->
              "a policy must be best, cheapest@P (probability), budget@USD (for one call) or dial@Q"
                  + " (0 price, 1 quality)";
        };
    String hint = NAMES.contains(name) ? "" : "." + DidYouMean.hint(name, NAMES);
    return expected + "; got \"" + got + "\"" + hint;
  }

  private static Optional<Double> number(String text) {
    try {
      double value = Double.parseDouble(text) + 0.0; // -0 is 0.
      return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
