package org.embedllm.source.harness;

import java.util.List;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.Scores;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Instance files of the Every Eval Ever schema (`instance_level_eval`), JSON Lines.
public final class EveryEvalEverLayout extends LogLayout {
  public EveryEvalEverLayout(ImportOptions options) {
    super("every-eval-ever", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("evaluation_id", "model_id", "evaluation_name", "sample_id");
  }

  @Override
  void read(SourceFile file, Log log) {
    records(file, log, (line, record) -> take(record, line, log));
  }

  private void take(ObjectNode record, long line, Log log) {
    JsonNode input = record.path("input");
    List<String> right = JsonFields.texts(input.path("reference"));
    List<String> choices = Entry.offered(JsonFields.texts(input.path("choices")), right);
    String hash = JsonFields.text(record.path("sample_hash"));
    JsonNode usage = record.path("token_usage");
    Entry entry =
        new Entry(JsonFields.text(record.path("evaluation_name")), record)
            .question(
                hash.isEmpty() ? JsonFields.text(record.path("sample_id")) : hash,
                Entry.withChoices(JsonFields.userText(input.path("raw")), choices))
            .reference(right.isEmpty() ? "" : right.getFirst(), choices)
            .measure(Measure.INPUT_TOKENS, usage.path("input_tokens"))
            .measure(Measure.OUTPUT_TOKENS, usage.path("output_tokens"))
            .measure(
                Measure.SECONDS,
                JsonFields.number(JsonFields.at(record, "performance.latency_ms")) / 1000)
            .output(String.join("\n", JsonFields.texts(JsonFields.at(record, "output.raw"))));
    JsonNode correct = JsonFields.at(record, "evaluation.is_correct");
    JsonNode score = JsonFields.at(record, "evaluation.score");
    // A score may be in any unit; outside the scale, right or wrong is what there is.
    boolean share = options().table().scale().score(JsonFields.number(score)) != Scores.NOT_A_SCORE;
    log.answer(
        entry,
        JsonFields.text(record.path("model_id")),
        share || !correct.isBoolean() ? score : correct,
        line);
  }
}
