package org.embedllm.dataset;

import java.io.IOException;
import java.nio.file.Path;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// The SHA-256 of a data set's file, and what its description states of it.
final class StatedDigest {
  private StatedDigest() {}

  static String of(Path file) {
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      return source.digest().sha256();
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  /// @throws BadInputException when the file is absent or has another digest
  static void require(Path file, String stated) {
    if (!stated.equals(of(file))) {
      throw BadInputException.in(
          file,
          "was altered: it does not have the digest that dataset.json states; import the data again");
    }
  }
}
