package org.embedllm.dataset;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;

/// The tables that can be exported.
public final class ExportTables {
  private ExportTables() {}

  /// A row for each label, with its row of a matrix; columns `e0`, `e1` and so on.
  ///
  /// @param labelName name of the label column
  /// @param labels `[n]`, in row order
  /// @param values [n, d]
  public static ExportTable vectors(String labelName, List<String> labels, FloatMatrix values) {
    if (labels.size() != values.rows()) {
      throw new IllegalArgumentException(
          "%d labels for %d rows".formatted(labels.size(), values.rows()));
    }
    List<String> names =
        IntStream.range(0, values.columns()).mapToObj(column -> "e" + column).toList();
    return new ExportTable() {
      @Override
      public List<String> labelNames() {
        return List.of(labelName);
      }

      @Override
      public List<String> valueNames() {
        return names;
      }

      @Override
      public int rowCount() {
        return values.rows();
      }

      @Override
      public String label(int row, int column) {
        return labels.get(row);
      }

      @Override
      public float value(int row, int column) {
        return values.get(row, column);
      }
    };
  }

  /// A row for each question and a column for each model; NaN where a cell is unobserved.
  public static ExportTable matrix(EvaluationData data) {
    CorrectnessMatrix matrix = data.matrix();
    return new ExportTable() {
      @Override
      public List<String> labelNames() {
        return List.of("prompt_id", "category", "split");
      }

      @Override
      public List<String> valueNames() {
        return matrix.models();
      }

      @Override
      public int rowCount() {
        return matrix.questionCount();
      }

      @Override
      public String label(int row, int column) {
        Question question = matrix.questions().get(row);
        return switch (column) {
          case 0 -> question.id();
          case 1 -> question.benchmark();
          default -> data.split().part(row).label();
        };
      }

      @Override
      public float value(int row, int column) {
        return matrix.score(column, row);
      }
    };
  }

  /// A row for each answer and each vote with everything that was kept, in a layout that an import
  /// reads.
  public static ExportTable responses(Dataset dataset) throws IOException {
    return new ResponsesTable(dataset);
  }
}
