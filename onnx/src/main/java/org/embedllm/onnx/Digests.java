package org.embedllm.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 of files and texts, in hexadecimal.
final class Digests {
  private Digests() {}

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  static String of(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  static String ofFile(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// The digest of a sentence encoder, over everything that its vectors depend on.
  static String ofEncoder(
      String weights,
      String tokenizer,
      int maxTokens,
      java.util.List<Pooling> poolings,
      boolean normalized,
      boolean lowerCased,
      String prompt) {
    return of(
        String.join(
            "\n",
            "sentence encoder 1",
            weights,
            tokenizer,
            Integer.toString(maxTokens),
            poolings.toString(),
            Boolean.toString(normalized),
            Boolean.toString(lowerCased),
            prompt));
  }
}
