package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.embedllm.forecast.RandomAnswers;
import org.junit.jupiter.api.Test;

class AnswerCountsTest {
  @Test
  void counts_ofAMatrix_agreeWithCountingCells() {
    CorrectnessMatrix matrix = RandomAnswers.answers(70, 4, 0.3, 5);
    AnswerCounts counts = AnswerCounts.of(matrix);
    for (int i = 0; i < 4; i++) {
      int cells = 0;
      int correct = 0;
      int inBenchmark = 0;
      for (int j = 0; j < 70; j++) {
        if (!Float.isNaN(matrix.score(i, j))) {
          cells++;
          correct += matrix.score(i, j) >= 0.5f ? 1 : 0;
          inBenchmark += matrix.questions().get(j).benchmark().equals("benchmark-1") ? 1 : 0;
        }
      }
      assertThat(counts.cells(i)).isEqualTo(cells);
      assertThat(counts.correct(i)).isEqualTo(correct);
      assertThat(counts.cells(i, "benchmark-1")).isEqualTo(inBenchmark);
      assertThat(counts.accuracy(i)).isEqualTo((double) correct / cells);
    }
    assertThat(counts.questions()).isEqualTo(70);
    assertThat(counts.questions("absent")).isZero();
    assertThat(counts.cells(0, "absent")).isZero();
    assertThat(
            AnswerCounts.of(
                counts.models(),
                counts.benchmarks(),
                counts.questionCounts(),
                counts.cellCounts(),
                counts.correctCounts()))
        .isEqualTo(counts);
  }

  @Test
  void majority_onATieOrWithoutAnswers_saysRight() {
    List<Question> questions = List.of(new Question("a", "a", "x"), new Question("b", "b", "x"));
    AnswerCounts counts =
        AnswerCounts.of(
            CorrectnessMatrix.ofDense(
                List.of("tie", "none", "wrong"),
                questions,
                new float[][] {{1, Float.NaN, 0}, {0, Float.NaN, 0}}));
    assertThat(counts.majority(0)).isTrue();
    assertThat(counts.majority(1)).isTrue();
    assertThat(counts.majority(2)).isFalse();
    assertThat(counts.majority(2, "never seen")).isFalse();
    assertThat(counts.accuracy(1)).isNaN();
  }

  @Test
  void counts_thatCannotBe_areRefused() {
    assertThatThrownBy(() ->
            AnswerCounts.of(List.of("m"), List.of(), new int[] {3}, new int[] {2}, new int[] {3}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            AnswerCounts.of(List.of("m"), List.of(), new int[] {3}, new int[] {4}, new int[] {3}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void models_takenByName_keepTheirAnswersAndAddEmptyOnes() {
    CorrectnessMatrix matrix = RandomAnswers.answers(30, 4, 0.4, 6);
    CorrectnessMatrix named = matrix.withModels(List.of("model-3", "absent", "model-0"));
    assertThat(named.models()).containsExactly("model-3", "absent", "model-0");
    for (int j = 0; j < 30; j++) {
      assertThat(Float.compare(named.score(0, j), matrix.score(3, j))).isZero();
      assertThat(named.score(1, j)).isNaN();
      assertThat(Float.compare(named.score(2, j), matrix.score(0, j))).isZero();
    }
    assertThat(matrix.withModels(matrix.models())).isSameAs(matrix);
  }
}
