package org.embedllm.source.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonDocument;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;

/// Runs of HELM: `per_instance_stats.json` with, in the same folder, `run_spec.json` (the model)
/// and `instances.json` or `scenario_state.json` (the questions).
public final class HelmLayout extends LogLayout {
  /// Statistics that say right or wrong, the most informative first.
  private static final List<String> METRICS =
      List.of(
          "final_number_exact_match",
          "math_equiv_chain_of_thought",
          "math_equiv",
          "chain_of_thought_correctness",
          "ifeval_strict_accuracy",
          "omni_math_accuracy",
          "exact_match",
          "quasi_exact_match",
          "prefix_exact_match",
          "code_eval_acc",
          "wildbench_score_rescaled",
          "f1_score");

  public HelmLayout(ImportOptions options) {
    super("helm", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return file.hasFields("instance_id", "train_trial_index", "stats");
  }

  /// A question of the run.
  private record Instance(JsonNode source, String text, String right, List<String> options) {}

  @Override
  void read(SourceFile file, Log log) throws IOException {
    JsonNode run = JsonDocument.read(beside(file, "run_spec.json"), List.of(""), Set.of(), NOTHING);
    String model = JsonFields.text(JsonFields.at(run, "adapter_spec.model"));
    String benchmark = benchmark(JsonFields.text(run.path("name")));
    Map<String, String> outputs = new HashMap<>();
    Map<String, Instance> instances = instances(file.path(), outputs);
    JsonDocument.read(
        file,
        List.of(),
        Set.of(),
        (line, before, record) -> {
          // A perturbed copy of an instance is no other question.
          if (record.path("perturbation").isObject()) {
            return;
          }
          String id = JsonFields.text(record.path("instance_id"));
          take(benchmark, model, record, id, instances.get(id), outputs, line, log);
        });
  }

  private static final JsonDocument.ElementConsumer NOTHING = (line, before, element) -> {};

  private static SourceFile beside(SourceFile file, String name) {
    Path path = file.path().resolveSibling(name);
    if (!Files.exists(path)) {
      throw BadInputException.in(file.path(), "needs %s of the same run beside it".formatted(name));
    }
    return SourceFile.open(path, ImportProgress.NONE);
  }

  /// A run's name without its model: `mmlu:subject=anatomy`.
  private static String benchmark(String run) {
    int colon = run.indexOf(':');
    if (colon < 0) {
      return run;
    }
    String rest =
        Arrays.stream(run.substring(colon + 1).split(","))
            .filter(part -> !part.matches("(model|model_deployment|data_augmentation)=.*"))
            .collect(Collectors.joining(","));
    return rest.isEmpty() ? run.substring(0, colon) : run.substring(0, colon) + ":" + rest;
  }

  private Map<String, Instance> instances(Path stats, Map<String, String> outputs)
      throws IOException {
    Map<String, Instance> instances = new HashMap<>();
    Path plain = stats.resolveSibling("instances.json");
    boolean states = options().outputsKept() || !Files.exists(plain);
    Path path = states ? stats.resolveSibling("scenario_state.json") : plain;
    if (!Files.exists(path)) {
      throw BadInputException.in(
          stats, "needs instances.json or scenario_state.json of the same run beside it");
    }
    try (SourceFile file = SourceFile.open(path, ImportProgress.NONE)) {
      JsonDocument.read(
          file,
          states ? List.of("request_states") : List.of(),
          Set.of(),
          (line, before, element) -> {
            JsonNode instance = states ? element.path("instance") : element;
            String id = JsonFields.text(instance.path("id"));
            if (!instance.path("perturbation").isObject() && !instances.containsKey(id)) {
              instances.put(id, instance(instance));
              JsonNode completion = JsonFields.at(element, "result.completions").path(0);
              outputs.put(id, JsonFields.text(completion.path("text")));
            }
          });
    }
    return instances;
  }

  private static Instance instance(JsonNode instance) {
    List<String> options =
        instance
            .path("references")
            .valueStream()
            .map(reference -> JsonFields.text(JsonFields.at(reference, "output.text")))
            .toList();
    List<String> right =
        instance
            .path("references")
            .valueStream()
            .filter(reference -> JsonFields.texts(reference.path("tags")).contains("correct"))
            .map(reference -> JsonFields.text(JsonFields.at(reference, "output.text")))
            .toList();
    List<String> choices = Entry.offered(options, right);
    String plain = JsonFields.text(JsonFields.at(instance, "input.text"));
    String text =
        plain.isEmpty() ? JsonFields.userText(JsonFields.at(instance, "input.messages")) : plain;
    return new Instance(
        instance,
        Entry.withChoices(text, choices),
        right.isEmpty() ? "" : right.getFirst(),
        choices);
  }

  private void take(
      String benchmark,
      String model,
      JsonNode record,
      String id,
      @org.jspecify.annotations.Nullable Instance instance,
      Map<String, String> outputs,
      long line,
      Log log) {
    Map<String, Double> stats = new LinkedHashMap<>();
    for (JsonNode stat : record.path("stats")) {
      if (JsonFields.at(stat, "name.perturbation").isObject()) {
        continue;
      }
      double mean = JsonFields.number(stat.path("mean"));
      double sum = JsonFields.number(stat.path("sum"));
      double count = JsonFields.number(stat.path("count"));
      double value = Double.isNaN(mean) ? sum / count : mean;
      if (!Double.isNaN(value)) {
        stats.putIfAbsent(JsonFields.text(JsonFields.at(stat, "name.name")), value);
      }
    }
    Entry entry =
        new Entry(benchmark, instance == null ? record : instance.source())
            .question(id, instance == null ? "" : instance.text())
            .measure(Measure.INPUT_TOKENS, first(stats, "num_prompt_tokens"))
            .measure(
                Measure.OUTPUT_TOKENS, first(stats, "num_completion_tokens", "num_output_tokens"))
            .measure(Measure.SECONDS, first(stats, "inference_runtime"))
            .output(outputs.getOrDefault(id, ""));
    if (instance != null) {
      entry.reference(instance.right(), instance.options());
    }
    Optional<String> asked = options().tasks().metric(benchmark);
    Optional<String> metric =
        asked.isPresent()
            ? asked.filter(stats::containsKey)
            : METRICS.stream().filter(stats::containsKey).findFirst();
    if (metric.isEmpty()) {
      log.withoutScore(
          entry,
          model,
          line,
          "has no known score; choose a statistic with --metric NAME (%s)"
              .formatted(String.join(", ", stats.keySet())));
      return;
    }
    double value = stats.getOrDefault(metric.get(), Double.NaN);
    // The known statistics are shares, whatever the scale of another one is.
    if (asked.isPresent()) {
      log.number(entry, model, value, line);
    } else {
      log.answer(entry, model, value, line);
    }
  }

  private static double first(Map<String, Double> stats, String... names) {
    return Arrays.stream(names)
        .filter(stats::containsKey)
        .mapToDouble(name -> stats.getOrDefault(name, Double.NaN))
        .findFirst()
        .orElse(Double.NaN);
  }
}
