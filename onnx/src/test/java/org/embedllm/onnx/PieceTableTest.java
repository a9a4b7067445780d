package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PieceTableTest {
  @Test
  void longestPiece_isTheOneOfALook_atEveryLength() {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      ids.put((random.nextBoolean() ? "##" : "") + text(random, 1 + random.nextInt(5)), i);
    }
    PieceTable table = PieceTable.of(ids);
    for (int i = 0; i < 5_000; i++) {
      String word = text(random, 1 + random.nextInt(9));
      int from = random.nextInt(word.length());
      int end = word.length();
      String front = from == 0 ? "" : "##";
      while (end > from && !ids.containsKey(front + word.substring(from, end))) {
        end--;
      }
      int piece = table.longest(word, from);
      if (end == from) {
        assertThat(piece).isEqualTo(PieceTable.NONE);
      } else {
        assertThat(table.length(piece, from)).isEqualTo(end - from);
        assertThat(table.id(piece)).isEqualTo(ids.get(front + word.substring(from, end)));
      }
    }
  }

  /// Few characters, so that many words have pieces.
  private static String text(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < length; k++) {
      text.append("abcé#".charAt(random.nextInt(5)));
    }
    return text.toString();
  }

  /// A search that began at few places would take minutes.
  @Test
  void manyPieces_areFound() {
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < 300_000; i++) {
      ids.put(Integer.toString(i, 36), i);
    }
    PieceTable table = PieceTable.of(ids);
    ids.forEach((piece, id) -> assertThat(table.id(table.longest(piece, 0))).isEqualTo(id));
  }

  @Test
  void noPieces_haveNoLongest() {
    PieceTable none = PieceTable.of(Map.of());
    assertThat(none.longest("word", 0)).isEqualTo(PieceTable.NONE);
    assertThat(none.longest("word", 2)).isEqualTo(PieceTable.NONE);
  }
}
