package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;

/// Answers one at a time, in the order in which they stand in their source: a log of use, in which
/// a model may answer a question again, each time with what came of it.
///
/// Read from anything a data set is imported from. A data set directory has no order of time; it is
/// read question by question.
public final class AnswerLog {
  private final List<String> models;
  private final List<Question> questions;
  private final int[] model; // [answers] index in models
  private final int[] question; // [answers] index in questions
  private final float[] score; // [answers] in [0, 1]

  /// @param models their names, in the order in which they were met
  /// @param questions in the order in which they were met
  /// @param model index of each answer's model; taken over, not copied
  /// @param question index of each answer's question; taken over, not copied
  /// @param score of each answer; taken over, not copied
  AnswerLog(
      List<String> models, List<Question> questions, int[] model, int[] question, float[] score) {
    this.models = List.copyOf(models);
    this.questions = List.copyOf(questions);
    this.model = model;
    this.question = question;
    this.score = score;
  }

  /// Reads a log.
  ///
  /// @param options of the reading; an order of questions or models, a split and a rule for
  ///   conflicts have no meaning here
  /// @throws org.embedllm.storage.BadInputException when it cannot be read, or holds no answer
  public static AnswerLog read(Path source, ImportOptions options) {
    return new DatasetImporter(options, ImportProgress.NONE).log(List.of(source));
  }

  /// Names of the models, in the order in which they were met.
  public List<String> models() {
    return models;
  }

  /// The different questions, in the order in which they were met.
  public List<Question> questions() {
    return questions;
  }

  /// Number of answers.
  public int size() {
    return model.length;
  }

  /// Index in [#models] of who gave an answer.
  public int model(int answer) {
    return model[answer];
  }

  /// Index in [#questions] of what was answered.
  public int question(int answer) {
    return question[answer];
  }

  /// The score of an answer, in [0, 1].
  public float score(int answer) {
    return score[answer];
  }
}
