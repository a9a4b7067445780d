package org.embedllm.source.harness;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.Scores;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonDocument;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Results of promptfoo (`promptfoo eval -o results.json`, or `.jsonl`).
public final class PromptfooLayout extends LogLayout {
  /// What promptfoo says of a call that gave no answer.
  private static final int ERROR = 2;

  private static final int MAX_LABEL = 60;

  /// Parts of a result that say nothing about its prompt.
  private static final Set<String> LONG =
      Set.of("response", "gradingResult", "testCase", "vars", "metadata");

  /// Usual names of variables that hold the right answer.
  private static final Set<String> EXPECTED =
      Set.of(
          "answer",
          "correct_answer",
          "expected",
          "expected_answer",
          "expected_output",
          "gold",
          "ground_truth",
          "ideal",
          "label",
          "reference",
          "solution",
          "target");

  public PromptfooLayout(ImportOptions options) {
    super("promptfoo", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("evalId", "results") || isLines(file);
  }

  private static boolean isLines(SourcePreview file) {
    return file.hasFields("promptIdx", "provider", "vars");
  }

  @Override
  void read(SourceFile file, Log log) {
    SourcePreview preview = new SourcePreview(file.path());
    boolean lines = isLines(preview) && !preview.hasFields("evalId", "results");
    Prompts prompts = new Prompts();
    try (SourceFile again = SourceFile.open(file.path(), ImportProgress.NONE)) {
      if (lines) {
        new JsonRecords(again, LONG)
            .read((line, result) -> prompts.met(result), (line, problem) -> {});
      } else {
        results(again, LONG, (line, before, result) -> prompts.met(result));
      }
    } catch (IOException e) {
      throw SourceFile.failed(file.path(), 0, e);
    }
    if (lines) {
      records(file, log, (line, record) -> take(record, prompts, line, log));
    } else {
      results(file, Set.of(), (line, before, result) -> take(result, prompts, line, log));
    }
  }

  private static void results(
      SourceFile file, Set<String> skipped, JsonDocument.ElementConsumer consumer) {
    JsonDocument.read(file, List.of("results", "results"), skipped, consumer);
  }

  /// The prompts that each provider was asked with. Where there are several, each of them makes
  /// another model of it: `provider [prompt label]`.
  private static final class Prompts {
    private final Map<String, Map<String, String>> names = new HashMap<>(); // by provider and label

    void met(JsonNode result) {
      Map<String, String> known =
          names.computeIfAbsent(model(result.path("provider")), provider -> new LinkedHashMap<>());
      String label = label(result);
      if (!known.containsKey(label)) {
        known.put(label, name(label, known));
      }
    }

    private static String name(String label, Map<String, String> known) {
      String line = label.strip().replaceAll("\\s+", " ");
      String brief = line.length() > MAX_LABEL ? line.substring(0, MAX_LABEL) + "…" : line;
      return known.containsValue(brief) ? brief + " #" + (known.size() + 1) : brief;
    }

    private static String label(JsonNode result) {
      String label = JsonFields.text(result.path("prompt").path("label"));
      return label.isEmpty() ? JsonFields.text(result.path("promptId")) : label;
    }

    String modelOf(JsonNode result) {
      String provider = model(result.path("provider"));
      Map<String, String> known = names.getOrDefault(provider, Map.of());
      return provider.isEmpty() || known.size() < 2
          ? provider
          : "%s [%s]".formatted(provider, known.getOrDefault(label(result), ""));
    }
  }

  private void take(JsonNode result, Prompts prompts, long line, Log log) {
    JsonNode response = result.path("response");
    JsonNode tokens = response.path("tokenUsage");
    Entry entry =
        new Entry("", result)
            .question("", question(result))
            .measure(Measure.INPUT_TOKENS, tokens.path("prompt"))
            .measure(Measure.OUTPUT_TOKENS, tokens.path("completion"))
            .measure(Measure.COST, result.path("cost"))
            .measure(Measure.SECONDS, JsonFields.number(result.path("latencyMs")) / 1000)
            .output(JsonFields.text(response.path("output")));
    log.answer(entry, prompts.modelOf(result), score(result), line);
  }

  /// The only variable of the test that the prompt shows, else the prompt as it was sent. A
  /// variable for the assertions alone, such as the expected answer, is no question.
  private static String question(JsonNode result) {
    JsonNode prompt = result.path("prompt");
    String raw = JsonFields.text(prompt.isObject() ? prompt.path("raw") : prompt);
    List<String> shown =
        result
            .path("vars")
            .propertyStream()
            .filter(variable -> !EXPECTED.contains(variable.getKey().toLowerCase(Locale.ROOT)))
            .map(variable -> JsonFields.text(variable.getValue()))
            .filter(text -> !text.isEmpty() && (raw.isEmpty() || shows(raw, text)))
            .toList();
    return shown.size() == 1 ? shown.getFirst() : raw;
  }

  /// Whether a prompt has a text; a prompt of chat messages is JSON, and its texts are escaped.
  private static boolean shows(String prompt, String text) {
    String escaped = JsonRecords.JSON.writeValueAsString(text);
    return prompt.contains(text) || prompt.contains(escaped.substring(1, escaped.length() - 1));
  }

  private static String model(JsonNode provider) {
    String label = JsonFields.text(provider.path("label"));
    String id = JsonFields.text(provider.isObject() ? provider.path("id") : provider);
    return label.isEmpty() ? id : label;
  }

  /// A number on the scale, or true or false; missing after an error.
  private JsonNode score(JsonNode result) {
    if (result.path("failureReason").asInt(0) == ERROR) {
      return MissingNode.getInstance();
    }
    String asked = options().tasks().metric("").orElse("");
    JsonNode score =
        asked.isEmpty() ? result.path("score") : result.path("namedScores").path(asked);
    JsonNode success = result.path("success");
    boolean known = options().table().scale().score(JsonFields.number(score)) != Scores.NOT_A_SCORE;
    return !known && asked.isEmpty() && success.isBoolean() ? success : score;
  }
}
