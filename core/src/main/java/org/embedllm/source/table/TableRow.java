package org.embedllm.source.table;

import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.Scores;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.Origin;

/// Takes the values of one row, in the order of the meanings in [TableColumns].
final class TableRow {
  private final TableColumns columns;
  private final AnswerSink sink;
  private final Optional<SplitPart> part;

  TableRow(TableColumns columns, AnswerSink sink, Optional<SplitPart> part) {
    this.columns = columns;
    this.sink = sink;
    this.part = part;
  }

  void take(Origin at, String[] values) {
    String model = values[TableColumns.MODEL];
    if (model.isEmpty()) {
      throw at.problem("the model's name is empty");
    }
    String id = values[TableColumns.ID];
    String text = values[TableColumns.TEXT];
    if (columns.has(TableColumns.ID) && id.isEmpty()) {
      throw at.problem("prompt_id is empty");
    }
    if (columns.has(TableColumns.TEXT) && text.isEmpty()) {
      throw at.problem("the question's text is empty");
    }
    float score = score(values[TableColumns.SCORE], at);
    String benchmark =
        columns.has(TableColumns.BENCHMARK)
            ? values[TableColumns.BENCHMARK]
            : Question.NO_BENCHMARK;
    int question =
        sink.question(
            new SourceQuestion(
                part,
                columns.has(TableColumns.ID) ? Optional.of(id) : Optional.empty(),
                text,
                benchmark),
            at);
    int modelNumber = sink.model(model);
    sink.answer(question, modelNumber, score, at);
    if (columns.has(TableColumns.GROUP)) {
      sink.group(question, values[TableColumns.GROUP]);
    }
    if (columns.has(TableColumns.COST) && !values[TableColumns.COST].isEmpty()) {
      sink.cost(modelNumber, cost(values[TableColumns.COST], at));
    }
  }

  private float score(String text, Origin at) {
    float score = columns.graded() ? Scores.score(text) : Scores.label(text);
    if (score == Scores.NOT_A_SCORE) {
      throw at.problem(
          "%s must be %s; got \"%s\"%s"
              .formatted(
                  columns.scoreName(),
                  columns.graded() ? "between 0 and 1" : "0 or 1",
                  text,
                  columns.graded() || Scores.score(text) == Scores.NOT_A_SCORE
                      ? ""
                      : "; name the column score to import fractions"));
    }
    return score;
  }

  private static double cost(String text, Origin at) {
    try {
      double cost = Double.parseDouble(text.strip());
      if (cost >= 0 && cost < Double.POSITIVE_INFINITY) {
        return cost;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same error as a negative number.
    }
    throw at.problem("a cost must be a number of USD, 0 or more; got \"" + text + "\"");
  }
}
