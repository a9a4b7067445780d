package org.embedllm.source.lmeval;

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

/// The names of the models of some runs. Runs that share a name but were loaded in different ways
/// (quantization, revision, adapter) are different models: `org/m [load_in_4bit=True]`.
final class LmEvalNames {
  /// Arguments that say where a model runs and not which model it is.
  private static final Set<String> IRRELEVANT =
      Set.of(
          "batch_size",
          "max_batch_size",
          "device",
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

  private final Map<String, Map<String, String>> first = new LinkedHashMap<>(); // by name

  /// The name of each run's model. A name that an earlier source had belongs to its first run.
  ///
  /// @param files of the runs, in the same order
  /// @param warnings told which runs are kept apart
  List<String> of(List<LmEvalRun> runs, List<Path> files, Consumer<String> warnings) {
    Map<String, Set<Map<String, String>>> variants = new LinkedHashMap<>();
    Map<Map<String, String>, Path> places = new HashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      Map<String, String> way = relevant(runs.get(i));
      variants.computeIfAbsent(runs.get(i).model(), name -> new LinkedHashSet<>()).add(way);
      places.putIfAbsent(way, files.get(i));
    }
    variants.forEach((name, ways) -> {
      ways.remove(Map.of()); // says nothing
      if (first.containsKey(name)) {
        ways.add(first.getOrDefault(name, Map.of()));
      }
    });
    List<String> names = new ArrayList<>();
    for (LmEvalRun run : runs) {
      Set<Map<String, String>> ways = variants.getOrDefault(run.model(), Set.of());
      Map<String, String> own = relevant(run);
      boolean plain = own.isEmpty() || own.equals(first.get(run.model())) || ways.size() < 2;
      names.add(plain ? run.model() : run.model() + " " + differing(own, ways));
    }
    variants.forEach((name, ways) -> {
      if (ways.size() > 1) {
        warnings.accept(
            "%s: %d runs with different model_args are kept apart: %s"
                .formatted(
                    name,
                    ways.size(),
                    ways.stream()
                        .map(way -> differing(way, ways) + place(places, way))
                        .collect(Collectors.joining(", "))));
      } else {
        ways.forEach(way -> first.putIfAbsent(name, way));
      }
    });
    return names;
  }

  private static String place(Map<Map<String, String>, Path> places, Map<String, String> way) {
    Path file = places.get(way);
    return file == null ? "" : " in " + file;
  }

  private static Map<String, String> relevant(LmEvalRun run) {
    Map<String, String> relevant = new TreeMap<>(run.arguments());
    relevant.keySet().removeAll(IRRELEVANT);
    return relevant;
  }

  /// The arguments of one way that another one has not, such as `[load_in_4bit=True]`.
  private static String differing(Map<String, String> own, Set<Map<String, String>> ways) {
    Set<String> keys = new LinkedHashSet<>();
    for (Map<String, String> way : ways) {
      keys.addAll(way.keySet());
    }
    return keys.stream()
        .filter(key -> ways.stream().map(way -> way.getOrDefault(key, "")).distinct().count() > 1)
        .sorted()
        .map(key -> key + "=" + own.getOrDefault(key, "default"))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
