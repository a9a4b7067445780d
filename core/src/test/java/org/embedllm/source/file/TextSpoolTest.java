package org.embedllm.source.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextSpoolTest {
  @Test
  void texts_shortLongAndEmpty_comeBackInAnyOrder() {
    List<String> texts = new ArrayList<>();
    try (TextSpool spool = new TextSpool()) {
      for (int i = 0; i < 3_000; i++) {
        String text = i % 7 == 0 ? "" : "ünï " + i + "x".repeat(i % 1_000 == 1 ? 400_000 : i % 90);
        texts.add(text);
        assertThat(spool.add(text)).isEqualTo(i);
        assertThat(spool.text(i / 2)).isEqualTo(texts.get(i / 2));
      }
      for (int i = texts.size() - 1; i >= 0; i--) {
        assertThat(spool.text(i)).isEqualTo(texts.get(i));
      }
    }
  }
}
