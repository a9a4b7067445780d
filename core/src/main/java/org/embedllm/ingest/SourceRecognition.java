package org.embedllm.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.TableOptions;
import org.embedllm.source.file.ShellWords;
import org.embedllm.source.file.SourceFile;
import org.embedllm.source.table.CsvTableLayout;
import org.embedllm.source.table.JsonlTableLayout;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.BadInputException;

/// Recognizes the format of a source by its name, else by its first bytes.
final class SourceRecognition {
  private static final List<String> TABLE_ENDINGS =
      List.of(
          ".csv",
          ".csv.gz",
          ".tsv",
          ".tsv.gz",
          ".jsonl",
          ".jsonl.gz",
          ".ndjson",
          ".ndjson.gz",
          ".parquet");

  /// A JSON file may be a table or anything else: where other tables are, it is none of them.
  private static final List<String> JSON_ENDINGS = List.of(".json", ".json.gz");

  private static final int SEARCH_DEPTH = 4;

  private static final Pattern SHARD = Pattern.compile("-\\d+-of-\\d+\\.");

  private final ImportOptions options;

  SourceRecognition(ImportOptions options) {
    this.options = options;
  }

  /// A file or folder, the layout that reads it, and the part of a split that its name says it is.
  record Reading(Path source, SourceLayout layout, Optional<SplitPart> part) {}

  /// What is to be read for a source, in order, and the order of models beside it.
  record Found(List<Reading> readings, Optional<Path> modelOrder) {}

  /// The order of questions beside the tables of a folder.
  static Optional<Path> questionOrder(Path source) {
    return Files.isDirectory(source) && !DatasetDirectory.isDataset(source)
        ? csv(source, "question_order")
        : Optional.empty();
  }

  /// @param layouts those to choose from, the most particular first
  Found recognise(Path source, List<SourceLayout> layouts) {
    if (!Files.exists(source)) {
      throw BadInputException.in(source, "does not exist" + AtomicDirectory.leftBehind(source));
    }
    return new Choice(layouts).of(source);
  }

  /// The choice among some layouts.
  private final class Choice {
    private final List<SourceLayout> layouts;

    Choice(List<SourceLayout> layouts) {
      this.layouts = layouts;
    }

    Found of(Path source) {
      if (Files.isDirectory(source)) {
        return folder(source);
      }
      SourceFile.requireReadableFile(source);
      return new Found(List.of(reading(source, partOf(source))), Optional.empty());
    }

    private Reading reading(Path file, Optional<SplitPart> part) {
      SourcePreview preview = new SourcePreview(file);
      SourceLayout layout =
          asked()
              .or(() -> recognised(preview))
              .orElseThrow(() -> BadInputException.in(file, "has no known layout"));
      boolean table = layout instanceof CsvTableLayout || layout instanceof JsonlTableLayout;
      if (table && options.format().isEmpty()) {
        ForeignFormat.problem(preview)
            .ifPresent(problem -> {
              throw BadInputException.in(file, problem);
            });
      }
      return new Reading(file, layout, part);
    }

    private Optional<SourceLayout> asked() {
      return options.format().map(this::named);
    }

    /// The layout of a name; `embedllm`, whose public tables are CSV, is another name of that.
    private SourceLayout named(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      String wanted = lower.equals("embedllm") ? CsvTableLayout.NAME : lower;
      return layouts.stream()
          .filter(layout -> layout.name().equals(wanted))
          .findFirst()
          .orElseThrow(() ->
              BadInputException.of(
                  "--format must be one of %s; got \"%s\""
                      .formatted(
                          String.join(", ", layouts.stream().map(SourceLayout::name).toList()),
                          name)));
    }

    private Optional<SourceLayout> recognised(SourcePreview source) {
      TableOptions table = options.table();
      boolean columnsNamed =
          !source.isFolder() && !(table.columns().isEmpty() && table.wide().isEmpty());
      return layouts.stream()
          .filter(layout -> !columnsNamed || layout.readsNamedColumns())
          .filter(layout -> layout.recognises(source))
          .findFirst();
    }

    /// Logs of a folder that another layout than the folder's reads, each on its own.
    private List<Reading> others(SourcePreview folder, SourceLayout chosen) {
      Set<Path> read = new HashSet<>(chosen.files(folder));
      if (read.isEmpty() || options.format().isPresent()) {
        return List.of();
      }
      List<Reading> others = new ArrayList<>();
      for (SourcePreview file : folder.previews()) {
        if (!read.contains(file.path())) {
          layouts.stream()
              .filter(
                  layout -> !layout.name().equals(chosen.name()) && !layout.files(file).isEmpty())
              .findFirst()
              .ifPresent(layout -> others.add(new Reading(file.path(), layout, Optional.empty())));
        }
      }
      return others;
    }

    private Found folder(Path folder) {
      if (!Files.isReadable(folder)) {
        throw BadInputException.in(folder, "cannot be read: permission denied");
      }
      SourcePreview preview = new SourcePreview(folder);
      Optional<SourceLayout> whole =
          DatasetDirectory.isDataset(folder)
              ? recognised(preview)
              : asked().filter(layout -> layout.recognises(preview));
      if (whole.isPresent()) {
        return ofFolder(folder, whole.get());
      }
      List<Reading> readings = new ArrayList<>();
      for (SplitPart part : SplitPart.values()) {
        tables(folder, names(part)).forEach(file -> readings.add(reading(file, Optional.of(part))));
      }
      if (readings.isEmpty()) {
        tables(folder, List.of("responses"))
            .forEach(file -> readings.add(reading(file, Optional.empty())));
      }
      if (readings.isEmpty()) {
        Optional<SourceLayout> layout = recognised(preview);
        if (layout.isPresent()) {
          readings.add(new Reading(folder, layout.get(), Optional.empty()));
          readings.addAll(others(preview, layout.get()));
          return new Found(readings, Optional.empty());
        }
        otherTables(folder).forEach(file -> readings.add(reading(file, Optional.empty())));
      }
      if (readings.isEmpty()) {
        throw nothingIn(folder);
      }
      return new Found(readings, csv(folder, "model_order"));
    }
  }

  private static Found ofFolder(Path folder, SourceLayout layout) {
    Reading reading = new Reading(folder, layout, Optional.empty());
    return new Found(List.of(reading), Optional.empty());
  }

  /// All tables of a folder in which no name says more; not the orders. JSON files are tables where
  /// they begin as an array, and where there is nothing else.
  private static List<Path> otherTables(Path folder) {
    List<Path> tables = new ArrayList<>();
    List<Path> json = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : entries.filter(Files::isRegularFile).sorted().toList()) {
        if (stem(file).endsWith("_order")) {
          continue;
        }
        if (ends(file, TABLE_ENDINGS) || (ends(file, JSON_ENDINGS) && isJsonArray(file))) {
          tables.add(file);
        } else if (ends(file, JSON_ENDINGS)) {
          json.add(file);
        }
      }
    } catch (IOException e) {
      throw SourceFile.failed(folder, 0, e);
    }
    return tables.isEmpty() ? json : tables;
  }

  private static boolean ends(Path file, List<String> endings) {
    return endings.stream().anyMatch(lowerName(file)::endsWith);
  }

  private static boolean isJsonArray(Path file) {
    try {
      return Files.size(file) > 0 && new SourcePreview(file).start().stripLeading().startsWith("[");
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  /// The table of one of some names, or all its shards (`train-00000-of-00002.parquet`).
  private static List<Path> tables(Path folder, List<String> stems) {
    List<Path> tables = tables(folder, stems, TABLE_ENDINGS);
    return tables.isEmpty() ? tables(folder, stems, JSON_ENDINGS) : tables;
  }

  private static List<Path> tables(Path folder, List<String> stems, List<String> endings) {
    List<Path> whole = new ArrayList<>();
    List<Path> shards = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : entries.filter(Files::isRegularFile).sorted().toList()) {
        if (ends(file, endings) && stems.contains(stem(file))) {
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
        "is a directory with nothing to import: no dataset.json, no table (.csv, .tsv,"
            + " .jsonl, .json, .parquet), no samples_*.jsonl; it holds "
            + (names.isEmpty() ? "nothing" : String.join(", ", names))
            + below(folder));
  }

  /// Where there are tables below a folder, and the command that imports them.
  private static String below(Path folder) {
    List<Path> tables = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(folder, SEARCH_DEPTH)) {
      for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
        Path parent = file.getParent();
        if (parent != null && !parent.equals(folder) && ends(file, TABLE_ENDINGS)) {
          tables.add(folder.relativize(file));
          String name = ShellWords.quoted(parent.toString());
          if (!folders.contains(name)) {
            folders.add(name);
          }
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return ""; // A folder below that cannot be read is no hint.
    }
    if (tables.isEmpty()) {
      return "";
    }
    return "; there are tables below it (%s%s); to read them: embedllm import %s --to DATASET"
        .formatted(
            String.join(", ", tables.stream().limit(3).map(Path::toString).toList()),
            tables.size() > 3 ? " and %,d more".formatted(tables.size() - 3) : "",
            String.join(" ", folders));
  }
}
