package org.embedllm.source;

import org.embedllm.correctness.Reference;
import org.embedllm.correctness.Vote;
import org.embedllm.source.file.Origin;

/// Takes what a layout reads. Questions and models have numbers, so that an answer costs little.
public interface AnswerSink {
  /// The number of a question; the same one for the same id (or the same text, without an id)
  /// within one part of a split. What has no part belongs to the question of any part; what has an
  /// id and no text, to the question that has both.
  ///
  /// @throws org.embedllm.storage.BadInputException when the id has another text already
  int question(SourceQuestion question, Origin at);

  /// The number of a model.
  int model(String name);

  /// Takes an answer of which nothing but the score is known.
  ///
  /// @param score in [0, 1]; NaN says that there is none
  void answer(int question, int model, float score, Origin at);

  /// Takes an answer. Without a score, it is what is known of an answer whose score another source
  /// may have.
  void answer(int question, int model, SourceAnswer answer, Origin at);

  /// Takes a comparison of two models.
  ///
  /// @param judges how many judges stand behind it, 1 or more
  void vote(int question, int modelA, int modelB, Vote.Winner winner, int judges, Origin at);

  /// Takes an attribute of a question. Its values are numbers if every one of them reads as one.
  ///
  /// @param value empty where it is not known
  /// @throws org.embedllm.storage.BadInputException when the question has another value
  void attribute(int question, String name, String value, Origin at);

  /// Takes the right answer to a question; what is known already stays.
  void reference(int question, Reference reference);

  /// Takes the group of a question.
  void group(int question, String group);

  /// Takes the mean cost of a call of a model, in USD, where the cost of each call is not known.
  void cost(int model, double cost);

  /// Takes how a model ran, so that a later import tells its runs apart.
  void run(ModelRun run);

  /// Takes a task, or a part of one, that was left out.
  ///
  /// @param reason why, naming the model or file where it concerns one only
  void skip(String task, String reason);

  /// Takes something that a user should know and that is no error.
  void warn(String warning);

  /// Takes what helps in case that no source has scores, or none the questions' texts.
  void advise(String advice);
}
