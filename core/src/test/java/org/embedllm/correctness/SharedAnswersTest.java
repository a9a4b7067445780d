package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SharedAnswersTest {
  private static final CorrectnessMatrix ANSWERS =
      CorrectnessMatrix.ofDense(
          List.of("a", "b", "c"),
          List.of(
              new Question("1", "one", "x"),
              new Question("2", "two", "x"),
              new Question("3", "three", "x")),
          new float[][] {
            {1, 1, Float.NaN}, {0, 0.4f, Float.NaN}, {1, 0, Float.NaN},
          });

  @Test
  void models_thatAnsweredTheSame_areComparedByLabel() {
    assertThat(SharedAnswers.of(ANSWERS, 0, 1)).isEqualTo(new SharedAnswers(3, 2));
    assertThat(SharedAnswers.of(ANSWERS, 0, 1).agreement()).isEqualTo(2.0 / 3);
  }

  @Test
  void models_withoutACommonQuestion_haveNoAgreement() {
    assertThat(SharedAnswers.of(ANSWERS, 0, 2)).isEqualTo(new SharedAnswers(0, 0));
    assertThat(SharedAnswers.of(ANSWERS, 0, 2).agreement()).isNaN();
  }
}
