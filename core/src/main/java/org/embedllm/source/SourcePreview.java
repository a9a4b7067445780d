package org.embedllm.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;

/// What a layout sees of a source before it is read: its name, how it begins, which files it holds.
public final class SourcePreview {
  private static final int START_BYTES = 1 << 14;

  private final Path path;
  private final boolean folder;
  private Optional<String> start = Optional.empty();
  private Optional<List<Path>> files = Optional.empty();

  /// @param path an existing file or folder
  public SourcePreview(Path path) {
    this.path = path;
    this.folder = Files.isDirectory(path);
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
      start = Optional.of(folder ? "" : read());
    }
    return start.get();
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

  private List<Path> walk() {
    try (Stream<Path> tree = Files.walk(path)) {
      return tree.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw SourceFile.failed(path, 0, e);
    }
  }
}
