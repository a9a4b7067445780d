package org.embedllm.source.harness;

import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.PendingAnswers;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.Scores;
import org.embedllm.source.SourceAnswer;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.Origin;
import tools.jackson.databind.JsonNode;

/// What one log hands over: answers, questions and votes, in terms of [Entry].
final class Log {
  private final LogLayout layout;
  private final Path file;
  private final Optional<SplitPart> part;
  private final PendingAnswers pending;
  private final AnswerSink sink;
  private long taken;

  Log(
      LogLayout layout,
      Path file,
      Optional<SplitPart> part,
      PendingAnswers pending,
      AnswerSink sink) {
    this.layout = layout;
    this.file = file;
    this.part = part;
    this.pending = pending;
    this.sink = sink;
  }

  /// Number of answers and votes taken.
  long taken() {
    return taken;
  }

  void warn(String warning) {
    sink.warn(warning);
  }

  void skip(String task, String reason) {
    sink.skip(task, reason);
  }

  /// A line of the file that cannot be used.
  void problem(String reason) {
    pending.unreadable(layout.name(), String.valueOf(file.getFileName()), reason);
  }

  /// Takes an answer.
  ///
  /// @param score in [0, 1], NaN where there is none; anything else leaves out the model's task
  void answer(Entry entry, String model, double score, long line) {
    take(entry, model, score, ScoreScale.UNIT, line);
  }

  /// Takes an answer whose score is a number on the scale that was asked for.
  ///
  /// @param score NaN where there is none; outside the scale leaves out the model's task
  void number(Entry entry, String model, double score, long line) {
    take(entry, model, score, layout.options().table().scale(), line);
  }

  private void take(Entry entry, String model, double score, ScoreScale scale, long line) {
    Origin at = new Origin(file, line);
    if (model.isEmpty()) {
      problem(at.problem("names no model").getMessage());
      return;
    }
    float value = Double.isNaN(score) ? Float.NaN : scale.score(score);
    if (value == Scores.NOT_A_SCORE) {
      pending.noScore(
          entry.benchmark(),
          model,
          at.problem(
                  "a score must be between %s; got %s; %s"
                      .formatted(scale.toString().replace("..", " and "), score, advice(entry)))
              .getMessage());
      return;
    }
    String output = layout.options().outputsKept() ? entry.output() : "";
    pending.answer(
        entry.benchmark(),
        asked(entry),
        model,
        new SourceAnswer(value, entry.measures(), output),
        at);
    taken++;
  }

  /// What to do about a score outside its range.
  private static String advice(Entry entry) {
    String task = entry.benchmark();
    return task.isEmpty()
        ? "give the range of the scores with --scale 0..100"
        : "give the range of the scores with --scale 0..100, and with --metric %s=NAME where the task has several; or leave the task out with --skip %s"
            .formatted(task, task);
  }

  /// Takes an answer whose score is a number, a truth value or a word such as `pass`. Nothing, and
  /// what says nothing, is no score; anything else is noted as unreadable.
  void answer(Entry entry, String model, JsonNode value, long line) {
    double number = JsonFields.number(value);
    String text = JsonFields.text(value);
    boolean missing =
        value.isMissingNode() || value.isNull() || (!value.isContainer() && Scores.isMissing(text));
    float word = Scores.score(text);
    if (value.isBoolean()) {
      answer(entry, model, value.asBoolean() ? 1 : 0, line);
    } else if (!Double.isNaN(number) || missing) {
      number(entry, model, number, line);
    } else if (word != Scores.NOT_A_SCORE && !value.isContainer()) {
      answer(entry, model, word, line);
    } else {
      String found = value.toString();
      withoutScore(
          entry,
          model,
          line,
          "a score must be a number or a word such as pass or fail; got %s; choose another one with --metric %s=NAME where there is one, or import a table with a score"
              .formatted(
                  found.length() > 60 ? found.substring(0, 60) + "…" : found,
                  entry.benchmark().isEmpty() ? "TASK" : entry.benchmark()));
    }
  }

  /// Takes note of an answer whose score cannot be told.
  void withoutScore(Entry entry, String model, long line, String reason) {
    pending.unreadable(
        entry.benchmark(), model, new Origin(file, line).problem(reason).getMessage());
  }

  /// Takes a question that has no answer here.
  void question(Entry entry, long line) {
    pending.question(entry.benchmark(), asked(entry), new Origin(file, line));
  }

  /// Takes a comparison of two models.
  void vote(Entry entry, String modelA, String modelB, Vote.Winner winner, long line) {
    if (pending.leavesOut(entry.benchmark())) {
      return;
    }
    Origin at = new Origin(file, line);
    if (modelA.equals(modelB) || modelA.isEmpty() || modelB.isEmpty()) {
      pending.unreadable(
          entry.benchmark(),
          modelA,
          at.problem("a vote compares two different models").getMessage());
      return;
    }
    PendingAnswers.Asked asked = asked(entry);
    int question = sink.question(asked.question(), at);
    asked.attributes().forEach((name, value) -> sink.attribute(question, name, value, at));
    asked.group().ifPresent(group -> sink.group(question, group));
    sink.vote(question, sink.model(modelA), sink.model(modelB), winner, 1, at);
    taken++;
  }

  private PendingAnswers.Asked asked(Entry entry) {
    ImportOptions options = layout.options();
    String text = entry.text();
    Optional<String> id = entry.id().map(own -> layout.id(entry.benchmark(), own, text));
    JsonNode source = entry.source();
    return new PendingAnswers.Asked(
        new SourceQuestion(part, id, text, entry.benchmark()),
        entry.reference().equals(new Reference("", java.util.List.of()))
            ? Reference.NONE
            : entry.reference(),
        JsonFields.attributes(source, options.attributes()),
        options
            .split()
            .groupColumn()
            .map(name -> JsonFields.value(source, name))
            .filter(group -> !group.isEmpty()));
  }
}
