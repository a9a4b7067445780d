package org.embedllm.app.command;

import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.forecast.ForecastQuantity;

/// Says what a pool's probabilities are, where they are not of right answers.
final class QuantityText {
  private QuantityText() {}

  /// With the key `quantity`, where the probabilities are not of right answers.
  static Json json(Json json, ForecastQuantity quantity) {
    return switch (quantity) {
      case CORRECTNESS -> json;
      case PREFERENCE -> json.put("quantity", quantity.label());
    };
  }

  static void explain(ForecastQuantity quantity, Console console) {
    switch (quantity) {
      case CORRECTNESS -> {}
      case PREFERENCE ->
          console.line(
              "The pool learned from votes: preferred means over an average model of the pool. A model"
                  + " wins a question with at least half of its votes there.");
    }
  }
}
