package org.embedllm.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.file.ImportProgress;

/// A layout that answers come in. One object serves one import: what it learns from one source
/// holds for the next.
public interface SourceLayout {
  /// Its name, for `--format` and in `dataset.json`.
  String name();

  /// Whether a source has this layout, judged by its content.
  boolean recognises(SourcePreview source);

  /// The files of a source that it reads as logs; none where it reads tables.
  default List<Path> files(SourcePreview source) {
    return List.of();
  }

  /// Whether it reads tables whose columns the user may name; with named columns, a file is such a
  /// table.
  default boolean readsNamedColumns() {
    return false;
  }

  /// Called for each source of this layout before the first source of the import is read.
  ///
  /// @throws org.embedllm.storage.BadInputException when the source cannot be used
  default void announce(Path source) {}

  /// Reads a source.
  ///
  /// @param part the part of a split that the source's name says it is
  /// @return the files that were read
  /// @throws org.embedllm.storage.BadInputException when the source cannot be used
  List<SourcePart> read(
      Path source, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress);

  /// Called after the last source of the import.
  ///
  /// @throws org.embedllm.storage.BadInputException when the sources together lack something that
  ///   was asked for
  default void finish() {}
}
