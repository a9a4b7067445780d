package org.embedllm.source.harness;

import java.util.List;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.ObjectRows;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.node.ObjectNode;

/// The wide table of RouterBench as CSV, JSON Lines or Parquet: a row for each question, and for
/// each model the columns `MODEL` (score), `MODEL|model_response` and `MODEL|total_cost`.
public final class RouterBenchLayout extends LogLayout {
  private static final String COST = "|total_cost";
  private static final String RESPONSE = "|model_response";

  public RouterBenchLayout(ImportOptions options) {
    super("routerbench", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    if (file.startsAsJson()) {
      return file.hasFields("eval_name")
          && file.fields().stream().anyMatch(name -> name.endsWith(COST));
    }
    return file.parquetColumns().stream().anyMatch(name -> name.endsWith(COST))
        || (file.isTextTable()
            && file.start().contains(COST)
            && file.start().contains("eval_name"));
  }

  @Override
  void read(SourceFile file, Log log) {
    ObjectRows.read(
        file, (line, row) -> take(row, line, log), (line, problem) -> log.problem(problem));
  }

  private static void take(ObjectNode row, long line, Log log) {
    List<String> models =
        row.propertyNames().stream()
            .filter(name -> name.endsWith(COST))
            .map(name -> name.substring(0, name.length() - COST.length()))
            .filter(row::has)
            .toList();
    String text = JsonFields.listedTexts(JsonFields.userText(row.path("prompt")));
    for (String model : models) {
      Entry entry =
          new Entry(JsonFields.text(row.path("eval_name")), row)
              .question(JsonFields.text(row.path("sample_id")), text)
              .measure(Measure.COST, row.path(model + COST))
              .output(JsonFields.text(row.path(model + RESPONSE)));
      log.answer(entry, model, row.path(model), line);
    }
  }
}
