package org.embedllm.source.harness;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonDocument;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Logs of Inspect AI: one JSON document, or a `.eval` archive with a file for each sample.
public final class InspectLayout extends LogLayout {
  /// Parts of a sample that are long and say nothing about question or score.
  private static final Set<String> LONG =
      Set.of("messages", "events", "attachments", "store", "events_data", "timelines");

  public InspectLayout(ImportOptions options) {
    super("inspect", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return isArchive(file.path()) || file.hasFields("eval", "version", "task", "model", "status");
  }

  private static boolean isArchive(Path file) {
    return file.toString().endsWith(".eval");
  }

  @Override
  void read(SourceFile file, Log log) throws IOException {
    if (isArchive(file.path())) {
      archive(file.path(), log);
      return;
    }
    JsonNode document =
        JsonDocument.read(
            file,
            List.of("samples"),
            LONG,
            (line, before, sample) -> take(before.path("eval"), sample, line, log));
    requireTask(file.path(), document.path("eval"));
  }

  private static void requireTask(Path file, JsonNode eval) {
    if (!eval.path("model").isString()) {
      throw BadInputException.in(file, "is no log of Inspect AI: its \"eval\" names no model");
    }
  }

  private void archive(Path file, Log log) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry header = zip.getEntry("header.json");
      ZipEntry start = header == null ? zip.getEntry("_journal/start.json") : header;
      if (start == null) {
        throw BadInputException.in(file, "is no log of Inspect AI: it has no header.json");
      }
      JsonNode eval = tree(zip, start, file).path("eval");
      requireTask(file, eval);
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        if (entry.getName().startsWith("samples/") && entry.getName().endsWith(".json")) {
          take(eval, tree(zip, entry, file), 0, log);
        }
      }
    } catch (ZipException e) {
      throw BadInputException.in(
          file,
          "cannot be unpacked (%s); write it as JSON with inspect log convert --to json"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static JsonNode tree(ZipFile zip, ZipEntry entry, Path file) throws IOException {
    try (Reader reader = new InputStreamReader(zip.getInputStream(entry), StandardCharsets.UTF_8)) {
      return JsonRecords.JSON.readTree(reader);
    } catch (JacksonException e) {
      throw BadInputException.in(file, "holds a damaged " + entry.getName(), e);
    }
  }

  private void take(JsonNode eval, JsonNode sample, long line, Log log) {
    String task = JsonFields.text(eval.path("task"));
    String model = JsonFields.text(eval.path("model"));
    List<String> all = JsonFields.texts(sample.path("choices"));
    List<String> right =
        JsonFields.texts(sample.path("target")).stream().map(target -> right(target, all)).toList();
    List<String> choices = Entry.offered(all, right);
    JsonNode usage = JsonFields.at(sample, "output.usage");
    Entry entry =
        new Entry(task, sample)
            .question(
                JsonFields.text(sample.path("id")),
                Entry.withChoices(JsonFields.userText(sample.path("input")), choices))
            .reference(right.isEmpty() ? "" : right.getFirst(), choices)
            .measure(Measure.INPUT_TOKENS, usage.path("input_tokens"))
            .measure(Measure.OUTPUT_TOKENS, usage.path("output_tokens"))
            .measure(Measure.SECONDS, sample.path("total_time"))
            .output(JsonFields.text(JsonFields.at(sample, "output.completion")));
    score(entry, task, model, sample, line, log);
  }

  /// The choice of a letter, or the target itself.
  private static String right(String target, List<String> choices) {
    int index = target.matches("[A-Z]") ? target.charAt(0) - 'A' : -1;
    return index >= 0 && index < choices.size() ? choices.get(index) : target;
  }

  private void score(Entry entry, String task, String model, JsonNode sample, long line, Log log) {
    JsonNode scores = sample.path("scores");
    if (scores.isMissingNode() || scores.isNull() || scores.isEmpty()) {
      // The run was stopped, or the sample ended with an error: nobody knows.
      log.answer(entry, model, Double.NaN, line);
      return;
    }
    String asked = options().tasks().metric(task).orElse("");
    String scorer = scores.has(asked) ? asked : scores.propertyNames().iterator().next();
    JsonNode value = scores.path(scorer).path("value");
    if (value.isObject()) {
      String part = value.has(asked) ? asked : "";
      if (part.isEmpty() && value.size() > 1) {
        log.withoutScore(
            entry,
            model,
            line,
            "scorer %s has several values; choose one with --metric %s=NAME (%s)"
                .formatted(scorer, task, String.join(", ", value.propertyNames())));
        return;
      }
      value = value.path(part.isEmpty() ? value.propertyNames().iterator().next() : part);
    }
    log.answer(entry, model, value(value, !asked.isEmpty()), line);
  }

  /// Inspect writes C, P, I and N for correct, partial, incorrect and no answer.
  private double value(JsonNode value, boolean asked) {
    String text = JsonFields.text(value).strip();
    return switch (text) {
      case "C", "true", "yes" -> 1;
      case "P" -> 0.5;
      case "I", "N", "false", "no" -> 0;
      default -> asked ? scaled(JsonFields.number(value)) : JsonFields.number(value);
    };
  }

  private double scaled(double number) {
    return Double.isNaN(number) || options().table().scale().isUnit()
        ? number
        : options().table().scale().score(number);
  }
}
