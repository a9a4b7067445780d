package org.embedllm.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.Vote;

/// A data set as one long table that can be imported again: a row for each answer with everything
/// that was kept, then a row for each vote.
///
/// The first question has a row for every model, without a score where it has no answer, so that
/// models keep their order; so has a question without answers one for the first model.
final class ResponsesTable implements ExportTable {
  private final Dataset dataset;
  private final CorrectnessMatrix matrix;
  private final List<String> attributes;
  private final List<Measure> measures;
  private final List<String> labels = new ArrayList<>();
  private final int[] rowQuestions;
  private final int[] rowModels;
  private final int[] rowCells; // -1 where there is no answer
  private AnswerOutputs.Cursor outputs;
  private int outputRow = -1;
  private String output = "";

  ResponsesTable(Dataset dataset) throws IOException {
    this.dataset = dataset;
    this.matrix = dataset.data().matrix();
    this.attributes = QuestionsFile.attributes(matrix.questions());
    this.measures = List.copyOf(measures(dataset.data()));
    this.outputs = dataset.outputs().open();
    labels.addAll(List.of("prompt_id", "prompt", "model_name", "category", "split"));
    if (!dataset.groups().isEmpty()) {
      labels.add("group");
    }
    if (!dataset.references().isEmpty()) {
      labels.addAll(List.of("reference", "options"));
    }
    attributes.forEach(name -> labels.add(QuestionsFile.ATTRIBUTE + name));
    if (!dataset.outputs().isEmpty()) {
      labels.add("output");
    }
    if (!dataset.data().votes().isEmpty()) {
      labels.addAll(List.of("model_a", "model_b", "winner"));
    }
    int first = matrix.questionCount() == 0 ? 0 : matrix.cellCount(0);
    int missing = matrix.modelCount() - first;
    for (int j = 1; j < matrix.questionCount(); j++) {
      missing += matrix.cellCount(j) == 0 ? 1 : 0;
    }
    int rows = Math.addExact(matrix.cellCount(), missing);
    this.rowQuestions = new int[rows];
    this.rowModels = new int[rows];
    this.rowCells = new int[rows];
    fill();
  }

  private static Set<Measure> measures(EvaluationData data) {
    EnumSet<Measure> measures = EnumSet.noneOf(Measure.class);
    measures.addAll(data.measures().measures());
    if (!data.callCosts().isEmpty()) {
      measures.add(Measure.COST);
    }
    if (!data.votes().isEmpty()) {
      measures.add(Measure.REPEATS);
    }
    return measures;
  }

  private void fill() {
    int row = 0;
    for (int j = 0; j < matrix.questionCount(); j++) {
      int cell = matrix.firstCell(j);
      int end = matrix.firstCell(j + 1);
      int models = j == 0 ? matrix.modelCount() : cell == end ? 1 : 0;
      for (int i = 0; i < models || cell < end; i++) {
        boolean answered = cell < end && (models == 0 || matrix.cellModel(cell) == i);
        rowQuestions[row] = j;
        rowModels[row] = answered ? matrix.cellModel(cell) : i;
        rowCells[row++] = answered ? cell++ : -1;
      }
    }
  }

  @Override
  public List<String> labelNames() {
    return labels;
  }

  @Override
  public List<String> valueNames() {
    return List.of("score");
  }

  @Override
  public List<String> measureNames() {
    return measures.stream().map(Measure::column).toList();
  }

  @Override
  public int rowCount() {
    return rowCells.length + dataset.data().votes().size();
  }

  @Override
  public String label(int row, int column) {
    String name = labels.get(column);
    return row < rowCells.length
        ? answerLabel(row, name)
        : voteLabel(dataset.data().votes().get(row - rowCells.length), name);
  }

  private String answerLabel(int row, String name) {
    return switch (name) {
      case "model_name" -> matrix.models().get(rowModels[row]);
      case "model_a", "model_b", "winner" -> "";
      case "output" -> output(row);
      default -> questionLabel(rowQuestions[row], name);
    };
  }

  private String voteLabel(Vote vote, String name) {
    return switch (name) {
      case "model_name", "output" -> "";
      case "model_a" -> matrix.models().get(vote.modelA());
      case "model_b" -> matrix.models().get(vote.modelB());
      case "winner" -> vote.winner().label();
      default -> questionLabel(vote.question(), name);
    };
  }

  private String questionLabel(int j, String name) {
    Question question = matrix.questions().get(j);
    return switch (name) {
      case "prompt_id" -> question.id();
      case "prompt" -> question.text();
      case "category" -> question.benchmark();
      case "split" -> dataset.data().split().part(j).label();
      case "group" -> dataset.groups().getOrDefault(question.id(), "");
      case "reference" -> dataset.references().getOrDefault(question.id(), Reference.NONE).answer();
      case "options" ->
          QuestionsFile.options(dataset.references().getOrDefault(question.id(), Reference.NONE));
      default ->
          question
              .attributes()
              .get(name.substring(QuestionsFile.ATTRIBUTE.length()))
              .map(Object::toString)
              .orElse("");
    };
  }

  /// Rows are asked for in order, and so are the texts of cells; a second pass opens them again.
  private String output(int row) {
    if (row != outputRow) {
      try {
        if (row < outputRow) {
          outputs.close();
          outputs = dataset.outputs().open();
        }
        outputRow = row;
        output = rowCells[row] < 0 ? "" : outputs.text(rowCells[row]);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return output;
  }

  @Override
  public float value(int row, int column) {
    return row < rowCells.length && rowCells[row] >= 0
        ? matrix.cellScore(rowCells[row])
        : Float.NaN;
  }

  @Override
  public double measure(int row, int column) {
    Measure measure = measures.get(column);
    if (row >= rowCells.length) {
      return measure == Measure.REPEATS
          ? dataset.data().votes().get(row - rowCells.length).judges()
          : Double.NaN;
    }
    int cell = rowCells[row];
    CellMeasures known = dataset.data().measures();
    if (cell < 0) {
      return Double.NaN;
    }
    if (measure == Measure.COST && !known.has(Measure.COST)) {
      String model = matrix.models().get(rowModels[row]);
      return dataset.data().callCosts().getOrDefault(model, Double.NaN);
    }
    return known.value(measure, cell);
  }
}
