package org.embedllm.source.harness;

import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Routing data of LLMRouter: JSON Lines, a record for each answer.
public final class LlmRouterLayout extends LogLayout {
  public LlmRouterLayout(ImportOptions options) {
    super("llmrouter", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("query", "model_name", "performance", "task_name");
  }

  @Override
  void read(SourceFile file, Log log) {
    records(file, log, (line, record) -> take(record, line, log));
  }

  private void take(ObjectNode record, long line, Log log) {
    Entry entry =
        new Entry(JsonFields.text(record.path("task_name")), record)
            .question("", JsonFields.text(record.path("query")))
            .reference(
                JsonFields.text(record.path("ground_truth")),
                JsonFields.texts(choices(record.path("choices"))))
            .measure(Measure.INPUT_TOKENS, record.path("input_tokens"))
            .measure(Measure.OUTPUT_TOKENS, record.path("output_tokens"))
            .measure(Measure.COST, record.path("cost"))
            .measure(Measure.SECONDS, record.path("response_time"))
            .output(JsonFields.text(record.path("response")));
    log.answer(entry, JsonFields.text(record.path("model_name")), record.path("performance"), line);
  }

  /// Choices are a list, or an object with the list in `text`, or either of them as a text.
  private static JsonNode choices(JsonNode node) {
    JsonNode choices = node;
    if (node.isString() && node.asString().strip().startsWith("{")) {
      try {
        choices = JsonRecords.JSON.readTree(node.asString());
      } catch (JacksonException e) {
        return JsonRecords.JSON.createArrayNode(); // A Python text; the query has the choices.
      }
    }
    return choices.isObject() ? choices.path("text") : choices;
  }
}
