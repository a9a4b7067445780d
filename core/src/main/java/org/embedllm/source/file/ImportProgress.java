package org.embedllm.source.file;

import java.nio.file.Path;

/// Is told the progress of an import, on any reading thread.
@FunctionalInterface
public interface ImportProgress {
  /// Hears nothing.
  ImportProgress NONE = (file, bytesRead, totalBytes) -> {};

  /// Called now and then while a file is read.
  ///
  /// @param bytesRead bytes of the stored file read so far
  /// @param totalBytes size of the file
  void reading(Path file, long bytesRead, long totalBytes);
}
