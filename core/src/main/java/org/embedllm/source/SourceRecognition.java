package org.embedllm.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.correctness.SplitPart;
import org.embedllm.storage.BadInputException;

/// Recognizes the format of a source by its name, else by its first bytes.
final class SourceRecognition {
  private static final List<String> TABLE_ENDINGS =
      List.of(".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".parquet");

  private static final Pattern SHARD = Pattern.compile("-\\d+-of-\\d+\\.");

  private final ImportOptions options;

  SourceRecognition(ImportOptions options) {
    this.options = options;
  }

  /// The files to read for a source, in order, with the order files in its folder.
  record Found(
      List<AnswerReader> readers, Optional<Path> questionOrder, Optional<Path> modelOrder) {}

  Found recognise(Path source) {
    if (!Files.exists(source)) {
      throw BadInputException.in(source, "does not exist");
    }
    return Files.isDirectory(source) ? directory(source) : file(source);
  }

  private Found file(Path file) {
    SourceFile.requireReadableFile(file);
    return new Found(List.of(reader(file, partOf(file))), Optional.empty(), Optional.empty());
  }

  private AnswerReader reader(Path file, Optional<SplitPart> part) {
    SourceFormat format = options.format().orElseGet(() -> formatOf(file));
    return switch (format) {
      case CSV -> new CsvTableReader(file, part);
      case JSONL -> new JsonlTableReader(file, part);
      case PARQUET -> new ParquetTableReader(file, part);
      case LM_EVAL -> new LmEvalReader(file, List.of(file));
      case DATASET -> throw BadInputException.in(file, "is no data set directory");
    };
  }

  private static SourceFormat formatOf(Path file) {
    String name = lowerName(file);
    if (name.endsWith(".parquet")) {
      return SourceFormat.PARQUET;
    }
    if (name.endsWith(".csv") || name.endsWith(".csv.gz")) {
      return SourceFormat.CSV;
    }
    if (LmEvalFiles.isSamples(file)) {
      return SourceFormat.LM_EVAL;
    }
    return SourceStart.of(file).format();
  }

  private Found directory(Path folder) {
    if (!Files.isReadable(folder)) {
      throw BadInputException.in(folder, "cannot be read: permission denied");
    }
    if (DatasetDirectory.isDataset(folder)) {
      return new Found(List.of(new DatasetReader(folder)), Optional.empty(), Optional.empty());
    }
    if (options.format().equals(Optional.of(SourceFormat.LM_EVAL))) {
      return lmEval(folder, LmEvalFiles.samples(folder));
    }
    List<AnswerReader> readers = new ArrayList<>();
    for (SplitPart part : SplitPart.values()) {
      tables(folder, names(part)).forEach(file -> readers.add(reader(file, Optional.of(part))));
    }
    if (readers.isEmpty()) {
      tables(folder, List.of("responses"))
          .forEach(file -> readers.add(reader(file, Optional.empty())));
    }
    if (readers.isEmpty()) {
      return lmEval(folder, LmEvalFiles.samples(folder));
    }
    return new Found(readers, csv(folder, "question_order"), csv(folder, "model_order"));
  }

  private static Found lmEval(Path folder, List<Path> samples) {
    if (samples.isEmpty()) {
      throw nothingIn(folder);
    }
    return new Found(
        List.of(new LmEvalReader(folder, samples)), Optional.empty(), Optional.empty());
  }

  /// The table of one of some names, or all its shards (`train-00000-of-00002.parquet`).
  private static List<Path> tables(Path folder, List<String> stems) {
    List<Path> whole = new ArrayList<>();
    List<Path> shards = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : entries.filter(Files::isRegularFile).sorted().toList()) {
        boolean table = TABLE_ENDINGS.stream().anyMatch(lowerName(file)::endsWith);
        if (table && stems.contains(stem(file))) {
          (SHARD.matcher(lowerName(file)).find() ? shards : whole).add(file);
        }
      }
    } catch (IOException e) {
      throw SourceFile.failed(folder, 0, e);
    }
    List<Path> all = whole.isEmpty() ? shards : whole;
    if (whole.size() > 1 || (!whole.isEmpty() && !shards.isEmpty())) {
      throw BadInputException.in(
          folder,
          "holds both %s and %s; name the ones to import"
              .formatted(
                  whole.getFirst().getFileName(),
                  (shards.isEmpty() ? whole.getLast() : shards.getFirst()).getFileName()));
    }
    return all;
  }

  private static Optional<Path> csv(Path folder, String stem) {
    return Stream.of(stem + ".csv", stem + ".csv.gz")
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /// The part that a file's name says it is: `train.csv`, `val.jsonl`, `test.csv.gz`.
  static Optional<SplitPart> partOf(Path file) {
    for (SplitPart part : SplitPart.values()) {
      if (names(part).contains(stem(file))) {
        return Optional.of(part);
      }
    }
    return Optional.empty();
  }

  private static List<String> names(SplitPart part) {
    return switch (part) {
      case TRAIN -> List.of("train");
      case VALIDATION -> List.of("val", "validation", "valid", "dev");
      case TEST -> List.of("test");
    };
  }

  /// A table's name without its ending and its shard number.
  private static String stem(Path file) {
    String name = SHARD.matcher(lowerName(file)).replaceFirst(".");
    return name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
  }

  private static String lowerName(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
  }

  private static BadInputException nothingIn(Path folder) {
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries.limit(6).forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    } catch (IOException e) {
      throw SourceFile.failed(folder, 0, e);
    }
    return BadInputException.in(
        folder,
        "is a directory with nothing to import: no dataset.json, no train, val, test or responses"
            + " table, no samples_*.jsonl; it holds "
            + (names.isEmpty() ? "nothing" : String.join(", ", names)));
  }
}
