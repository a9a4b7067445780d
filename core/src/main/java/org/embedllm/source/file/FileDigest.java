package org.embedllm.source.file;

import java.nio.file.Path;

/// What identifies a file's content.
///
/// @param file the file as it was named
/// @param bytes its size on disk
/// @param sha256 SHA-256 (hex) of its bytes on disk
public record FileDigest(Path file, long bytes, String sha256) {}
