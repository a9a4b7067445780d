package org.embedllm.onnx;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.embedllm.storage.AtomicFile;

/// A vocabulary as lines of text in the cache: it is read in a fifth of the time of the
/// `tokenizer.json` it comes from.
///
/// First a line `embedllm pieces 2 CLS SEP UNKNOWN SPECIAL CRC32` with three ids, the number of
/// special tokens and a checksum of all the rest of the file (SHA-256 would take longer than the
/// reading), then a line `ID TOKEN` for each special token, then the pieces in the order of their
/// ids.
final class PieceFile {
  private static final String FORMAT = "embedllm pieces 2";
  private static final long MAX_BYTES = 64 << 20;

  private PieceFile() {}

  /// The vocabulary in a file; empty where there is none, or it was altered.
  static Optional<WordPieceVocabulary> read(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      return parse(Files.readString(file));
    } catch (IOException | NumberFormatException e) {
      // A damaged cache is made again from the tokenizer.json.
      return Optional.empty();
    }
  }

  private static Optional<WordPieceVocabulary> parse(String text) {
    List<String> lines = lines(text);
    String first = lines.getFirst();
    String[] head = first.split(" ");
    if (head.length != 8 || !first.startsWith(FORMAT + " ")) {
      return Optional.empty();
    }
    String rest = first.substring(0, first.lastIndexOf(' ')) + text.substring(first.length());
    if (!checksum(rest).equals(head[7])) {
      return Optional.empty();
    }
    int specials = Integer.parseInt(head[6]);
    if (specials < 0 || specials >= lines.size()) {
      return Optional.empty();
    }
    Map<String, Integer> special = new HashMap<>();
    for (String line : lines.subList(1, 1 + specials)) {
      int space = line.indexOf(' ');
      special.put(line.substring(space + 1), Integer.parseInt(line, 0, Math.max(0, space), 10));
    }
    return Optional.of(
        WordPieceVocabulary.of(
            lines.subList(1 + specials, lines.size()),
            special,
            Integer.parseInt(head[3]),
            Integer.parseInt(head[4]),
            Integer.parseInt(head[5])));
  }

  /// CRC-32 of a text's UTF-8 bytes, in hexadecimal.
  static String checksum(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(sum.getValue());
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>(1 << 15);
    int begin = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      lines.add(text.substring(begin, end));
      begin = end + 1;
    }
    lines.add(text.substring(begin));
    return lines;
  }

  /// Keeps a vocabulary; does nothing where the folder cannot be written.
  static void write(Path file, WordPieceVocabulary vocabulary) throws IOException {
    Optional<List<String>> pieces = vocabulary.pieces();
    if (pieces.isEmpty()) {
      return;
    }
    String head =
        "%s %d %d %d %d"
            .formatted(
                FORMAT,
                vocabulary.cls(),
                vocabulary.sep(),
                vocabulary.unknown(),
                vocabulary.special().size());
    StringBuilder lines = new StringBuilder(1 << 18);
    vocabulary
        .special()
        .forEach((token, id) -> lines.append('\n').append(id).append(' ').append(token));
    pieces.get().forEach(piece -> lines.append('\n').append(piece));
    String text = head + " " + checksum(head + lines) + lines;
    try {
      AtomicFile.writeStream(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    } catch (FileSystemException e) {
      // A read-only cache: the tokenizer.json is read each time.
      return;
    }
  }
}
