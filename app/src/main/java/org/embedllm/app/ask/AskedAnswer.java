package org.embedllm.app.ask;

import java.util.OptionalDouble;

/// A model's answer to a question, with its score.
///
/// @param model the model's name in the pool
/// @param asked the question
/// @param answer what it wrote
/// @param score in [0, 1]; empty where no scorer could read it
/// @param scorer what scored it
/// @param judgeUsd what a judge took for it; 0 without one
record AskedAnswer(
    String model,
    AskedQuestion asked,
    ChatAnswer answer,
    OptionalDouble score,
    String scorer,
    double judgeUsd) {
  /// What the answer and its score cost; NaN where that is not known.
  double usd() {
    return Double.isNaN(answer.usd()) && judgeUsd > 0 ? judgeUsd : answer.usd() + judgeUsd;
  }
}
