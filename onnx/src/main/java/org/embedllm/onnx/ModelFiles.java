package org.embedllm.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;

/// Reads the files of a model, from disk or from the class path.
final class ModelFiles {
  private ModelFiles() {}

  /// All bytes of a file.
  static byte[] bytes(SentenceModel.ModelFile file) throws IOException {
    return switch (file) {
      case SentenceModel.ModelFile.OnDisk(Path path) -> Files.readAllBytes(path);
      case SentenceModel.ModelFile.Made(String content) -> content.getBytes(StandardCharsets.UTF_8);
      case SentenceModel.ModelFile.InJar jar -> {
        try (InputStream in = open(jar)) {
          yield in.readAllBytes();
        }
      }
    };
  }

  /// Writes a resource to a file.
  ///
  /// @throws BadInputException when its digest is another one
  static void unpack(SentenceModel.ModelFile.InJar jar, Path target) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = open(jar);
        OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
      in.transferTo(out);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(jar.sha256())) {
      throw BadInputException.of(
          "the weights in %s are not the expected ones: SHA-256 %s where %s is known"
              .formatted(jar.resource(), found, jar.sha256()));
    }
  }

  private static InputStream open(SentenceModel.ModelFile.InJar jar) {
    InputStream in = ModelFiles.class.getResourceAsStream("/" + jar.resource());
    if (in == null) {
      throw BadInputException.of(
          "the encoder's file %s is not on the class path: add the artifact %s"
              .formatted(jar.resource(), jar.artifact()));
    }
    return in;
  }
}
