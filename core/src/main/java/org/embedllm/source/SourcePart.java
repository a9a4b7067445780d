package org.embedllm.source;

import java.util.Optional;
import org.embedllm.correctness.SplitPart;

/// Where a part of a data set came from.
///
/// @param file the file as it was named
/// @param format its layout
/// @param bytes its size as it lies on disk
/// @param sha256 SHA-256 (hex) of its bytes as they lie on disk
/// @param rows answers read from it
/// @param part the part of the split that the file brought, if any
public record SourcePart(
    String file,
    SourceFormat format,
    long bytes,
    String sha256,
    long rows,
    Optional<SplitPart> part) {}
