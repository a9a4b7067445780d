package org.embedllm.source.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// Texts of answers while they are gathered: in a temporary file, which is gone with the process or
/// when this is closed.
public final class TextSpool implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final FileChannel channel;
  private final Path file;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private long[] ends = new long[1 << 10]; // end of each text in the file
  private int count;
  private long length;
  private long flushed;

  public TextSpool() {
    try {
      file = Files.createTempFile("embedllm-outputs", ".tmp");
    } catch (IOException e) {
      throw SourceFile.failed(Path.of(System.getProperty("java.io.tmpdir", ".")), 0, e);
    }
    try {
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  /// Keeps a text.
  ///
  /// @return its number
  public int add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      if (bytes.length > buffer.remaining()) {
        flush();
      }
      if (bytes.length > buffer.remaining()) {
        writeFully(ByteBuffer.wrap(bytes));
      } else {
        buffer.put(bytes);
      }
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
    length += bytes.length;
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count + (count >> 1));
    }
    ends[count] = length;
    return count++;
  }

  private void flush() throws IOException {
    writeFully(buffer.flip());
    buffer.clear();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      flushed += channel.write(bytes);
    }
  }

  /// A text that was kept.
  ///
  /// @param number as [#add] gave it
  public String text(int number) {
    long start = number == 0 ? 0 : ends[number - 1];
    ByteBuffer bytes = ByteBuffer.allocate((int) (ends[number] - start));
    try {
      if (ends[number] > flushed) {
        flush();
      }
      while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) >= 0) {
        // Reads on until the text is whole.
      }
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }
}
