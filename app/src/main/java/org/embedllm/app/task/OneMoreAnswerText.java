package org.embedllm.app.task;

import java.util.List;
import java.util.Map;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.client.RepeatedAnswers;
import org.jspecify.annotations.Nullable;

/// What models would score if they answered a training question once more.
public final class OneMoreAnswerText {
  private OneMoreAnswerText() {}

  /// @param ranked the best expected score first
  /// @param most rows of the table; the JSON has all models
  public static void print(
      String question, List<RepeatedAnswers.OfModel> ranked, int most, Console console) {
    console.json(
        new Json()
            .put("question", question)
            .put("ranking", ranked.stream().map(OneMoreAnswerText::json).toList())
            .document());
    console.line("One more answer to %s", question);
    TextTable table = new TextTable("model", "expected score", "own mean", "of answers");
    ranked.stream().limit(most).forEach(one -> row(table, one));
    table.print(console);
    if (ranked.size() > most) {
      console.line("… and %d more (--top, or --json for all)", ranked.size() - most);
    }
  }

  private static Map<String, @Nullable Object> json(RepeatedAnswers.OfModel one) {
    return new Json()
        .put("model", one.model())
        .put("expected", one.expected())
        .put("mean", one.mean())
        .put("answers", one.answers())
        .document();
  }

  private static void row(TextTable table, RepeatedAnswers.OfModel one) {
    boolean whole = one.answers() == Math.rint(one.answers());
    table.row(
        one.model(),
        TextTable.number(one.expected(), 3),
        TextTable.number(one.mean(), 3),
        TextTable.number(one.answers(), whole ? 0 : 1));
  }
}
