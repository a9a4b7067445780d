package org.embedllm.source.file;

import java.nio.file.Path;

/// Hears how far an import is, from whichever thread reads.
@FunctionalInterface
public interface ImportProgress {
  /// Hears nothing.
  ImportProgress NONE = (file, bytesRead, totalBytes) -> {};

  /// Called now and then while a file is read.
  ///
  /// @param bytesRead bytes of the file read so far, as they lie on disk
  /// @param totalBytes size of the file
  void reading(Path file, long bytesRead, long totalBytes);
}
