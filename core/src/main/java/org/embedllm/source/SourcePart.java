package org.embedllm.source;

import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.file.FileDigest;

/// The source of a part of a data set.
///
/// @param file the file as it was named
/// @param format the name of its layout
/// @param bytes its size on disk
/// @param sha256 SHA-256 (hex) of its bytes on disk
/// @param rows answers read from it
/// @param part the part of the split that the file brought, if any
public record SourcePart(
    String file, String format, long bytes, String sha256, long rows, Optional<SplitPart> part) {
  /// A part that is one file.
  public static SourcePart of(FileDigest file, String format, long rows, Optional<SplitPart> part) {
    return new SourcePart(file.file().toString(), format, file.bytes(), file.sha256(), rows, part);
  }
}
