package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PieceFileTest {
  @TempDir private Path folder;

  @Test
  void vocabulary_writtenAndRead_isTheSame() throws IOException {
    WordPieceVocabulary vocabulary;
    try (InputStream in =
        PieceFileTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      vocabulary = WordPieceVocabulary.read(in.readAllBytes()).orElseThrow();
    }
    Path file = folder.resolve("sub/pieces");
    PieceFile.write(file, vocabulary);
    assertThat(PieceFile.read(file)).contains(vocabulary);
  }

  @Test
  void file_whoseIdsOrPiecesWereAltered_countsAsAbsent() throws IOException {
    Path file = folder.resolve("pieces");
    PieceFile.write(file, WordPieceVocabulary.of(List.of("a", "b", "c"), Map.of("c", 2), 0, 1, 2));
    String whole = Files.readString(file);
    assertThat(PieceFile.read(file)).isPresent();
    Files.writeString(file, whole.replace("pieces 2 0 1 2", "pieces 2 1 0 2"));
    assertThat(PieceFile.read(file)).isEmpty();
    Files.writeString(file, whole.replace("a\nb", "b\na"));
    assertThat(PieceFile.read(file)).isEmpty();
  }

  @Test
  void vocabulary_withGapsInItsIds_isNotKept() throws IOException {
    WordPieceVocabulary gaps =
        new WordPieceVocabulary(Map.of("a", 0, "b", 7), Map.of(), Map.of(), 1, 0, 0, 0);
    PieceFile.write(folder.resolve("pieces"), gaps);
    assertThat(folder.resolve("pieces")).doesNotExist();
    WordPieceVocabulary breaks = WordPieceVocabulary.of(List.of("a", "b\n"), Map.of(), 0, 0, 0);
    PieceFile.write(folder.resolve("pieces"), breaks);
    assertThat(folder.resolve("pieces")).doesNotExist();
  }

  @Test
  void file_thatIsDamaged_countsAsAbsent() throws IOException {
    Path file = folder.resolve("pieces");
    assertThat(PieceFile.read(file)).isEmpty();
    for (String text :
        List.of(
            "",
            "\n",
            "embedllm pieces 2 1 2 3",
            "embedllm pieces 1 1 2 3 0\na",
            "embedllm pieces 2 x 2 3 0\na",
            "embedllm pieces 2 1 2 3 9\na",
            "embedllm pieces 2 1 2 3 1\nno number")) {
      int first = text.contains("\n") ? text.indexOf('\n') : text.length();
      Files.writeString(
          file, text.substring(0, first) + " " + PieceFile.checksum(text) + text.substring(first));
      assertThat(PieceFile.read(file)).as(text).isEmpty();
      Files.writeString(file, text);
      assertThat(PieceFile.read(file)).as(text).isEmpty();
    }
  }
}
