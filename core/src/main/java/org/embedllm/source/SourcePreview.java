package org.embedllm.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonFieldNames;
import org.embedllm.source.file.ObjectRows;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// What a layout sees of a source before it is read: its name, how it begins, which files it holds.
public final class SourcePreview {
  private static final int START_BYTES = 1 << 14;
  private static final long FIELDS_BYTES = 4 << 20;
  private static final Pattern LOG =
      Pattern.compile("[^.].*\\.((jsonl?|ndjson|[ct]sv)(\\.gz)?|parquet|eval)");

  private final Path path;
  private final boolean folder;
  private final boolean tolerant; // one of many files of a folder
  private Optional<String> start = Optional.empty();
  private Optional<List<Path>> files = Optional.empty();
  private Optional<List<SourcePreview>> previews = Optional.empty();
  private Optional<List<String>> columns = Optional.empty();
  private Optional<Set<String>> fields = Optional.empty();
  private Optional<String> problem = Optional.empty();

  /// @param path an existing file or folder
  public SourcePreview(Path path) {
    this(path, false);
  }

  private SourcePreview(Path path, boolean tolerant) {
    this.path = path;
    this.folder = Files.isDirectory(path);
    this.tolerant = tolerant;
  }

  public Path path() {
    return path;
  }

  public boolean isFolder() {
    return folder;
  }

  /// The source's own name in lower case, without the folders above it.
  public String lowerName() {
    Path name = path.getFileName();
    return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
  }

  /// The first 16 KiB, unpacked, each byte as one character; empty for a folder.
  public String start() {
    if (start.isEmpty()) {
      start = Optional.of(folder ? "" : lookedInto(this::read, ""));
    }
    return start.get();
  }

  /// What a look into the file finds. A damaged file among many is one of no known layout.
  private <T> T lookedInto(Supplier<T> look, T otherwise) {
    try {
      return look.get();
    } catch (BadInputException e) {
      if (!tolerant) {
        throw e;
      }
      problem = Optional.of(e.getMessage());
      return otherwise;
    }
  }

  private String read() {
    try (SourceFile source = SourceFile.open(path, ImportProgress.NONE)) {
      return new String(source.bytes().readNBytes(START_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw SourceFile.failed(path, 0, e);
    }
  }

  /// Whether the file begins as a JSON object or array does.
  public boolean startsAsJson() {
    String text = start().stripLeading();
    return text.startsWith("{") || text.startsWith("[");
  }

  /// All regular files below a folder, sorted; the file itself where it is one.
  public List<Path> files() {
    if (files.isEmpty()) {
      files = Optional.of(folder ? walk() : List.of(path));
    }
    return files.get();
  }

  /// The files below a folder that may be logs by their names, each as what a layout sees of it;
  /// the file itself where it is one.
  public List<SourcePreview> previews() {
    if (previews.isEmpty()) {
      previews =
          Optional.of(
              folder
                  ? files().stream()
                      .filter(file -> LOG.matcher(String.valueOf(file.getFileName())).matches())
                      .map(file -> new SourcePreview(file, true))
                      .toList()
                  : List.of(this));
    }
    return previews.get();
  }

  /// Whether the file begins as JSON does, and its first 16 KiB or its first object have all of
  /// these field names.
  public boolean hasFields(String... names) {
    if (folder || isEmpty() || !startsAsJson()) {
      return false;
    }
    for (String name : names) {
      if (!start().contains('"' + name + '"') && !fields().contains(name)) {
        return false;
      }
    }
    return true;
  }

  /// Names of the fields of the first JSON object and of the objects in it, as far as they are in
  /// the first 4 MiB. A value before them, such as a long prompt or a list of ids, may be longer
  /// than [#start]; what is in a list has no name.
  public Set<String> fields() {
    if (fields.isEmpty()) {
      Set<String> names = new HashSet<>();
      if (!folder && !isEmpty() && startsAsJson()) {
        lookedInto(
            () -> {
              JsonFieldNames.read(
                  path,
                  FIELDS_BYTES,
                  (record, name) -> {
                    names.add(name.substring(name.lastIndexOf('.') + 1));
                    return record == 0;
                  });
              return names;
            },
            names);
      }
      fields = Optional.of(names);
    }
    return fields.get();
  }

  /// Names of the columns of a Parquet file; none where it is something else or cannot be read.
  public List<String> parquetColumns() {
    if (columns.isEmpty()) {
      boolean parquet = !folder && ObjectRows.isParquet(path) && !isEmpty();
      columns = Optional.of(parquet ? columnsOrNone() : List.of());
    }
    return columns.get();
  }

  private List<String> columnsOrNone() {
    try {
      return ObjectRows.parquetColumns(path);
    } catch (BadInputException e) {
      problem = Optional.of(e.getMessage());
      return List.of();
    }
  }

  /// Files below a folder that may be logs by their names and cannot be looked into, as paths
  /// within the folder, with what is wrong with each; as far as a layout wanted to look.
  public Map<String, String> damaged() {
    Map<String, String> problems = new LinkedHashMap<>();
    for (SourcePreview preview : previews()) {
      String name = path.relativize(preview.path).toString();
      preview.problem.ifPresent(problem -> problems.put(name, problem));
      if (preview.isEmpty()) {
        problems.put(name, "is empty or cannot be read");
      }
    }
    return problems;
  }

  /// Whether the file is a table of text by its name: CSV, TSV, JSON or JSON Lines.
  public boolean isTextTable() {
    return !folder && !isEmpty() && lowerName().matches(".*\\.([ct]sv|jsonl?|ndjson)(\\.gz)?");
  }

  private boolean isEmpty() {
    try {
      return Files.size(path) == 0 || !Files.isReadable(path);
    } catch (IOException e) {
      return true;
    }
  }

  private List<Path> walk() {
    try (Stream<Path> tree = Files.walk(path)) {
      return tree.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw SourceFile.failed(path, 0, e);
    }
  }
}
