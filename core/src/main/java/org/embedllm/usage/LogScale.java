package org.embedllm.usage;

import org.embedllm.correctness.UsageQuantity;

/// The scale on which usage is forecast: the natural logarithm, of at least a floor below which
/// nobody tells values apart.
final class LogScale {
  private LogScale() {}

  static double log(UsageQuantity quantity, double value) {
    return Math.log(Math.max(value, floor(quantity)));
  }

  private static double floor(UsageQuantity quantity) {
    return switch (quantity) {
      case INPUT_TOKENS, OUTPUT_TOKENS -> 1;
      case COST -> 1e-7;
      case FIRST_TOKEN_SECONDS, SECONDS -> 1e-3;
    };
  }
}
