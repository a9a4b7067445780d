package org.embedllm.app.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.Interval;
import org.embedllm.forecast.RepeatErrors;
import org.junit.jupiter.api.Test;

class RepeatedAnswersCheckTest {
  private static Estimate estimate(double value) {
    return new Estimate(value, new Interval(value - 0.01, value + 0.01));
  }

  @Test
  void json_withoutTheBaseline_saysWhy() {
    var errors =
        new RepeatErrors(
            1, 2, 0.1, estimate(0.3), Optional.empty(), estimate(0.2), Optional.empty());

    assertThat(RepeatedAnswersCheck.json(errors).document())
        .containsEntry("program", 0.2)
        .containsEntry("modelAndQuestion", null)
        .containsEntry("difference", null)
        .containsEntry("differenceInterval", null)
        .containsEntry("modelAndQuestionReason", "not measured for more than 1,000 models");
  }

  @Test
  void json_withTheBaseline_hasNoReason() {
    var errors =
        new RepeatErrors(
            1,
            2,
            0.1,
            estimate(0.3),
            Optional.of(estimate(0.25)),
            estimate(0.2),
            Optional.of(estimate(-0.05)));

    assertThat(RepeatedAnswersCheck.json(errors).document())
        .containsEntry("modelAndQuestion", 0.25)
        .containsEntry("difference", -0.05)
        .doesNotContainKey("modelAndQuestionReason");
  }
}
