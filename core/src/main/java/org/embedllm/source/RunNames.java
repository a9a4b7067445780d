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
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What tells runs of one name apart. Runs whose arguments differ (quantization, revision, adapter)
/// are different models: `org/m [load_in_4bit=True]`.
public final class RunNames {
  /// A run.
  ///
  /// @param key what runs have in common that are to be told apart, such as the model's name
  /// @param name how the key is called in a warning
  /// @param arguments by name
  public record Run(String key, String name, Map<String, String> arguments, Path file) {
    public Run {
      arguments = Map.copyOf(arguments);
    }
  }

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

  private final String argumentsName;
  private final boolean noneIsUnknown;
  private final Map<String, Map<String, String>> first = new LinkedHashMap<>(); // by key

  /// @param argumentsName what the tool calls the arguments
  /// @param noneIsUnknown whether a run without arguments says nothing about them; otherwise it ran
  ///   with the defaults
  public RunNames(String argumentsName, boolean noneIsUnknown) {
    this.argumentsName = argumentsName;
    this.noneIsUnknown = noneIsUnknown;
  }

  /// What is to be put behind the name of each run, such as `load_in_4bit=True`; empty where
  /// nothing is. A name that an earlier source had belongs to its first run.
  ///
  /// @param warnings told which runs are kept apart
  public List<String> differences(List<Run> runs, Consumer<String> warnings) {
    Map<String, Set<Map<String, String>>> variants = new LinkedHashMap<>();
    Map<Map<String, String>, Path> places = new HashMap<>();
    Map<String, String> names = new HashMap<>();
    for (Run run : runs) {
      Map<String, String> way = relevant(run);
      variants.computeIfAbsent(run.key(), key -> new LinkedHashSet<>()).add(way);
      places.putIfAbsent(way, run.file());
      names.put(run.key(), run.name());
    }
    variants.forEach((key, ways) -> {
      if (noneIsUnknown) {
        ways.remove(Map.of());
      }
      if (first.containsKey(key)) {
        ways.add(first.getOrDefault(key, Map.of()));
      }
    });
    List<String> differences = new ArrayList<>();
    for (Run run : runs) {
      Set<Map<String, String>> ways = variants.getOrDefault(run.key(), Set.of());
      Map<String, String> own = relevant(run);
      boolean plain =
          (own.isEmpty() && (noneIsUnknown || !first.containsKey(run.key())))
              || own.equals(first.get(run.key()))
              || ways.size() < 2;
      differences.add(plain ? "" : differing(own, ways));
    }
    variants.forEach((key, ways) -> {
      if (ways.size() > 1) {
        warnings.accept(
            "%s: %d runs with different %s are kept apart: %s"
                .formatted(
                    names.getOrDefault(key, key),
                    ways.size(),
                    argumentsName,
                    ways.stream()
                        .map(way -> "[" + differing(way, ways) + "]" + place(places, way))
                        .collect(Collectors.joining(", "))));
      } else {
        ways.forEach(way -> first.putIfAbsent(key, way));
      }
    });
    return differences;
  }

  private static String place(Map<Map<String, String>, Path> places, Map<String, String> way) {
    Path file = places.get(way);
    return file == null ? "" : " in " + file;
  }

  private static Map<String, String> relevant(Run run) {
    Map<String, String> relevant = new TreeMap<>(run.arguments());
    relevant.keySet().removeAll(IRRELEVANT);
    return relevant;
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
