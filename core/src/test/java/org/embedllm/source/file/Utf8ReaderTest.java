package org.embedllm.source.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8ReaderTest {
  private static final String[] PIECES = {
    "a", "plain words of some length, then more", "é", "ß", "–", "日本語", "\uFEFF", "🙂🙂", "\0", "\n"
  };

  private static String text(Random random, int pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      String piece = PIECES[random.nextInt(PIECES.length)];
      text.append(piece.repeat(random.nextInt(40) == 0 ? 600 : 1));
    }
    return text.toString();
  }

  /// The bytes in pieces of at most `most`, as a slow source gives them.
  private static InputStream inPieces(byte[] bytes, int most) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(length, most));
      }
    };
  }

  private static String read(Reader reader, int most) throws IOException {
    StringBuilder read = new StringBuilder();
    char[] block = new char[most];
    for (int got = reader.read(block, 0, most); got >= 0; got = reader.read(block, 0, most)) {
      assertThat(got).isPositive();
      read.append(block, 0, got);
    }
    assertThat(reader.read()).isEqualTo(-1);
    return read.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1_000, 100_000})
  void text_inPiecesOfAnyLength_isReadWhole(int most) throws IOException {
    Random random = new Random(most);
    for (int round = 0; round < 10; round++) {
      String text = text(random, 300);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThat(read(new Utf8Reader(inPieces(bytes, most)), 1 + random.nextInt(3_000)))
          .isEqualTo(text);
      assertThat(read(new Utf8Reader(inPieces(bytes, 4_096)), most)).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // a continuation alone
        "c3", // an end inside a character
        "c341", // a character that another one interrupts
        "e28041", // the same after two bytes
        "c0af", // a longer form than needed
        "eda080", // half a surrogate pair
        "f5808080", // beyond Unicode
        "ff"
      })
  void bytes_thatAreNotUtf8_areRefused(String hex) {
    byte[] wrong = HexFormat.of().parseHex(hex);
    for (int before : new int[] {0, 5, 1_023, (1 << 16) - 1}) {
      byte[] bytes = new byte[before + wrong.length];
      Arrays.fill(bytes, (byte) 'x');
      System.arraycopy(wrong, 0, bytes, before, wrong.length);
      assertThatThrownBy(() -> read(new Utf8Reader(inPieces(bytes, 1 << 16)), 500))
          .isInstanceOf(CharacterCodingException.class);
    }
  }

  @Test
  void text_ofNothing_isAtItsEnd() throws IOException {
    assertThat(new Utf8Reader(inPieces(new byte[0], 9)).read()).isEqualTo(-1);
  }
}
