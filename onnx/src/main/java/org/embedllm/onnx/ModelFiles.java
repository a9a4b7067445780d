package org.embedllm.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;

/// Gets at the files of a model, and keeps what comes out of a jar unpacked: inflating 90 MB takes
/// longer than loading them.
final class ModelFiles {
  private final Path cache;

  ModelFiles(Path cache) {
    this.cache = cache;
  }

  /// All bytes of a file.
  byte[] bytes(SentenceModel.ModelFile file) throws IOException {
    return switch (file) {
      case SentenceModel.ModelFile.OnDisk(Path path) -> Files.readAllBytes(path);
      case SentenceModel.ModelFile.InJar jar -> {
        try (InputStream in = open(jar)) {
          yield in.readAllBytes();
        }
      }
    };
  }

  /// The file as a path; what comes out of a jar is unpacked on first use. Empty where the cache
  /// folder cannot be written.
  Optional<Path> path(SentenceModel.ModelFile file) throws IOException {
    return switch (file) {
      case SentenceModel.ModelFile.OnDisk(Path path) -> Optional.of(path);
      case SentenceModel.ModelFile.InJar jar -> unpacked(jar);
    };
  }

  /// Whether a resource is on the class path.
  static boolean exists(SentenceModel.ModelFile.InJar jar) {
    return ModelFiles.class.getResource("/" + jar.resource()) != null;
  }

  private Optional<Path> unpacked(SentenceModel.ModelFile.InJar jar) throws IOException {
    Path target = cache.resolve("encoders").resolve(jar.name());
    if (Files.isRegularFile(target)) {
      return Optional.of(target);
    }
    try {
      MessageDigest digest = Digests.sha256();
      AtomicFile.writeStream(
          target,
          out -> {
            try (InputStream in = open(jar)) {
              var checked = new DigestOutputStream(out, digest);
              in.transferTo(checked);
              checked.flush();
            }
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(jar.sha256())) {
              throw BadInputException.of(
                  "the weights in %s are not the expected ones: SHA-256 %s where %s is known"
                      .formatted(jar.resource(), found, jar.sha256()));
            }
          });
      return Optional.of(target);
    } catch (java.nio.file.FileSystemException e) {
      // A read-only or full disk: the caller reads the weights from the jar each time.
      return Optional.empty();
    }
  }

  private static InputStream open(SentenceModel.ModelFile.InJar jar) throws IOException {
    InputStream in = ModelFiles.class.getResourceAsStream("/" + jar.resource());
    if (in == null) {
      throw new IOException("resource " + jar.resource() + " is not on the class path");
    }
    return in;
  }
}
