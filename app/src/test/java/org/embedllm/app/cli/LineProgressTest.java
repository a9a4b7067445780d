package org.embedllm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class LineProgressTest {
  private final StringWriter err = new StringWriter();
  private long now;

  private LineProgress progress(long total) {
    return new LineProgress("encode", total, "questions", new PrintWriter(err, true), () -> now);
  }

  private void after(double seconds) {
    now = (long) (seconds * 1e9);
  }

  @Test
  void step_ofManySeconds_saysRateAndTimeLeftNowAndThen() {
    try (LineProgress progress = progress(1000)) {
      after(4);
      progress.advanceTo(100);
      after(10);
      progress.advanceTo(250);
      after(11);
      progress.advanceTo(280);
      progress.detail("3 texts cut");
      after(40);
    }
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            """
            encode: 250 of 1000 questions, 10 s, 25/s, 30 s left
            encode: 280 of 1000 questions, 40 s, 7/s, 1 min 45 s left, 3 texts cut
            """);
  }

  @Test
  void step_whoseEndWasShownAlready_isNotShownAgain() {
    try (LineProgress progress = progress(20)) {
      after(40);
      progress.advanceTo(20);
      after(41);
    }
    assertThat(err.toString())
        .isEqualToNormalizingNewlines("encode: 20 of 20 questions, 40 s, 2.0 s each\n");
  }

  @Test
  void detail_withControlCharacters_isShownEscaped() {
    try (LineProgress progress = progress(1)) {
      progress.detail("cat\u001b[2J");
      progress.advanceTo(1);
    }
    assertThat(err.toString()).contains("cat\\u001b[2J").doesNotContain("\u001b");
  }

  @Test
  void step_ofOnePiece_hasNoRate() {
    try (LineProgress progress = progress(1)) {
      after(40);
      progress.advanceTo(1);
    }
    assertThat(err.toString()).isEqualToNormalizingNewlines("encode: 1 of 1 questions, 40 s\n");
  }

  @Test
  void step_ofUnknownLength_countsOnly() {
    try (LineProgress progress = progress(0)) {
      after(2);
      progress.advanceTo(10);
    }
    assertThat(err.toString()).isEqualToNormalizingNewlines("encode: 10 questions, 2.0 s, 5/s\n");
  }
}
