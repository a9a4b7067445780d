package org.embedllm.onnx;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.Sha256;

/// A large file of the cache, with a record of it beside it: `NAME.record`, which holds its bytes,
/// its time of change in nanoseconds, and its SHA-256.
///
/// Reading 90 MB at each start would take too long. So a file is unaltered where bytes and time are
/// those of the record; where they are not, the digest decides. An alteration that keeps both is
/// not noticed.
final class KeptFile {
  private static final String ENDING = ".record";

  private KeptFile() {}

  /// Records a file that was just made.
  static void record(Path file) throws IOException {
    record(file, Sha256.of(file));
  }

  private static void record(Path file, String digest) throws IOException {
    String text = look(file) + " " + digest + "\n";
    AtomicFile.writeStream(
        recordOf(file), out -> out.write(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /// Whether a file is there and is what was recorded; without a record it is not.
  static boolean isUnaltered(Path file) {
    try {
      if (!Files.isRegularFile(file) || !Files.isRegularFile(recordOf(file))) {
        return false;
      }
      String[] words = Files.readString(recordOf(file)).strip().split(" ");
      if (words.length != 3) {
        return false;
      }
      return look(file).equals(words[0] + " " + words[1]) || isSame(file, words[2]);
    } catch (IOException e) {
      return false;
    }
  }

  /// A copied or restored file has another time: it is recorded, so that it is read this once.
  private static boolean isSame(Path file, String digest) throws IOException {
    if (!Sha256.of(file).equals(digest)) {
      return false;
    }
    try {
      record(file, digest);
    } catch (IOException e) {
      return true; // A read-only cache: its file is read at each start.
    }
    return true;
  }

  private static String look(Path file) throws IOException {
    return Files.size(file) + " " + Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
  }

  private static Path recordOf(Path file) {
    return file.resolveSibling(file.getFileName() + ENDING);
  }
}
