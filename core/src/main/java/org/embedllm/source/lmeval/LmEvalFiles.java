package org.embedllm.source.lmeval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// The files that the lm-evaluation-harness writes: for each run of a model a
/// `results_<time>.json`, and with it a `samples_<task>_<time>.jsonl` for each task. Versions 0.4.0
/// to 0.4.2 wrote `results.json` and `<model_args>_<task>.jsonl`.
final class LmEvalFiles {
  private static final Pattern TIME =
      Pattern.compile("_(\\d{4}-\\d{2}-\\d{2}T\\d{2}[-:]\\d{2}[-:]\\d{2}(?:\\.\\d+)?)$");
  private static final Pattern SAMPLES = Pattern.compile("samples_(.+)\\.jsonl?(?:\\.gz)?");

  private LmEvalFiles() {}

  /// The sample files among the files of a folder.
  static List<Path> samples(List<Path> files) {
    Map<Path, Run> runs = new HashMap<>(); // by folder
    return files.stream().filter(file -> isSamples(file) || isFirst(file, runs)).toList();
  }

  static boolean isSamples(Path file) {
    return SAMPLES.matcher(name(file)).matches();
  }

  /// Whether a file is one of the first versions: JSON Lines with a results file beside it that
  /// names its task. Where that file is damaged, the samples tell what they are.
  private static boolean isFirst(Path file, Map<Path, Run> runs) {
    if (!name(file).endsWith(".jsonl")) {
      return false;
    }
    Run run = runs.computeIfAbsent(file.toAbsolutePath().resolveSibling(""), f -> runOf(file));
    return run.hasResults()
        && run.tasks()
            .map(tasks -> tasks.stream().anyMatch(task -> stem(file).endsWith("_" + task)))
            .orElseGet(() -> new SourcePreview(file).hasFields("doc_id", "doc"));
  }

  /// The run of a folder.
  ///
  /// @param tasks empty where the results cannot be read
  private record Run(boolean hasResults, Optional<List<String>> tasks) {}

  private static Run runOf(Path samples) {
    try {
      return new Run(results(samples).isPresent(), Optional.of(LmEvalRun.of(samples).tasks()));
    } catch (BadInputException e) {
      return new Run(results(samples).isPresent(), Optional.empty());
    }
  }

  private static String stem(Path file) {
    return name(file).replaceFirst("\\.jsonl?(?:\\.gz)?$", "");
  }

  /// The task in a sample file's name: `samples_<task>_<time>.jsonl`, in the first versions
  /// `<model>_<task>.jsonl`.
  ///
  /// @param known the tasks of the run, where they are known
  static String task(Path samples, List<String> known) {
    Matcher matcher = SAMPLES.matcher(name(samples));
    if (matcher.matches()) {
      return TIME.matcher(matcher.group(1)).replaceFirst("");
    }
    String stem = stem(samples);
    return known.stream()
        .filter(task -> stem.equals(task) || stem.endsWith("_" + task))
        .max(Comparator.comparingInt(String::length))
        .orElse(stem);
  }

  /// The results file of the same run: the one with the same time in its name, else the only one in
  /// the folder that is named so, else the only one that has results. (With `--output_path
  /// NAME.json` the first versions wrote NAME.json.)
  static Optional<Path> results(Path samples) {
    Path folder = samples.toAbsolutePath().getParent();
    if (folder == null) {
      return Optional.empty();
    }
    Optional<String> time = time(samples);
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> json =
          entries
              .filter(file -> name(file).endsWith(".json") && !isSamples(file))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      Optional<Path> sameRun =
          json.stream().filter(file -> time.isPresent() && time(file).equals(time)).findFirst();
      if (sameRun.isPresent()) {
        return sameRun;
      }
      List<Path> named = json.stream().filter(file -> name(file).startsWith("results")).toList();
      return named.isEmpty()
          ? only(json.stream().filter(LmEvalFiles::hasResults).toList())
          : only(named);
    } catch (IOException e) {
      throw SourceFile.failed(folder, 0, e);
    }
  }

  private static Optional<Path> only(List<Path> files) {
    return files.size() == 1 ? Optional.of(files.getFirst()) : Optional.empty();
  }

  private static boolean hasResults(Path file) {
    try {
      return new SourcePreview(file).hasFields("results", "configs");
    } catch (BadInputException e) {
      return false;
    }
  }

  private static Optional<String> time(Path file) {
    Matcher matcher = TIME.matcher(stem(file));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /// The name of the folder that a file is in.
  static String folderName(Path file) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    return folder == null ? "" : name(folder);
  }

  static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }
}
