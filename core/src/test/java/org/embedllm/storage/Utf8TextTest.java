package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8TextTest {
  private static final Path FILE = Path.of("f.csv");

  /// The text of bytes that come in pieces of at most `most`.
  private static String read(byte[] bytes, int most) throws IOException {
    StringWriter read = new StringWriter();
    var in =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, most));
          }
        };
    try (Utf8Text text = Utf8Text.of(FILE, in)) {
      text.transferTo(read);
    }
    return read.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1_000, 1 << 20})
  void text_inPiecesOfAnyLength_isReadWhole(int most) throws IOException {
    String text = "a,é,日本語,🙂\n".repeat(9_000) + "\uFEFFend";
    assertThat(read(text.getBytes(StandardCharsets.UTF_8), most)).isEqualTo(text);
    assertThat(read(("\uFEFF" + text).getBytes(StandardCharsets.UTF_8), most)).isEqualTo(text);
    assertThat(read(new byte[0], most)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5_000, 40_000, 100_000})
  void byte_thatIsNotUtf8_isRefusedWithItsLine(int linesBefore) {
    byte[] text = "é,1\n".repeat(linesBefore + 10).getBytes(StandardCharsets.UTF_8);
    text[5 * linesBefore + 1] = 'x'; // the second byte of the first character of a line
    for (int most : new int[] {3, 1 << 20}) {
      assertThatThrownBy(() -> read(text, most))
          .isInstanceOf(BadInputException.class)
          .hasMessage(
              "f.csv:%d: is not valid UTF-8; convert the file to UTF-8".formatted(linesBefore + 1));
    }
  }

  @Test
  void text_thatEndsInsideACharacter_isRefused() {
    byte[] text = "a\né".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> read(Arrays.copyOf(text, text.length - 1), 9))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("f.csv:2: is not valid UTF-8");
  }
}
