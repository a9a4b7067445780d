package org.embedllm.source.harness;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.embedllm.correctness.Vote;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.ObjectRows;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Votes of Chatbot Arena and MT-Bench as JSON, JSON Lines, CSV or Parquet: two models, who won,
/// and the conversation, of which the user's part is the question.
public final class ArenaLayout extends LogLayout {
  public ArenaLayout(ImportOptions options) {
    super("arena", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    if (file.isFolder()) {
      return false;
    }
    List<String> columns = file.parquetColumns();
    if (!columns.isEmpty()) {
      return columns.contains("model_a")
          && columns.contains("model_b")
          && (columns.contains("conversation_a") || columns.contains("winner_model_a"));
    }
    if (file.startsAsJson()) {
      return file.hasFields("model_a", "model_b", "winner", "conversation_a")
          || file.hasFields("model_a", "model_b", "winner_model_a", "prompt");
    }
    return file.isTextTable()
        && ObjectRows.csvColumns(file.start())
            .containsAll(Set.of("model_a", "model_b", "winner_model_a", "prompt"));
  }

  @Override
  void read(SourceFile file, Log log) {
    ObjectRows.read(
        file, (line, row) -> take(row, line, log), (line, problem) -> log.problem(problem));
  }

  private static void take(ObjectNode row, long line, Log log) {
    Entry entry = new Entry("", row).question("", text(row));
    String modelA = JsonFields.text(row.path("model_a"));
    String modelB = JsonFields.text(row.path("model_b"));
    String winner = row.has("winner") ? JsonFields.text(row.path("winner")) : oneHot(row);
    switch (winner.strip().toLowerCase(Locale.ROOT)) {
      case "model_a" -> log.vote(entry, modelA, modelB, Vote.Winner.MODEL_A, line);
      case "model_b" -> log.vote(entry, modelA, modelB, Vote.Winner.MODEL_B, line);
      case "tie" -> log.vote(entry, modelA, modelB, Vote.Winner.TIE, line);
      case "tie (bothbad)", "both_bad", "bothbad" ->
          log.vote(entry, modelA, modelB, Vote.Winner.BOTH_BAD, line);
      default ->
          log.withoutScore(
              entry,
              modelA,
              line,
              "winner must be model_a, model_b, tie or tie (bothbad); got \"%s\""
                  .formatted(winner));
    }
  }

  private static String oneHot(JsonNode row) {
    for (String winner : new String[] {"model_a", "model_b", "tie"}) {
      if (JsonFields.number(row.path("winner_" + winner)) == 1) {
        return winner;
      }
    }
    return "";
  }

  private static String text(JsonNode row) {
    return row.has("conversation_a")
        ? JsonFields.userText(row.path("conversation_a"))
        : PythonText.texts(JsonFields.userText(row.path("prompt")));
  }
}
