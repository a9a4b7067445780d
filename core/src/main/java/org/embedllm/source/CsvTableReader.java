package org.embedllm.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.jspecify.annotations.Nullable;

/// A long table as CSV, a row for each answer; the public EmbedLLM layout among them.
///
/// @param part the part of the split that the file is
record CsvTableReader(Path file, Optional<SplitPart> part) implements AnswerReader {
  @Override
  public List<SourcePart> read(
      AnswerCollector collector, ImportOptions options, ImportProgress progress) {
    try (SourceFile source = SourceFile.open(file, progress)) {
      Rows rows = new Rows(collector, options);
      long count = CsvRows.read(source, rows::header, rows::row);
      return List.of(source.part(SourceFormat.CSV, count, part));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private final class Rows {
    private final AnswerCollector collector;
    private final ImportOptions options;
    private @Nullable TableRow row;

    Rows(AnswerCollector collector, ImportOptions options) {
      this.collector = collector;
      this.options = options;
    }

    int[] header(List<String> names) {
      TableColumns columns = TableColumns.find(file, names, options);
      row = new TableRow(columns, collector, part);
      return columns.columns();
    }

    void row(long line, String[] values) {
      if (row != null) {
        row.take(new Origin(file, line), values);
      }
    }
  }

  /// Takes the values of one row, in the order of the meanings in [TableColumns].
  static final class TableRow {
    private final TableColumns columns;
    private final AnswerCollector collector;
    private final Optional<SplitPart> part;

    TableRow(TableColumns columns, AnswerCollector collector, Optional<SplitPart> part) {
      this.columns = columns;
      this.collector = collector;
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
          collector.question(part, columns.has(TableColumns.ID) ? id : null, text, benchmark, at);
      int modelNumber = collector.model(model);
      collector.answer(question, modelNumber, score, at);
      if (columns.has(TableColumns.GROUP)) {
        collector.group(question, values[TableColumns.GROUP]);
      }
      if (columns.has(TableColumns.COST) && !values[TableColumns.COST].isEmpty()) {
        collector.cost(modelNumber, cost(values[TableColumns.COST], at));
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
}
