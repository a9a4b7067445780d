package org.embedllm.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.embedllm.itemresponse.Responses;
import org.jspecify.annotations.Nullable;

/// The answers of one model, from rows `model`, `row`, `score`, `problem` that are sorted by model,
/// row and score.
///
/// @param model its name
/// @param known answers to known questions; several to one question count as their mean
/// @param unknown number of answers to other questions
/// @param problem the first bad row, or empty
record ModelAnswers(String model, Responses known, long unknown, String problem) {
  /// The models of sorted rows, one after the other: one model is in memory.
  static Iterator<ModelAnswers> of(Iterator<Row> rows) {
    return new Models(rows);
  }

  private static final class Models implements Iterator<ModelAnswers> {
    private final Iterator<Row> rows;
    private @Nullable Row next;

    Models(Iterator<Row> rows) {
      this.rows = rows;
      this.next = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public ModelAnswers next() {
      Row row = next;
      if (row == null) {
        throw new NoSuchElementException();
      }
      String model = row.getString(0);
      List<Integer> questions = new ArrayList<>();
      List<Double> scores = new ArrayList<>();
      long unknown = 0;
      String problem = "";
      while (row != null && row.getString(0).equals(model)) {
        if (!row.isNullAt(3)) {
          problem = problem.isEmpty() ? row.getString(3) : problem;
          row = advance();
        } else if (row.getInt(1) < 0) {
          unknown++;
          row = advance();
        } else {
          int question = row.getInt(1);
          double sum = 0;
          int count = 0;
          while (row != null
              && row.getString(0).equals(model)
              && row.isNullAt(3)
              && row.getInt(1) == question) {
            sum += row.getDouble(2);
            count++;
            row = advance();
          }
          questions.add(question);
          scores.add((double) (float) (sum / count));
        }
      }
      return new ModelAnswers(
          model,
          Responses.of(
              questions.stream().mapToInt(Integer::intValue).toArray(),
              scores.stream().mapToDouble(Double::doubleValue).toArray()),
          unknown,
          problem);
    }

    private @Nullable Row advance() {
      next = rows.hasNext() ? rows.next() : null;
      return next;
    }
  }
}
