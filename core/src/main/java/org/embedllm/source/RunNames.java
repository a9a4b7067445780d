package org.embedllm.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What tells runs of one name apart, for all sources of one import. Runs whose arguments differ
/// (quantization, revision, adapter) are different models: `org/m [load_in_4bit=True]`. The runs of
/// an earlier data set count too.
public final class RunNames {
  /// A run as a log has it.
  ///
  /// @param format name of the log's layout
  /// @param model the model's name
  /// @param task the task whose arguments these are; empty where they are the model's own
  /// @param arguments by name
  public record Run(
      String format, String model, String task, Map<String, String> arguments, Path file) {
    public Run {
      arguments = Map.copyOf(arguments);
    }

    private Subject subject() {
      return new Subject(format, model, task);
    }
  }

  /// What runs have in common that are to be told apart.
  private record Subject(String format, String model, String task) {
    String name() {
      return task.isEmpty() ? model : model + " in " + task;
    }

    String argumentsName() {
      return task.isEmpty() ? "model_args" : "task_args";
    }
  }

  private record OldModel(String format, String model) {}

  /// Arguments that say where a model runs and not which model it is.
  private static final Set<String> IRRELEVANT =
      Set.of(
          "batch_size",
          "max_batch_size",
          "device",
          "api_key",
          "base_url",
          "max_connections",
          "device_map_option",
          "parallelize",
          "num_concurrent",
          "max_retries",
          "timeout",
          "trust_remote_code",
          "cache_dir",
          "offload_folder",
          "max_memory_per_gpu",
          "max_cpu_memory",
          "low_cpu_mem_usage",
          "tensor_parallel_size",
          "data_parallel_size",
          "gpu_memory_utilization",
          "swap_space",
          "token",
          "use_fast_tokenizer",
          "verify_certificate",
          "seed");

  /// The difference of each way to run, by the arguments.
  private final Map<Subject, Map<Map<String, String>, String>> known = new LinkedHashMap<>();

  /// Data sets that do not say how a model of theirs ran.
  private final Map<OldModel, Path> unknown = new HashMap<>();

  /// Takes the runs of a data set. One that has the name of another, with other arguments, gets a
  /// difference; one with known arguments gets theirs.
  ///
  /// @return the runs as they are called here, in the same order
  public List<ModelRun> keep(List<ModelRun> runs) {
    List<ModelRun> renamed = new ArrayList<>();
    for (ModelRun run : runs) {
      Map<Map<String, String>, String> ways =
          known.computeIfAbsent(
              new Subject(run.format(), run.model(), run.task()), s -> new LinkedHashMap<>());
      String difference = ways.getOrDefault(run.arguments(), run.difference());
      if (!ways.containsKey(run.arguments()) && ways.containsValue(difference)) {
        difference = differing(run.arguments(), with(ways.keySet(), run.arguments()));
      }
      ways.put(run.arguments(), difference);
      renamed.add(run.withDifference(difference));
    }
    return renamed;
  }

  /// Takes note of a model of a data set that does not say with which arguments it ran.
  ///
  /// @param format name of the layout that the data set was imported from
  public void keepUnknown(String format, String model, Path dataset) {
    unknown.putIfAbsent(new OldModel(format, model), dataset);
  }

  /// What is to be put behind the name of each run, such as `load_in_4bit=True`; empty where
  /// nothing is. A name that an earlier source had belongs to its first run.
  ///
  /// @param noneIsUnknown whether a run without arguments says nothing about them; otherwise it ran
  ///   with the defaults
  /// @param sink told how the models ran, and which runs are kept apart
  public List<String> differences(List<Run> runs, boolean noneIsUnknown, AnswerSink sink) {
    Map<Subject, Map<Map<String, String>, Path>> met = new LinkedHashMap<>();
    for (Run run : runs) {
      Map<Map<String, String>, Path> ways =
          met.computeIfAbsent(run.subject(), s -> new LinkedHashMap<>());
      Map<String, String> way = relevant(run);
      if (!way.isEmpty() || !noneIsUnknown) {
        ways.putIfAbsent(way, run.file());
      }
    }
    met.forEach((subject, ways) -> tellApart(subject, ways, sink));
    return runs.stream()
        .map(run -> known.getOrDefault(run.subject(), Map.of()).getOrDefault(relevant(run), ""))
        .toList();
  }

  private void tellApart(Subject subject, Map<Map<String, String>, Path> met, AnswerSink sink) {
    Map<Map<String, String>, String> ways =
        known.computeIfAbsent(subject, s -> new LinkedHashMap<>());
    Set<Map<String, String>> all = new LinkedHashSet<>(ways.keySet());
    all.addAll(met.keySet());
    met.forEach((way, file) -> {
      boolean plain = all.size() < 2 || (way.isEmpty() && !ways.containsValue(""));
      String difference = ways.computeIfAbsent(way, w -> plain ? "" : differing(w, all));
      var run = new ModelRun(subject.format(), subject.model(), subject.task(), way, difference);
      sink.run(run);
      Path dataset = unknown.get(new OldModel(subject.format(), run.name()));
      if (dataset != null) {
        sink.warn(
            "%s: %s does not say with which %s it ran; its answers and those of %s count as one model's"
                .formatted(run.name(), dataset, subject.argumentsName(), file));
      }
    });
    if (all.size() > 1 && !met.isEmpty()) {
      sink.warn(
          "%s: %d runs with different %s are kept apart: %s"
              .formatted(
                  subject.name(),
                  all.size(),
                  subject.argumentsName(),
                  all.stream()
                      .map(way -> "[" + differing(way, all) + "]" + place(met.get(way)))
                      .collect(Collectors.joining(", "))));
    }
  }

  private static String place(@Nullable Path file) {
    return file == null ? "" : " in " + file;
  }

  private static Map<String, String> relevant(Run run) {
    Map<String, String> relevant = new TreeMap<>(run.arguments());
    relevant.keySet().removeAll(IRRELEVANT);
    return relevant;
  }

  private static Set<Map<String, String>> with(
      Set<Map<String, String>> ways, Map<String, String> way) {
    Set<Map<String, String>> all = new LinkedHashSet<>(ways);
    all.add(way);
    return all;
  }

  /// The arguments of one way that another one has not, such as `load_in_4bit=True`.
  private static String differing(Map<String, String> own, Set<Map<String, String>> ways) {
    Set<String> keys = new LinkedHashSet<>();
    for (Map<String, String> way : ways) {
      keys.addAll(way.keySet());
    }
    return keys.stream()
        .filter(key -> ways.stream().map(way -> way.getOrDefault(key, "")).distinct().count() > 1)
        .sorted()
        .map(key -> key + "=" + own.getOrDefault(key, "default"))
        .collect(Collectors.joining(", "));
  }
}
