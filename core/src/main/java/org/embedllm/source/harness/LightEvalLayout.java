package org.embedllm.source.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.correctness.Measure;
import org.embedllm.source.AccuracyMetrics;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.ObjectRows;
import org.embedllm.source.file.SourceFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Details of LightEval and of the first Open LLM Leaderboard: a Parquet file for each model and
/// task, `details_<task>_<time>.parquet`.
public final class LightEvalLayout extends LogLayout {
  private static final Pattern NAME =
      Pattern.compile("details_(.+?)(?:_\\d{4}-\\d{2}-\\d{2}T[\\d:.-]+)?\\.parquet");

  public LightEvalLayout(ImportOptions options) {
    super("lighteval", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    List<String> columns = file.parquetColumns();
    return columns.containsAll(List.of("doc", "metric", "model_response"))
        || (columns.contains("metrics")
            && columns.contains("full_prompt")
            && columns.contains("predictions"));
  }

  @Override
  void read(SourceFile file, Log log) {
    String model = model(file.path());
    String task = task(file.path());
    ObjectRows.read(
        file,
        (row, record) -> take(record, model, task, row, log),
        (row, problem) -> log.problem(problem));
  }

  /// The task without its suite and number of examples: `lighteval|gsm8k|5` is `gsm8k`.
  private static String task(Path file) {
    Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
    String name = matcher.matches() ? matcher.group(1) : String.valueOf(file.getFileName());
    String[] parts = name.split("\\|");
    if (parts.length == 1) {
      return name;
    }
    return parts[parts[parts.length - 1].matches("\\d+") && parts.length == 2 ? 0 : 1];
  }

  /// The folders between `details` and the one named after the time; of a leaderboard's data set
  /// `details_<org>__<model>`.
  private static String model(Path file) {
    List<String> folders = new ArrayList<>();
    Path folder = file.toAbsolutePath().normalize().getParent();
    for (; folder != null && folder.getFileName() != null; folder = folder.getParent()) {
      String name = folder.getFileName().toString();
      if (name.startsWith("details_")) {
        return name.substring("details_".length()).replace("__", "/");
      }
      if (name.equals("details")) {
        return String.join("/", folders);
      }
      if (!name.matches("\\d{4}[-_]\\d{2}[-_]\\d{2}T?.*")) {
        folders.addFirst(name);
      }
    }
    return folders.isEmpty() ? "" : folders.getLast().replace("__", "/");
  }

  private void take(ObjectNode record, String model, String task, long row, Log log) {
    boolean recent = record.has("doc");
    JsonNode doc = record.path("doc");
    JsonNode response = record.path("model_response");
    List<String> choices =
        JsonFields.texts(JsonFields.list((recent ? doc : record).path("choices")));
    String text =
        JsonFields.text(
            recent
                ? doc.path("query")
                : record.path(
                    JsonFields.text(record.path("example")).isEmpty() ? "full_prompt" : "example"));
    JsonNode gold = JsonFields.list((recent ? doc : record).path("gold_index"));
    List<String> written =
        JsonFields.texts(
            JsonFields.list(recent ? response.path("text") : record.path("predictions")));
    List<String> right = right(gold, choices, JsonFields.list(record.path("gold")));
    List<String> offered = Entry.offered(choices, right);
    Entry entry =
        new Entry(task, record)
            .question(
                recent ? JsonFields.text(doc.path("id")) : "",
                Entry.withChoices(text.strip(), offered))
            .reference(right.isEmpty() ? "" : right.getFirst(), offered)
            .measure(
                Measure.INPUT_TOKENS, tokens((recent ? response : record).path("input_tokens")))
            .measure(
                Measure.OUTPUT_TOKENS,
                tokens(recent ? response.path("output_tokens") : record.path("cont_tokens")))
            .output(written.isEmpty() ? "" : written.getFirst());
    JsonNode metrics = structure(record.path(recent ? "metric" : "metrics"));
    Optional<String> metric = metric(task, metrics);
    if (metric.isEmpty()) {
      log.withoutScore(
          entry,
          model,
          row,
          "no metric of it is a score between 0 and 1 (%s); choose one with --metric %s=NAME"
              .formatted(String.join(", ", metrics.propertyNames()), task));
      return;
    }
    JsonNode value = metrics.path(metric.get());
    // The known metrics are shares, whatever the scale of another one is.
    if (value.isBoolean() || options().tasks().metric(task).isPresent()) {
      log.answer(entry, model, value, row);
    } else {
      log.answer(entry, model, JsonFields.number(value), row);
    }
  }

  private Optional<String> metric(String task, JsonNode metrics) {
    Optional<String> asked = options().tasks().metric(task);
    if (asked.isPresent()) {
      return asked.filter(metrics::has);
    }
    List<String> shares =
        metrics.propertyNames().stream()
            .filter(name -> !name.endsWith("_stderr"))
            .filter(name -> {
              double value = JsonFields.number(metrics.path(name));
              return metrics.path(name).isBoolean() || (value >= 0 && value <= 1);
            })
            .toList();
    return AccuracyMetrics.first(shares).or(() -> shares.stream().findFirst());
  }

  /// The right answers: the choices whose indices are gold, then what `gold` says.
  private static List<String> right(JsonNode gold, List<String> choices, JsonNode text) {
    List<String> right = new ArrayList<>();
    for (JsonNode index : gold.isArray() ? gold : List.of(gold)) {
      int i = index.isNumber() ? index.asInt() : -1;
      if (i >= 0 && i < choices.size()) {
        right.add(choices.get(i).strip());
      }
    }
    JsonFields.texts(text).forEach(one -> right.add(one.strip()));
    return right;
  }

  /// Number of tokens in the first list of tokens.
  private static double tokens(JsonNode node) {
    JsonNode first =
        node.isArray() && !node.isEmpty() && node.get(0).isArray() ? node.get(0) : node;
    return first.isArray() && !first.isEmpty() ? first.size() : Double.NaN;
  }

  /// Some versions wrote nested columns as text.
  private static JsonNode structure(JsonNode node) {
    if (!node.isString()) {
      return node;
    }
    try {
      return JsonRecords.JSON.readTree(node.asString().replace('\'', '"'));
    } catch (JacksonException e) {
      return JsonRecords.JSON.createObjectNode();
    }
  }
}
