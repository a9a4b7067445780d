package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CorrectnessMatrixTest {
  private static final List<String> MODELS = List.of("a", "b", "c");

  private static List<Question> questions(int count) {
    return IntStream.range(0, count)
        .mapToObj(j -> new Question("q" + j, "text " + j, j % 2 == 0 ? "even" : ""))
        .toList();
  }

  private static float[][] random(int questions, int models, long seed) {
    Random random = new Random(seed);
    float[][] dense = new float[questions][models];
    for (float[] row : dense) {
      for (int i = 0; i < models; i++) {
        row[i] = random.nextInt(3) == 0 ? Float.NaN : random.nextInt(5) / 4f;
      }
    }
    return dense;
  }

  @Test
  void matrix_ofDense_readsBackEveryCell() {
    float[][] dense = random(40, 3, 1);
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(MODELS, questions(40), dense);

    int observed = 0;
    for (int j = 0; j < 40; j++) {
      float[] row = new float[3];
      matrix.scores(j, row);
      assertThat(row).isEqualTo(dense[j]);
      for (int i = 0; i < 3; i++) {
        assertThat(matrix.score(i, j)).isEqualTo(Float.valueOf(dense[j][i]));
        observed += Float.isNaN(dense[j][i]) ? 0 : 1;
      }
    }
    assertThat(matrix.cellCount()).isEqualTo(observed);
  }

  @Test
  void selection_ofQuestionsAndModels_matchesTheDenseTable() {
    float[][] dense = random(30, 3, 2);
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(MODELS, questions(30), dense);
    int[] someQuestions = {29, 3, 3 + 4, 0};
    int[] someModels = {2, 0};

    CorrectnessMatrix selected = matrix.selectQuestions(someQuestions).selectModels(someModels);

    assertThat(selected.models()).containsExactly("c", "a");
    for (int j = 0; j < someQuestions.length; j++) {
      assertThat(selected.questions().get(j).id()).isEqualTo("q" + someQuestions[j]);
      for (int i = 0; i < someModels.length; i++) {
        assertThat(selected.score(i, j))
            .isEqualTo(Float.valueOf(dense[someQuestions[j]][someModels[i]]));
      }
    }
  }

  @Test
  void unobservedCell_isNotWrong() {
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofDense(MODELS, questions(1), new float[][] {{Float.NaN, 0f, 1f}});

    assertThat(matrix.score(0, 0)).isNaN();
    assertThat(matrix.cellCount(0)).isEqualTo(2);
  }

  @Test
  void benchmarks_areSortedAndLeaveOutQuestionsWithoutOne() {
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(MODELS, questions(4), random(4, 3, 3));

    assertThat(matrix.benchmarks()).containsExactly("even");
  }

  @Test
  void matrix_withAModelTwiceInAQuestion_isRefused() {
    assertThatThrownBy(() ->
            CorrectnessMatrix.ofCells(
                MODELS, questions(1), new int[] {0, 2}, new int[] {1, 1}, new float[] {0f, 1f}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("question 0");
  }

  @Test
  void matrix_withAScoreAboveOne_isRefused() {
    assertThatThrownBy(() ->
            CorrectnessMatrix.ofCells(
                MODELS, questions(1), new int[] {0, 1}, new int[] {1}, new float[] {1.5f}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
  }

  @Test
  void matrix_withAnIdTwice_isRefused() {
    Question question = new Question("same", "text", "");

    assertThatThrownBy(
            () -> CorrectnessMatrix.ofDense(MODELS, List.of(question, question), random(2, 3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same");
  }

  @Test
  void digest_followsEveryPartOfTheData() {
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(MODELS, questions(5), random(5, 3, 5));
    QuestionSplit split = QuestionSplit.seeded(matrix.questions(), 0.6, 0.2, 0);
    String digest = EvaluationData.of(matrix, split, Map.of()).digest();
    QuestionSplit otherSplit =
        QuestionSplit.of(
            List.of(
                SplitPart.TEST, SplitPart.TEST, SplitPart.TEST, SplitPart.TEST, SplitPart.TRAIN));

    assertThat(EvaluationData.of(matrix, split, Map.of("a", 2.0)).digest()).isEqualTo(digest);
    assertThat(EvaluationData.of(matrix, otherSplit, Map.of()).digest()).isNotEqualTo(digest);
    assertThat(
            EvaluationData.of(matrix.selectModels(new int[] {1, 0, 2}), split, Map.of()).digest())
        .isNotEqualTo(digest);
    CorrectnessMatrix otherCells = CorrectnessMatrix.ofDense(MODELS, questions(5), random(5, 3, 6));
    assertThat(EvaluationData.of(otherCells, split, Map.of()).digest()).isNotEqualTo(digest);
  }
}
