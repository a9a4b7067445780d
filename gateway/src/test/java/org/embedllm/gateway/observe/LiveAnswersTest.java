package org.embedllm.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LiveAnswersTest {
  @Test
  void answers_beyondTheLatest_giveWay_andLongOnesAreCut() {
    var answers = new LiveAnswers(true);
    for (int i = 0; i < 201; i++) {
      answers.keep("d-" + i, "answer " + i);
    }
    answers.keep("d-long", "x".repeat(5_000));
    assertThat(answers.find("d-1")).isEmpty();
    assertThat(answers.find("d-2")).contains("answer 2");
    assertThat(answers.find("d-long").orElseThrow()).hasSize(4_001).endsWith("…");
  }

  @Test
  void answers_wherePromptsAreNotKept_areNotKeptEither() {
    var answers = new LiveAnswers(false);
    answers.keep("d", "text");
    assertThat(answers.find("d")).isEmpty();
  }
}
