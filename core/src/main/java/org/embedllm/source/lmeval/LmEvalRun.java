package org.embedllm.source.lmeval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One run of the lm-evaluation-harness: its model, and the metadata of its tasks.
///
/// @param model the model's name
/// @param arguments of the model, by name: how it was loaded
/// @param results the run's results file, or an empty object where there is none
record LmEvalRun(String model, Map<String, String> arguments, JsonNode results) {
  LmEvalRun {
    arguments = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
  }

  /// The filter of a task that has none.
  private static final String WITHOUT_FILTER = "none";

  /// Arguments that name a model, the most informative first: an adapter before its base.
  private static final List<String> NAMING =
      List.of("peft", "delta", "pretrained", "model", "path", "engine");

  /// The run that a sample file belongs to.
  ///
  /// @throws BadInputException when neither a results file nor the folder names the model
  static LmEvalRun of(Path samples) {
    Optional<Path> file = LmEvalFiles.results(samples);
    JsonNode results =
        file.map(LmEvalRun::read).orElseGet(() -> JsonRecords.JSON.createObjectNode());
    String model = modelOf(results).orElseGet(() -> folderName(samples));
    if (model.isEmpty()) {
      throw BadInputException.in(
          samples,
          "belongs to no known model: its folder has no results_*.json of the same run and"
              + " is not named after a model");
    }
    return new LmEvalRun(model, arguments(results), results);
  }

  /// Names of the tasks that the results file describes.
  List<String> tasks() {
    return results.path("configs").propertyStream().map(Map.Entry::getKey).toList();
  }

  /// Names of the filters of a task in the order in which its samples follow one another; empty
  /// where that is unknown.
  List<String> filters(String task) {
    if (config(task).isObject() && !config(task).has("filter_list")) {
      return List.of(WITHOUT_FILTER);
    }
    return config(task)
        .path("filter_list")
        .valueStream()
        .map(filter -> filter.path("name").asString(""))
        .toList();
  }

  /// Names of the metrics of a task in its own order; empty where they are unknown.
  List<String> metrics(String task) {
    return config(task)
        .path("metric_list")
        .valueStream()
        .map(metric -> metric.path("metric").asString(""))
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /// Whether less of a metric is better, such as a perplexity.
  boolean lowerIsBetter(String task, String metric) {
    JsonNode better = results.path("higher_is_better").path(task).path(metric);
    return better.isBoolean() && !better.asBoolean();
  }

  private JsonNode config(String task) {
    return results.path("configs").path(task);
  }

  private static JsonNode read(Path file) {
    try {
      JsonNode results = JsonRecords.JSON.readTree(Files.readString(file));
      if (results.isObject()) {
        return results;
      }
      throw BadInputException.in(file, "is empty or no JSON object; is the file incomplete?");
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    } catch (JacksonException e) {
      throw BadInputException.in(file, "is not valid JSON; is the file incomplete?", e);
    }
  }

  private static Optional<String> modelOf(JsonNode results) {
    Map<String, String> named = arguments(results);
    String name = results.path("model_name").asString("").strip();
    for (String key : NAMING) {
      name = name.isEmpty() ? named.getOrDefault(key, "") : name;
    }
    if (name.isEmpty()) {
      return Optional.empty();
    }
    // Checkpoints of one repository differ by revision only.
    String revision = named.getOrDefault("revision", "main");
    return Optional.of(revision.equals("main") ? name : name + "@" + revision);
  }

  private static Map<String, String> arguments(JsonNode results) {
    JsonNode arguments = results.path("config").path("model_args");
    return arguments.isObject() ? fromObject(arguments) : fromText(arguments.asString(""));
  }

  private static Map<String, String> fromObject(JsonNode arguments) {
    Map<String, String> named = new LinkedHashMap<>();
    arguments.forEachEntry((key, value) -> named.put(key, value.asString("").strip()));
    return named;
  }

  private static Map<String, String> fromText(String arguments) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String argument : arguments.split(",")) {
      int equals = argument.indexOf('=');
      if (equals > 0) {
        named.put(argument.substring(0, equals).strip(), argument.substring(equals + 1).strip());
      }
    }
    return named;
  }

  /// The harness names a run's folder after the model, with `__` for each run of characters that
  /// file names cannot have, the slash above all.
  private static String folderName(Path samples) {
    return LmEvalFiles.folderName(samples).replace("__", "/");
  }
}
