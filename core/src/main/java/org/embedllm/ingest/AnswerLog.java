package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;

/// Answers one at a time, in the order of their source: a log of use, in which a model may answer a
/// question again, each time with its score.
///
/// Read from any source that an import takes. A data set directory has no order of time; it is read
/// question by question.
public final class AnswerLog {
  private final List<String> models;
  private final List<Question> questions;
  private final int[] model; // [answers] index in models
  private final int[] question; // [answers] index in questions
  private final float[] score; // [answers] in [0, 1]

  /// @param models their names, in reading order
  /// @param questions in reading order
  /// @param model index of each answer's model; not copied, not copied
  /// @param question index of each answer's question; not copied, not copied
  /// @param score of each answer; not copied, not copied
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

  /// The models and questions of a matrix, without answers.
  public static AnswerLog of(CorrectnessMatrix matrix) {
    return new AnswerLog(matrix.models(), matrix.questions(), new int[0], new int[0], new float[0]);
  }

  /// Names of the models, in reading order.
  public List<String> models() {
    return models;
  }

  /// The different questions, in reading order.
  public List<Question> questions() {
    return questions;
  }

  /// Number of answers.
  public int size() {
    return model.length;
  }

  /// Index in [#models] of the model of an answer.
  public int model(int answer) {
    return model[answer];
  }

  /// Index in [#questions] of the question of an answer.
  public int question(int answer) {
    return question[answer];
  }

  /// The score of an answer, in `[0, 1]`.
  public float score(int answer) {
    return score[answer];
  }
}
