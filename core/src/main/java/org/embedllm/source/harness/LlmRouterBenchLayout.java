package org.embedllm.source.harness;

import java.util.List;
import java.util.Set;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonDocument;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;

/// Results of LLMRouterBench: a JSON document for each model and data set, with its `records`.
public final class LlmRouterBenchLayout extends LogLayout {
  public LlmRouterBenchLayout(ImportOptions options) {
    super("llmrouterbench", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("performance", "model_name", "dataset_name", "records");
  }

  @Override
  void read(SourceFile file, Log log) {
    JsonDocument.read(
        file,
        List.of("records"),
        Set.of("raw_output"),
        (line, run, record) -> {
          if (run.path("demo").asBoolean(false)) {
            log.warn(file.path() + ": a demo run; it was left out");
            return;
          }
          take(run, record, line, log);
        });
  }

  private static void take(JsonNode run, JsonNode record, long line, Log log) {
    String benchmark = JsonFields.text(run.path("dataset_name"));
    String split = JsonFields.text(run.path("split"));
    Entry entry =
        new Entry(benchmark, record)
            .question(
                split + ":" + JsonFields.text(record.path("index")),
                JsonFields.userText(record.path("origin_query")))
            .reference(JsonFields.text(record.path("ground_truth")), List.of())
            .measure(Measure.INPUT_TOKENS, record.path("prompt_tokens"))
            .measure(Measure.OUTPUT_TOKENS, record.path("completion_tokens"))
            .measure(Measure.COST, record.path("cost"))
            .output(JsonFields.text(record.path("prediction")));
    log.answer(entry, JsonFields.text(run.path("model_name")), record.path("score"), line);
  }
}
