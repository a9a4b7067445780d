package org.embedllm.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.embedllm.correctness.MeanScore;
import org.embedllm.itemresponse.ItemResponses;
import org.jspecify.annotations.Nullable;

/// The answers of one model, from rows of [#CELLS] that are sorted by [#ORDER].
///
/// @param model its name
/// @param known answers to known questions; several to one question count as their mean, with their
///   number and variance
/// @param unknown number of answers to other questions
/// @param problem the first bad row, or empty
record ModelAnswers(String model, ItemResponses known, long unknown, String problem) {
  /// An answer: its model, the row of its question among the known ones (-1 for another), its score
  /// (null where there is none), how many answers it is the mean of and their variance (null where
  /// not said), and what is wrong with it (null where nothing is).
  static final StructType CELLS =
      new StructType()
          .add("model", DataTypes.StringType)
          .add("row", DataTypes.IntegerType)
          .add("score", DataTypes.DoubleType)
          .add("weight", DataTypes.DoubleType)
          .add("variance", DataTypes.DoubleType)
          .add("problem", DataTypes.StringType);

  /// Equal rows beside each other, so that sums do not depend on the order of the files.
  static final List<String> ORDER = List.of("model", "row", "score", "weight", "variance");

  private static final int ROW = 1;
  private static final int SCORE = 2;
  private static final int WEIGHT = 3;
  private static final int VARIANCE = 4;
  private static final int PROBLEM = 5;

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
      Cells known = new Cells();
      long unknown = 0;
      String problem = "";
      while (row != null && row.getString(0).equals(model)) {
        if (!row.isNullAt(PROBLEM)) {
          problem = problem.isEmpty() ? row.getString(PROBLEM) : problem;
        } else if (!row.isNullAt(SCORE)) {
          if (row.getInt(ROW) < 0) {
            unknown++;
          } else {
            known.add(row);
          }
        }
        row = advance();
      }
      return new ModelAnswers(model, known.responses(), unknown, problem);
    }

    private @Nullable Row advance() {
      next = rows.hasNext() ? rows.next() : null;
      return next;
    }
  }

  /// Cells of one model, each of one or more answers: settled as an import does it, which keeps
  /// floats.
  private static final class Cells {
    private final List<Integer> questions = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<Float> repeats = new ArrayList<>();
    private final List<Float> variances = new ArrayList<>();
    private int question = -1;
    private float first;
    private boolean differ;
    private MeanScore mean = new MeanScore();

    void add(Row row) {
      float score = (float) row.getDouble(SCORE);
      if (row.getInt(ROW) != question) {
        settle();
        question = row.getInt(ROW);
        first = score;
        differ = false;
        mean = new MeanScore();
      }
      differ |= score != first;
      mean.add(
          score,
          row.isNullAt(WEIGHT) ? 1 : row.getDouble(WEIGHT),
          row.isNullAt(VARIANCE) ? Double.NaN : row.getDouble(VARIANCE));
    }

    private void settle() {
      if (question >= 0) {
        questions.add(question);
        scores.add(differ ? (float) mean.mean() : first);
        repeats.add((float) mean.repeats());
        variances.add((float) mean.variance());
      }
    }

    ItemResponses responses() {
      settle();
      return ItemResponses.of(
          questions.stream().mapToInt(Integer::intValue).toArray(),
          doubles(scores),
          doubles(repeats),
          doubles(variances));
    }

    private static double[] doubles(List<Float> values) {
      return values.stream().mapToDouble(Float::doubleValue).toArray();
    }
  }
}
