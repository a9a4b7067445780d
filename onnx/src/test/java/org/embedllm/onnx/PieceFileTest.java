package org.embedllm.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.storage.JsonTrees;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class PieceFileTest {
  private static final String WRITTEN =
      "706965636573203327976f9e0300000004000000050000000100000009000000"
          + "040000005bc3845d030000001000000006000000030000000000000007000000"
          + "0200000000000000010000000300000006000000000000000000000000000000"
          + "0000000000000000030000000000000000000000000000000000000000000000"
          + "0000000002000000000000000000000001000000610062000a00230023006300";

  @TempDir private Path folder;

  @Test
  void vocabulary_writtenAndRead_isTheSame() throws IOException {
    byte[] json;
    try (InputStream in =
        PieceFileTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      json = in.readAllBytes();
    }
    WordPieceVocabulary vocabulary = WordPieceVocabulary.read(json).orElseThrow();
    Path file = folder.resolve("sub/pieces");
    PieceFile.write(file, vocabulary);
    WordPieceVocabulary read = PieceFile.read(file).orElseThrow();
    assertThat(read.special()).isEqualTo(vocabulary.special()).isNotEmpty();
    assertThat(read.cls()).isEqualTo(vocabulary.cls());
    assertThat(read.sep()).isEqualTo(vocabulary.sep());
    assertThat(read.unknown()).isEqualTo(vocabulary.unknown());
    JsonNode pieces = JsonTrees.read(new String(json, UTF_8)).path("model").path("vocab");
    assertThat(pieces.size()).isGreaterThan(30_000);
    pieces.forEachEntry((piece, id) -> {
      boolean inside = piece.startsWith("##") && piece.length() > 2;
      String word = inside ? "a" + piece.substring(2) : piece;
      int from = inside ? 1 : 0;
      int found = read.pieces().longest(word, from);
      assertThat(read.pieces().id(found)).as(piece).isEqualTo(id.intValue());
      assertThat(read.pieces().length(found, from)).as(piece).isEqualTo(word.length() - from);
    });
  }

  private static byte[] written(Path file) throws IOException {
    Map<String, Integer> pieces = new LinkedHashMap<>();
    pieces.put("a", 0);
    pieces.put("b\n", 7);
    pieces.put("##c", 2);
    PieceFile.write(
        file, new WordPieceVocabulary(PieceTable.of(pieces), Map.of("[Ä]", 9), 3, 4, 5));
    return Files.readAllBytes(file);
  }

  @Test
  void vocabulary_ofAnyIdsAndCharacters_isKept() throws IOException {
    Path file = folder.resolve("pieces");
    written(file);
    WordPieceVocabulary read = PieceFile.read(file).orElseThrow();
    assertThat(read.pieces().id(read.pieces().longest("b\n", 0))).isEqualTo(7);
    assertThat(read.pieces().id(read.pieces().longest("ac", 1))).isEqualTo(2);
    assertThat(read.special()).containsExactly(Map.entry("[Ä]", 9));
    assertThat(read.cls()).isEqualTo(3);
    assertThat(read.sep()).isEqualTo(4);
    assertThat(read.unknown()).isEqualTo(5);
  }

  @Test
  void file_withAnyOtherByte_countsAsAbsent() throws IOException {
    Path file = folder.resolve("pieces");
    byte[] whole = written(file);
    assertThat(PieceFile.read(file)).isPresent();
    for (int at = 0; at < whole.length; at++) {
      byte[] altered = whole.clone();
      altered[at] ^= 1;
      Files.write(file, altered);
      assertThat(PieceFile.read(file)).as("byte %d", at).isEmpty();
    }
  }

  @Test
  void file_ofAnotherLength_countsAsAbsent_alsoWithTheRightChecksum() throws IOException {
    Path file = folder.resolve("pieces");
    assertThat(PieceFile.read(file)).isEmpty();
    byte[] whole = written(file);
    for (int length = 0; length <= whole.length + 4; length++) {
      byte[] altered = Arrays.copyOf(whole, length);
      if (length >= 12) {
        signed(altered);
      }
      Files.write(file, altered);
      assertThat(PieceFile.read(file).isPresent())
          .as("%d bytes", length)
          .isEqualTo(length == whole.length);
    }
  }

  @Test
  void numbersOfNoTable_areNoError() throws IOException {
    Path file = folder.resolve("pieces");
    byte[] whole = written(file);
    for (int at = 24; at + 4 <= whole.length; at += 4) {
      for (int size : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30}) {
        byte[] altered = whole.clone();
        ByteBuffer.wrap(altered).order(ByteOrder.LITTLE_ENDIAN).putInt(at, size);
        signed(altered);
        Files.write(file, altered);
        assertThatCode(() -> PieceFile.read(file).ifPresent(PieceFileTest::use))
            .as("%d at %d", size, at)
            .doesNotThrowAnyException();
      }
    }
  }

  private static void use(WordPieceVocabulary vocabulary) {
    for (String word : List.of("a", "b\n", "ac", "none", "cab", "z")) {
      for (int from = 0; from < word.length(); from++) {
        int piece = vocabulary.pieces().longest(word, from);
        if (piece != PieceTable.NONE) {
          vocabulary.pieces().id(piece);
          vocabulary.pieces().length(piece, from);
        }
      }
    }
  }

  /// Another hash or order of slots would not find the pieces of files that were written before.
  @Test
  void format_isTheOneOfFilesThatWereWrittenBefore() throws IOException {
    byte[] whole = written(folder.resolve("pieces"));
    assertThat(new String(whole, 0, 8, UTF_8)).isEqualTo("pieces 3");
    assertThat(HexFormat.of().formatHex(whole)).isEqualTo(WRITTEN);
  }

  private static void signed(byte[] file) {
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(8, PieceFile.checksum(file));
  }
}
