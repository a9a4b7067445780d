package org.embedllm.source;

import java.util.Optional;
import org.embedllm.correctness.SplitPart;

/// The source of a part of a data set.
///
/// @param file the file as it was named
/// @param format its layout
/// @param bytes its size on disk
/// @param sha256 SHA-256 (hex) of its bytes on disk
/// @param rows answers read from it
/// @param part the part of the split that the file brought, if any
public record SourcePart(
    String file,
    SourceFormat format,
    long bytes,
    String sha256,
    long rows,
    Optional<SplitPart> part) {}
