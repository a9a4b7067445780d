package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ObservedUsageTest {
  private static final float NAN = Float.NaN;

  /// Three questions, two models: question 1 has no cell.
  private static ObservedUsage usage() {
    return ObservedUsage.ofCells(
        2,
        new int[] {0, 2, 2, 3},
        new int[] {0, 1, 1},
        Map.of(
            UsageQuantity.OUTPUT_TOKENS, new float[] {5, NAN, 7},
            UsageQuantity.COST, new float[] {NAN, 0, 0.5f},
            UsageQuantity.SECONDS, new float[] {NAN, NAN, NAN}));
  }

  @Test
  void value_ofUnreportedCell_isMissingAndNotZero() {
    assertThat(usage().value(UsageQuantity.OUTPUT_TOKENS, 0, 0)).isEqualTo(5f);
    assertThat(usage().value(UsageQuantity.OUTPUT_TOKENS, 1, 0)).isNaN();
    assertThat(usage().value(UsageQuantity.OUTPUT_TOKENS, 0, 1)).isNaN();
    assertThat(usage().value(UsageQuantity.COST, 1, 0)).isZero();
    assertThat(usage().reports(UsageQuantity.SECONDS)).isFalse();
    assertThat(usage().count(UsageQuantity.OUTPUT_TOKENS)).isEqualTo(2);
  }

  @Test
  void selection_ofQuestionsAndModels_keepsEachCellsValues() {
    ObservedUsage selected =
        usage().selectQuestions(new int[] {2, 0}).selectModels(new int[] {1, -1, 0});
    assertThat(selected.modelCount()).isEqualTo(3);
    assertThat(selected.questionCount()).isEqualTo(2);
    assertThat(selected.value(UsageQuantity.OUTPUT_TOKENS, 0, 0)).isEqualTo(7f);
    assertThat(selected.value(UsageQuantity.OUTPUT_TOKENS, 2, 1)).isEqualTo(5f);
    assertThat(selected.value(UsageQuantity.COST, 0, 1)).isZero();
    assertThat(selected.value(UsageQuantity.COST, 1, 0)).isNaN();
  }

  @Test
  void ofCells_negativeOrUnorderedCells_areRefused() {
    assertThatThrownBy(() ->
            ObservedUsage.ofCells(
                1, new int[] {0, 1}, new int[1], Map.of(UsageQuantity.COST, new float[] {-1})))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ObservedUsage.ofCells(2, new int[] {0, 2}, new int[] {1, 0}, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
