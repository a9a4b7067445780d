package org.embedllm.source.harness;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.Measure;
import org.embedllm.source.AccuracyMetrics;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Run logs of OpenAI evals, JSON Lines: the first line has the `spec`, the others are events. The
/// question is in a sample's first `sampling` event, its score in a `match` or `metrics` event.
public final class OpenAiEvalsLayout extends LogLayout {
  public OpenAiEvalsLayout(ImportOptions options) {
    super("openai-evals", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("spec", "completion_fns", "eval_name");
  }

  @Override
  void read(SourceFile file, Log log) {
    Run run = new Run(log);
    records(file, log, run::event);
    run.end();
  }

  private final class Run {
    private final Log log;
    private final Map<String, JsonNode> sampling = new HashMap<>(); // first event, by sample
    private final Map<String, Boolean> scored = new HashMap<>(); // by sample
    private JsonNode spec = JsonRecords.JSON.createObjectNode();

    Run(Log log) {
      this.log = log;
    }

    void event(long line, ObjectNode event) {
      if (event.has("spec")) {
        spec = event.path("spec");
        return;
      }
      String sample = JsonFields.text(event.path("sample_id"));
      JsonNode data = event.path("data");
      switch (JsonFields.text(event.path("type"))) {
        case "sampling" -> sampling.putIfAbsent(sample, data);
        case "match" -> score(sample, data, data.path("correct"), line);
        case "metrics" -> metrics(sample, data, line);
        default -> {
          // Other events, such as raw_sample, repeat what these say.
        }
      }
    }

    private void metrics(String sample, JsonNode data, long line) {
      String asked = options().tasks().metric(task()).orElse("");
      String name =
          data.has(asked)
              ? asked
              : data.has("score")
                  ? "score"
                  : AccuracyMetrics.first(data.propertyNames()).orElse("");
      if (name.isEmpty()) {
        log.withoutScore(
            entry(sample, data),
            model(),
            line,
            "has no known score; choose one with --metric NAME (%s)"
                .formatted(String.join(", ", data.propertyNames())));
        return;
      }
      score(sample, data, data.path(name), line);
    }

    private void score(String sample, JsonNode data, JsonNode value, long line) {
      if (scored.put(sample, true) != null) {
        return; // A sample may have several events; the first one counts.
      }
      log.answer(entry(sample, data), model(), value, line);
    }

    private Entry entry(String sample, JsonNode data) {
      JsonNode asked = sampling.getOrDefault(sample, JsonRecords.JSON.createObjectNode());
      List<String> expected = JsonFields.texts(data.path("expected"));
      List<String> written = JsonFields.texts(asked.path("sampled"));
      return new Entry(task(), asked)
          .question(sample, JsonFields.userText(asked.path("prompt")))
          .reference(expected.isEmpty() ? "" : expected.getFirst(), List.of())
          .measure(Measure.INPUT_TOKENS, JsonFields.at(asked, "usage.prompt_tokens"))
          .measure(Measure.OUTPUT_TOKENS, JsonFields.at(asked, "usage.completion_tokens"))
          .output(written.isEmpty() ? "" : written.getFirst());
    }

    void end() {
      long without = sampling.keySet().stream().filter(id -> !scored.containsKey(id)).count();
      if (without > 0) {
        log.skip(
            task(),
            "%s: %,d samples left out: they have neither a match nor a metrics event"
                .formatted(model(), without));
      }
    }

    private String task() {
      String base = JsonFields.text(spec.path("base_eval"));
      return base.isEmpty() ? JsonFields.text(spec.path("eval_name")) : base;
    }

    private String model() {
      List<String> names = JsonFields.texts(spec.path("completion_fns"));
      return names.isEmpty() ? "" : names.getFirst();
    }
  }
}
