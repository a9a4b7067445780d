package org.embedllm.app.ask;

import java.util.OptionalDouble;
import org.embedllm.scoring.JudgeAgreement;

/// A model's answer to a question, with its score.
///
/// @param model the model's name in the pool
/// @param asked the question
/// @param answer what it wrote
/// @param scored its score, and what a judge took for it
/// @param scorer what scored it
record AskedAnswer(
    String model,
    AskedQuestion asked,
    ChatClient.Answer answer,
    AnswerScoring.Scored scored,
    String scorer) {
  /// In [0, 1]; empty where no scorer could read it.
  OptionalDouble score() {
    return scored.score();
  }

  /// Counts how far its judge can be believed, where that was measured.
  void count(JudgeAgreement.Counter agreement) {
    scored.blind().ifPresent(blind -> blind.count(agreement));
  }

  /// What the answer and its score cost; NaN where that is not known.
  double usd() {
    double judge = scored.usd();
    return Double.isNaN(answer.usd()) && judge > 0 ? judge : answer.usd() + judge;
  }
}
