package org.embedllm.app.task;

import java.util.Locale;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.client.RepeatedAnswers;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.RepeatErrors;

/// How well one more answer to a training question is forecast, where models answered some of them
/// more than once.
final class RepeatedAnswersCheck {
  static final String NONE =
      "of no training question it is known how far a model's answers are apart";

  static final String MANY_MODELS =
      String.format(
          Locale.ROOT,
          "not measured for more than %,d models",
          RepeatErrors.MOST_MODELS_OF_BASELINE);

  private RepeatedAnswersCheck() {}

  static Optional<RepeatErrors> of(
      ModelArtifact artifact, Optional<TrainingQuestions> questions, long seed) {
    return questions
        .flatMap(q -> RepeatedAnswers.of(artifact, q))
        .flatMap(answers -> answers.errors(seed));
  }

  static Json json(RepeatErrors errors) {
    Json json =
        new Json()
            .put("questions", errors.questions())
            .put("cells", errors.cells())
            .put("noise", errors.noise())
            .put("cellMean", errors.cellMean())
            .put("modelAndQuestion", errors.baseline())
            .put("program", errors.program())
            .put("difference", errors.difference());
    return errors.baseline().isPresent() ? json : json.put("modelAndQuestionReason", MANY_MODELS);
  }

  static void print(RepeatErrors errors, Console console) {
    console.line("");
    console.heading(
        "One more answer: %,d training questions, %,d means of several answers, each left out in turn",
        errors.questions(), errors.cells());
    TextTable table = new TextTable("forecast", "squared error", "95 % interval");
    row(table, "mean of the other answers", errors.cellMean());
    errors.baseline().ifPresent(error -> row(table, "that, shrunk to model + question", error));
    row(table, "the program (forecast --question)", errors.program());
    table.print(console);
    errors
        .difference()
        .ifPresentOrElse(
            difference ->
                console.line(
                    "difference of the last two %s (%s)",
                    TextTable.number(difference.value(), 4), interval(difference)),
            () -> console.line("shrunk to model + question: " + MANY_MODELS));
    console.line("noise of a single answer %s", TextTable.number(errors.noise(), 4));
  }

  private static void row(TextTable table, String name, Estimate error) {
    table.row(name, TextTable.number(error.value(), 4), interval(error));
  }

  private static String interval(Estimate estimate) {
    return Double.isNaN(estimate.interval().low())
        ? "–"
        : String.format(
            Locale.ROOT, "%.4f to %.4f", estimate.interval().low(), estimate.interval().high());
  }
}
