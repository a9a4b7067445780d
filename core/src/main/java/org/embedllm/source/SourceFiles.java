package org.embedllm.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.file.FileDigest;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;

/// Reads the files of a source one after another. A file that is damaged costs the import what is
/// behind the damage; it is named among what was left out.
public final class SourceFiles {
  private final String format;
  private final Optional<SplitPart> part;
  private final AnswerSink sink;
  private final ImportProgress progress;
  private final List<SourcePart> parts = new ArrayList<>();

  /// @param format name of the layout
  /// @param part the part of a split that the source's name says it is
  public SourceFiles(
      String format, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    this.format = format;
    this.part = part;
    this.sink = sink;
    this.progress = progress;
  }

  /// Reads the records of one file.
  @FunctionalInterface
  public interface Reader {
    void read(SourceFile file) throws IOException;
  }

  /// Reads a file as far as it can be read.
  ///
  /// @param taken number of answers that the reader has taken
  public void read(Path path, Reader reader, LongSupplier taken) {
    try (SourceFile file = SourceFile.open(path, progress)) {
      reader.read(file);
      parts.add(SourcePart.of(file.digest(), format, taken.getAsLong(), part));
    } catch (IOException e) {
      damaged(path, SourceFile.failed(path, 0, e), taken.getAsLong());
    } catch (BadInputException e) {
      damaged(path, e, taken.getAsLong());
    }
  }

  private void damaged(Path path, BadInputException problem, long taken) {
    if (taken > 0) {
      parts.add(SourcePart.of(digest(path), format, taken, part));
    }
    sink.skip(
        String.valueOf(path.getFileName()),
        taken == 0
            ? "left out: " + problem.getMessage()
            : "%s; the %,d answers before it were read".formatted(problem.getMessage(), taken));
  }

  private static FileDigest digest(Path path) {
    try {
      return new FileDigest(path, Files.size(path), Sha256.of(path));
    } catch (IOException e) {
      throw SourceFile.failed(path, 0, e);
    }
  }

  /// The files of which anything was read.
  public List<SourcePart> parts() {
    return List.copyOf(parts);
  }
}
