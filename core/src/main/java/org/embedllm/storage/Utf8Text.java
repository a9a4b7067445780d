package org.embedllm.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The text of a file, without a byte order mark. Bytes that are not UTF-8 are refused with their
/// line; Java's own readers replace them, or do not know the line.
public final class Utf8Text extends Reader {
  private final Path file;
  private final InputStream in;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
  private final CharBuffer chars = CharBuffer.allocate(1 << 14).flip();
  private long line = 1; // of what comes after `chars`
  private boolean atStart = true;
  private boolean ended; // all bytes are in `bytes`

  private Utf8Text(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /// @throws BadInputException when there is no such file
  public static Utf8Text open(Path file) throws IOException {
    try {
      return new Utf8Text(file, Files.newInputStream(file));
    } catch (NoSuchFileException e) {
      throw BadInputException.in(file, "does not exist", e);
    }
  }

  /// @param file what errors name
  /// @param in its bytes; closed with the text
  public static Utf8Text of(Path file, InputStream in) {
    return new Utf8Text(file, in);
  }

  /// @throws BadInputException where the bytes are not UTF-8
  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!chars.hasRemaining()) {
      if (ended && !bytes.hasRemaining()) {
        return -1;
      }
      decode();
    }
    int got = Math.min(length, chars.remaining());
    chars.get(into, offset, got);
    return got;
  }

  private void decode() throws IOException {
    if (!ended) {
      bytes.compact();
      int got = in.read(bytes.array(), bytes.position(), bytes.remaining());
      ended = got < 0;
      bytes.position(bytes.position() + Math.max(got, 0)).flip();
    }
    CoderResult result = decoder.decode(bytes, chars.clear(), ended);
    chars.flip();
    for (int i = 0; i < chars.limit(); i++) {
      line += chars.get(i) == '\n' ? 1 : 0;
    }
    if (result.isError()) {
      throw BadInputException.at(file, line, "is not valid UTF-8; convert the file to UTF-8");
    }
    if (atStart && chars.hasRemaining()) {
      atStart = false;
      chars.position(chars.get(0) == '\uFEFF' ? 1 : 0);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
