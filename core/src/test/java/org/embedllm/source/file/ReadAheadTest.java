package org.embedllm.source.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadAheadTest {
  private static final int BLOCK = 1 << 18;

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 7 * BLOCK, 9 * BLOCK + 5})
  void stream_ofAnyLength_isReadWhole(int length) throws Exception {
    try (InputStream ahead = new ReadAhead(new ByteArrayInputStream(bytes(length)))) {
      assertThat(ahead.readAllBytes()).isEqualTo(bytes(length));
      assertThat(ahead.read()).isEqualTo(-1);
      assertThat(ahead.read(new byte[3])).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 3 * BLOCK, 8 * BLOCK + 1})
  void streamThatFails_failsForItsReaderToo(int after) throws Exception {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("disk gone");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            throw new IOException("disk gone");
          }
        };
    InputStream source = new SequenceInputStream(new ByteArrayInputStream(bytes(after)), failing);

    try (InputStream ahead = new ReadAhead(source)) {
      assertThatThrownBy(ahead::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessage("disk gone");
      assertThatThrownBy(ahead::read).hasMessage("disk gone");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50 * BLOCK})
  void stream_closedBeforeItsEnd_endsItsThread(int read) throws Exception {
    try (InputStream ahead = new ReadAhead(new ByteArrayInputStream(bytes(60 * BLOCK)))) {
      assertThat(ahead.readNBytes(read)).hasSize(read);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("read-ahead"));
  }
}
