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
import org.embedllm.storage.AtomicFile;

/// A vocabulary as lines of text in the cache: it is read in a fifth of the time of the
/// `tokenizer.json` it comes from.
///
/// First a line `embedllm pieces 1 CLS SEP UNKNOWN SPECIAL` with three ids and the number of
/// special tokens, then a line `ID TOKEN` for each special token, then the pieces in the order of
/// their ids.
final class PieceFile {
  private static final String FORMAT = "embedllm pieces 1";
  private static final long MAX_BYTES = 64 << 20;

  private PieceFile() {}

  /// The vocabulary in a file; empty where there is none that can be read.
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
    String[] head = lines.getFirst().split(" ");
    if (head.length != 7 || !lines.getFirst().startsWith(FORMAT + " ")) {
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
    StringBuilder text = new StringBuilder(1 << 18);
    text.append(FORMAT)
        .append(' ')
        .append(vocabulary.cls())
        .append(' ')
        .append(vocabulary.sep())
        .append(' ')
        .append(vocabulary.unknown())
        .append(' ')
        .append(vocabulary.special().size());
    vocabulary
        .special()
        .forEach((token, id) -> text.append('\n').append(id).append(' ').append(token));
    Optional<List<String>> pieces = vocabulary.pieces();
    if (pieces.isEmpty()) {
      return;
    }
    pieces.get().forEach(piece -> text.append('\n').append(piece));
    try {
      AtomicFile.writeStream(
          file, out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (FileSystemException e) {
      // A read-only cache: the tokenizer.json is read each time.
      return;
    }
  }
}
