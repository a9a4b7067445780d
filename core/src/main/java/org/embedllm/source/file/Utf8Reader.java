package org.embedllm.source.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Strict UTF-8 as text. Runs of ASCII are copied eight bytes at a time.
///
/// [java.io.InputStreamReader] copies only up to the first other character of each of its buffers,
/// and takes the rest byte by byte.
final class Utf8Reader extends Reader {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long NOT_ASCII = 0x8080808080808080L;
  private static final int BLOCK_BYTES = 1 << 16;

  /// Bytes of other characters that are decoded at once.
  private static final int RUN_BYTES = 1 << 10;

  private final InputStream source;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final byte[] bytes = new byte[BLOCK_BYTES];
  private final ByteBuffer run = ByteBuffer.wrap(bytes);
  private final CharBuffer decoded = CharBuffer.allocate(RUN_BYTES).limit(0);
  private int at;
  private int end;
  private boolean ended;

  Utf8Reader(InputStream source) {
    this.source = source;
  }

  /// @throws CharacterCodingException where the bytes are not UTF-8
  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    int limit = offset + length;
    int filled = offset;
    while (filled < limit) {
      if (decoded.hasRemaining()) {
        int got = Math.min(decoded.remaining(), limit - filled);
        decoded.get(into, filled, got);
        filled += got;
      } else if (at < end) {
        int got = copyAscii(into, filled, Math.min(limit - filled, end - at));
        at += got;
        filled += got;
        if (filled < limit && at < end) {
          if (isTwoBytes()) {
            into[filled++] = (char) (((bytes[at] & 0x1f) << 6) | (bytes[at + 1] & 0x3f));
            at += 2;
          } else {
            decodeOther();
          }
        }
      } else if (filled > offset || !fill()) {
        break;
      }
    }
    return filled > offset || length == 0 ? filled - offset : -1;
  }

  /// Copies the ASCII characters that come next.
  ///
  /// @param most at most so many
  /// @return how many there were
  private int copyAscii(char[] into, int offset, int most) {
    int i = 0;
    while (i + Long.BYTES <= most && ((long) LONGS.get(bytes, at + i) & NOT_ASCII) == 0) {
      for (int k = 0; k < Long.BYTES; k++) {
        into[offset + i + k] = (char) bytes[at + i + k];
      }
      i += Long.BYTES;
    }
    while (i < most && bytes[at + i] >= 0) {
      into[offset + i] = (char) bytes[at + i];
      i++;
    }
    return i;
  }

  /// Whether a character of two bytes comes next: U+0080 to U+07FF, which holds most accents.
  private boolean isTwoBytes() {
    return (bytes[at] & 0xe0) == 0xc0
        && (bytes[at] & 0xff) >= 0xc2
        && at + 1 < end
        && (bytes[at + 1] & 0xc0) == 0x80;
  }

  /// Decodes the characters up to the next one of ASCII, as far as they are here.
  private void decodeOther() throws IOException {
    int stop = at;
    while (stop < end && bytes[stop] < 0 && stop - at < RUN_BYTES) {
      stop++;
    }
    boolean whole = stop < end ? bytes[stop] >= 0 : ended;
    CoderResult result =
        decoder.reset().decode(run.limit(stop).position(at), decoded.clear(), whole);
    if (result.isError()) {
      result.throwException();
    }
    decoded.flip();
    at = run.position();
    if (!decoded.hasRemaining()) {
      fill();
    }
  }

  /// Reads more, behind the bytes that are left.
  ///
  /// @return whether there are bytes
  private boolean fill() throws IOException {
    System.arraycopy(bytes, at, bytes, 0, end - at);
    end -= at;
    at = 0;
    int got = ended ? -1 : source.read(bytes, end, bytes.length - end);
    ended = got < 0;
    end += Math.max(got, 0);
    return at < end;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
