package org.embedllm.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuestionGrammarTest {
  private static String draw(String template) {
    String source = "# a comment\nwho: Ada | Bo\n\n[greeting 0.5]\n" + template;
    return QuestionGrammar.parse(source).draw(new SplittableRandom(3)).text();
  }

  @Test
  void list_namedTwice_isTheSameEntry() {
    assertThat(draw("{who} and {who}")).isIn("Ada and Ada", "Bo and Bo");
  }

  @Test
  void list_withANumber_isAnotherEntry() {
    assertThat(draw("{who} and {who2}")).isIn("Ada and Bo", "Bo and Ada");
  }

  @Test
  void number_liesWithinItsBounds() {
    assertThat(Integer.parseInt(draw("{3..4}00"))).isIn(300, 400);
  }

  @Test
  void bracesAndLineBreaks_areWritten() {
    assertThat(draw("f() {{ return; }}\\nend")).isEqualTo("F() { return; }\nend");
  }

  @Test
  void topic_comesWithItsDifficulty() {
    var drawn = QuestionGrammar.parse("[hard 1.5]\nwhy?").draw(new SplittableRandom(1));
    assertThat(drawn.topic()).isEqualTo("hard");
    assertThat(drawn.difficulty()).isEqualTo(1.5);
  }

  @Test
  void template_withAnUnknownList_isRefused() {
    assertThatThrownBy(() -> draw("{whom}?"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("whom");
  }
}
