package org.embedllm.source.harness;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.embedllm.correctness.Measure;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ModelRun;
import org.embedllm.source.RunNames;
import org.embedllm.source.Scores;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
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

  private static final double PARTIAL = 0.5;

  private static final String NAME = "inspect";

  private final RunNames names;
  private final Map<Path, String> differences = new HashMap<>(); // of a log from those of its model

  /// @param names what tells runs of one name apart, for all sources of the import
  public InspectLayout(ImportOptions options, RunNames names) {
    super(NAME, options);
    this.names = names;
  }

  @Override
  boolean isLog(SourcePreview file) {
    return isArchive(file.path()) || file.hasFields("eval", "version", "task", "model", "status");
  }

  /// Logs of one model whose arguments differ are logs of different models. The arguments of a task
  /// are compared among the logs of that task.
  @Override
  void prepare(List<Path> files, AnswerSink sink) {
    List<Path> read = new ArrayList<>();
    List<RunNames.Run> byModel = new ArrayList<>();
    List<RunNames.Run> byTask = new ArrayList<>();
    for (Path file : files) {
      JsonNode eval = eval(file);
      String model = JsonFields.text(eval.path("model"));
      String task = JsonFields.text(eval.path("task"));
      if (!model.isEmpty()) {
        Map<String, String> arguments = arguments(eval.path("model_generate_config"));
        arguments.putAll(arguments(eval.path("model_args")));
        read.add(file);
        byModel.add(new RunNames.Run(NAME, model, "", arguments, file));
        byTask.add(new RunNames.Run(NAME, model, task, arguments(eval.path("task_args")), file));
      }
    }
    List<String> ofModel = names.differences(byModel, false, sink);
    List<String> ofTask = names.differences(byTask, false, sink);
    for (int i = 0; i < read.size(); i++) {
      String model = ofModel.get(i);
      String task = ofTask.get(i);
      String both = model + (model.isEmpty() || task.isEmpty() ? "" : ", ") + task;
      differences.put(read.get(i), both);
    }
  }

  private static Map<String, String> arguments(JsonNode node) {
    Map<String, String> arguments = new TreeMap<>();
    node.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        arguments.put(name, value.isContainer() ? value.toString() : JsonFields.text(value));
      }
    });
    return arguments;
  }

  /// What a log says of its run; nothing where it cannot be read.
  private static JsonNode eval(Path file) {
    try {
      if (isArchive(file)) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
          return start(zip, file).path("eval");
        }
      }
      try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
        return JsonDocument.field(source, "eval");
      }
    } catch (IOException | BadInputException e) {
      return JsonRecords.JSON.createObjectNode(); // The reader of the log will say so.
    }
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
            (line, before, sample) -> take(file.path(), before.path("eval"), sample, line, log));
    requireTask(file.path(), document.path("eval"));
  }

  private static void requireTask(Path file, JsonNode eval) {
    if (!eval.path("model").isString()) {
      throw BadInputException.in(file, "is no log of Inspect AI: its \"eval\" names no model");
    }
  }

  private void archive(Path file, Log log) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      JsonNode eval = start(zip, file).path("eval");
      requireTask(file, eval);
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        if (entry.getName().startsWith("samples/") && entry.getName().endsWith(".json")) {
          take(file, eval, tree(zip, entry, file), 0, log);
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

  private static JsonNode start(ZipFile zip, Path file) throws IOException {
    ZipEntry header = zip.getEntry("header.json");
    ZipEntry start = header == null ? zip.getEntry("_journal/start.json") : header;
    if (start == null) {
      throw BadInputException.in(file, "is no log of Inspect AI: it has no header.json");
    }
    return tree(zip, start, file);
  }

  private static JsonNode tree(ZipFile zip, ZipEntry entry, Path file) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return JsonRecords.JSON.readTree(in);
    } catch (JacksonException e) {
      throw BadInputException.in(file, "holds a damaged " + entry.getName(), e);
    }
  }

  private void take(Path file, JsonNode eval, JsonNode sample, long line, Log log) {
    String task = JsonFields.text(eval.path("task"));
    String difference = differences.getOrDefault(file, "");
    String model = ModelRun.named(JsonFields.text(eval.path("model")), difference);
    List<String> all = JsonFields.texts(sample.path("choices"));
    List<String> right =
        JsonFields.texts(sample.path("target")).stream().map(target -> right(target, all)).toList();
    List<String> choices = Entry.offered(all, right);
    String asked = JsonFields.text(eval.path("model"));
    Entry entry =
        new Entry(task, sample)
            .question(
                JsonFields.text(sample.path("id")),
                Entry.withChoices(JsonFields.userText(sample.path("input")), choices))
            .reference(right.isEmpty() ? "" : right.getFirst(), choices)
            .measure(Measure.INPUT_TOKENS, tokens(sample, asked, "input_tokens"))
            .measure(Measure.OUTPUT_TOKENS, tokens(sample, asked, "output_tokens"))
            .measure(Measure.SECONDS, sample.path("total_time"))
            .output(written(sample.path("output")));
    score(entry, task, model, sample, line, log);
  }

  /// Tokens of a sample: those of all calls of the model that was asked, without those of graders;
  /// else of the last call. NaN where the log does not say it.
  private static double tokens(JsonNode sample, String model, String kind) {
    JsonNode usage = sample.path("model_usage");
    JsonNode own = usage.size() == 1 ? usage.iterator().next() : usage.path(model);
    double all = JsonFields.number(own.path(kind));
    return Double.isNaN(all)
        ? JsonFields.number(JsonFields.at(sample, "output.usage").path(kind))
        : all;
  }

  /// The choice of a letter, or the target itself.
  private static String right(String target, List<String> choices) {
    int index = target.matches("[A-Z]") ? target.charAt(0) - 'A' : -1;
    return index >= 0 && index < choices.size() ? choices.get(index) : target;
  }

  /// The scores of a sample by scorer; the first versions had one, without a name.
  private static JsonNode scores(JsonNode sample) {
    JsonNode one = sample.path("score");
    return sample.has("scores") || !one.isObject()
        ? sample.path("scores")
        : JsonRecords.JSON.createObjectNode().set("score", one);
  }

  /// What the model wrote in the end.
  private static String written(JsonNode output) {
    String completion = JsonFields.text(output.path("completion"));
    return completion.isEmpty()
        ? JsonFields.userText(output.path("choices").path(0).path("message"))
        : completion;
  }

  private void score(Entry entry, String task, String model, JsonNode sample, long line, Log log) {
    JsonNode scores = scores(sample);
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
    switch (JsonFields.text(value).strip()) {
      case "C" -> log.answer(entry, model, 1, line);
      case "P" -> log.answer(entry, model, PARTIAL, line);
      case "I", "N" -> log.answer(entry, model, 0, line);
      default -> other(entry, task, model, scores, value, line, log);
    }
  }

  /// A value that is none of Inspect's letters for correct, partial, incorrect and no answer.
  private void other(
      Entry entry, String task, String model, JsonNode scores, JsonNode value, long line, Log log) {
    double number = JsonFields.number(value);
    if (value.isString()
        && !Scores.isMissing(value.asString())
        && Double.isNaN(number)
        && Scores.score(value.asString()) == Scores.NOT_A_SCORE) {
      log.withoutScore(
          entry,
          model,
          line,
          "the value \"%s\" is no score: known are C, P, I, N, a number between 0 and 1, and words such as pass and fail; choose another scorer with --metric %s=NAME (%s), or import a table with a score"
              .formatted(value.asString(), task, String.join(", ", scores.propertyNames())));
    } else {
      log.answer(entry, model, value, line);
    }
  }
}
