package org.embedllm.source.harness;

import java.util.List;
import java.util.Set;
import org.embedllm.correctness.Vote;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonDocument;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;

/// Annotations of AlpacaEval: a JSON array, a vote for each of them. A preference is 1 for the
/// first output and 2 for the second; between them it is the second one's probability.
public final class AlpacaEvalLayout extends LogLayout {
  private static final double TIE = 1.5;

  public AlpacaEvalLayout(ImportOptions options) {
    super("alpaca-eval", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("instruction", "generator_1", "generator_2", "preference");
  }

  @Override
  void read(SourceFile file, Log log) {
    JsonDocument.read(file, List.of(), Set.of(), (line, before, record) -> take(record, line, log));
  }

  private static void take(JsonNode record, long line, Log log) {
    double preference = JsonFields.number(record.path("preference"));
    if (Double.isNaN(preference)) {
      return; // The annotator gave no answer that could be read.
    }
    // Older annotators write 0 for a tie.
    boolean tie = preference == TIE || preference == 0;
    log.vote(
        new Entry(JsonFields.text(record.path("dataset")), record)
            .question("", JsonFields.text(record.path("instruction"))),
        JsonFields.text(record.path("generator_1")),
        JsonFields.text(record.path("generator_2")),
        tie ? Vote.Winner.TIE : preference < TIE ? Vote.Winner.MODEL_A : Vote.Winner.MODEL_B,
        line);
  }
}
