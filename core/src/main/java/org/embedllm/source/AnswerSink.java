package org.embedllm.source;

import org.embedllm.source.file.Origin;

/// Takes what a layout reads. Questions and models have numbers, so that an answer costs little.
public interface AnswerSink {
  /// The number of a question; the same one for the same id (or the same text, without an id)
  /// within one part of a split.
  ///
  /// @throws org.embedllm.storage.BadInputException when the id has another text already
  int question(SourceQuestion question, Origin at);

  /// The number of a model.
  int model(String name);

  /// Takes an answer.
  ///
  /// @param score in [0, 1]; NaN says that there is none
  void answer(int question, int model, float score, Origin at);

  /// Takes the group of a question.
  void group(int question, String group);

  /// Takes the cost of one call of a model, in USD.
  void cost(int model, double cost);

  /// Takes something that a user should know and that is no error.
  void remark(String remark);
}
