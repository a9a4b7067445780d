package org.embedllm.onnx;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.embedllm.storage.AtomicFile;

/// A vocabulary in the cache, as arrays: it is read in a fraction of the time of the
/// `tokenizer.json` it comes from.
///
/// Little-endian: the 8 bytes `pieces 3`, the CRC-32 of all that follows (SHA-256 would take longer
/// than the reading), three ids (the token in front, the token at the end, the unknown word), the
/// number of special tokens, each with its id, its length in bytes and its UTF-8, and the
/// [PieceTable].
final class PieceFile {
  private static final long FORMAT =
      ByteBuffer.wrap("pieces 3".getBytes(StandardCharsets.US_ASCII))
          .order(ByteOrder.LITTLE_ENDIAN)
          .getLong();
  private static final long MAX_BYTES = 64 << 20;
  private static final int HEAD = Long.BYTES + Integer.BYTES;

  private PieceFile() {}

  /// The vocabulary in a file; empty where there is none, or it was altered.
  static Optional<WordPieceVocabulary> read(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.getLong() != FORMAT || bytes.getInt() != checksum(bytes.array())) {
        return Optional.empty();
      }
      int cls = bytes.getInt();
      int sep = bytes.getInt();
      int unknown = bytes.getInt();
      Map<String, Integer> special = new HashMap<>();
      for (int left = bytes.getInt(); left > 0; left--) {
        int id = bytes.getInt();
        int length = bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
          return Optional.empty();
        }
        byte[] token = new byte[length];
        bytes.get(token);
        special.put(new String(token, StandardCharsets.UTF_8), id);
      }
      PieceTable pieces = PieceTable.read(bytes);
      return bytes.hasRemaining()
          ? Optional.empty()
          : Optional.of(new WordPieceVocabulary(pieces, special, cls, sep, unknown));
    } catch (IOException | BufferUnderflowException | IllegalArgumentException e) {
      // A damaged cache is made again from the tokenizer.json.
      return Optional.empty();
    }
  }

  /// CRC-32 of a file behind its head.
  static int checksum(byte[] file) {
    CRC32 sum = new CRC32();
    sum.update(file, HEAD, file.length - HEAD);
    return (int) sum.getValue();
  }

  /// Keeps a vocabulary; does nothing where the folder cannot be written.
  static void write(Path file, WordPieceVocabulary vocabulary) throws IOException {
    Map<String, Integer> special = vocabulary.special();
    int tokens = special.keySet().stream().mapToInt(t -> 2 * Integer.BYTES + utf8(t).length).sum();
    ByteBuffer bytes =
        ByteBuffer.allocate(HEAD + 4 * Integer.BYTES + tokens + vocabulary.pieces().bytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(HEAD);
    bytes.putInt(vocabulary.cls()).putInt(vocabulary.sep()).putInt(vocabulary.unknown());
    bytes.putInt(special.size());
    special.forEach((token, id) -> {
      byte[] text = utf8(token);
      bytes.putInt(id).putInt(text.length).put(text);
    });
    vocabulary.pieces().write(bytes);
    bytes.putLong(0, FORMAT).putInt(Long.BYTES, checksum(bytes.array()));
    try {
      AtomicFile.writeStream(file, out -> out.write(bytes.array()));
    } catch (FileSystemException e) {
      // A read-only cache: the tokenizer.json is read each time.
      return;
    }
  }

  private static byte[] utf8(String token) {
    return token.getBytes(StandardCharsets.UTF_8);
  }
}
