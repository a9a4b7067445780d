package org.embedllm.app.quickstart;

import java.util.Map;

/// An invented model. Its name says so: `sim-pine-32b`.
///
/// @param name distinct
/// @param family models of one family are strong and weak at the same skills
/// @param billions its size, in billions of invented parameters
/// @param ability by skill, on the logit scale
record SimulatedModel(String name, String family, double billions, Map<String, Double> ability) {
  private static final double OUTPUT_TOKENS = 300;

  SimulatedModel {
    ability = Map.copyOf(ability);
  }

  /// Invented price of a million input tokens, in USD: it grows with the size.
  double inputPrice() {
    return Math.round(100 * (0.04 + 0.022 * billions)) / 100.0;
  }

  /// Invented cost of a call, in USD: a token for four characters of the question, and an answer of
  /// [#OUTPUT_TOKENS].
  double callCost(String question) {
    double input = Math.ceil(question.length() / 4.0);
    return (input * inputPrice() + OUTPUT_TOKENS * outputPrice()) / 1e6;
  }

  /// Invented price of a million output tokens, in USD.
  double outputPrice() {
    return Math.round(400 * (0.04 + 0.022 * billions)) / 100.0;
  }
}
