package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.app.web.view.ModelComparison.Difference;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.junit.jupiter.api.Test;

class ModelComparisonTest {
  private static final float NONE = Float.NaN;

  private static CorrectnessMatrix answers(float[][] scores) {
    List<Question> questions =
        IntStream.range(0, scores.length)
            .mapToObj(j -> new Question("q" + j, "text " + j, "b"))
            .toList();
    List<String> models = IntStream.range(0, scores[0].length).mapToObj(i -> "m" + i).toList();
    return CorrectnessMatrix.ofDense(models, questions, scores);
  }

  @Test
  void differences_takeEachPatternInTurn_andLeaveOutWhatNobodyDiffersOn() {
    CorrectnessMatrix answers =
        answers(
            new float[][] {
              {1, 0, 1}, {1, 0, 0}, {1, 1, 1}, {0, 1, 1}, {NONE, 1, 0}, {1, 0, 1}, {0, 0, 0}
            });
    List<Difference> differ = Differences.of(answers, List.of(0, 1));
    assertThat(differ).extracting(Difference::id).containsExactlyInAnyOrder("q0", "q1", "q3", "q5");
    assertThat(differ.get(1).id()).isEqualTo("q3");
    assertThat(differ.get(1).scores()).containsExactly(0.0, 1.0);
    assertThat(differ.get(1).poolAccuracy()).isEqualTo(2.0 / 3);
  }

  @Test
  void differences_ofQuestionsNotAllAnswered_tellLess() {
    CorrectnessMatrix answers =
        answers(new float[][] {{NONE, 1, 0}, {1, 1, 0}, {1, NONE, 0}, {0, 0, 1}, {1, NONE, NONE}});
    assertThat(Differences.of(answers, List.of(0, 1, 2)))
        .extracting(Difference::id)
        .startsWith("q1", "q3")
        .containsExactlyInAnyOrder("q0", "q1", "q2", "q3");
  }

  @Test
  void differences_areAtMostFifty_andCutTheirTexts() {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[200][2];
    for (int j = 0; j < 200; j++) {
      questions.add(new Question("q" + j, "😀".repeat(700), "b"));
      scores[j][j % 2] = 1;
    }
    CorrectnessMatrix answers = CorrectnessMatrix.ofDense(List.of("a", "b"), questions, scores);
    List<Difference> differ = Differences.of(answers, List.of(0, 1));
    assertThat(differ).hasSize(50);
    String prompt = differ.getFirst().prompt();
    assertThat(prompt.codePointCount(0, prompt.length())).isEqualTo(600);
    assertThat(prompt).endsWith("😀…");
  }

  @Test
  void pairedDifference_isOfTheQuestionsBothAnswered_theBetterFirst() {
    float[][] scores = new float[100][];
    for (int j = 0; j < 100; j++) {
      scores[j] = new float[] {j < 60 ? 1 : 0, j < 50 ? 1 : j < 80 ? 0 : 1, j < 4 ? 1 : NONE};
    }
    CorrectnessMatrix answers = answers(scores);
    ModelDifference two = ModelDifference.of(answers, 0, 1);
    // Right alone: the first on 10 questions, the second on 20. Agresti and Min (2005):
    // half a question is added to each of the four cells of the table.
    double mean = (20.5 - 10.5) / 102;
    double half = 1.959964 * Math.sqrt(((20.5 + 10.5) / 102 - mean * mean) / 102);
    assertThat(two.better()).isEqualTo(1);
    assertThat(two.difference()).isCloseTo(0.1, within(1e-12));
    assertThat(two.low()).isCloseTo(mean - half, within(1e-6));
    assertThat(two.high()).isCloseTo(mean + half, within(1e-6));
    ModelDifference few = ModelDifference.of(answers, 0, 2);
    assertThat(few.questions()).isEqualTo(4);
    assertThat(few.low()).isNaN();
    assertThat(ModelDifference.of(answers, 0, 0).high()).isPositive();
    assertThat(ModelDifference.all(answers, List.of(2, 1, 0))).hasSize(3);
  }

  @Test
  void additions_areWhatCountingOneByOneGives() {
    SplittableRandom random = new SplittableRandom(3);
    float[][] scores = new float[150][6];
    for (float[] row : scores) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(4) == 0 ? NONE : random.nextInt(5) == 0 ? 1 : 0;
      }
    }
    CorrectnessMatrix answers = answers(scores);
    List<Integer> ids = List.of(4, 1, 2);
    List<ModelComparison.Addition> adds = ModelComparison.adds(answers, ids);
    for (int k = 0; k < ids.size(); k++) {
      int id = ids.get(k);
      int only = 0;
      int shared = 0;
      int[] with = new int[2];
      int[] without = new int[2];
      for (float[] row : scores) {
        boolean all = ids.stream().noneMatch(i -> Float.isNaN(row[i]));
        shared += all ? 1 : 0;
        only += all && row[id] == 1 && ids.stream().filter(i -> row[i] == 1).count() == 1 ? 1 : 0;
        boolean right = false;
        boolean other = false;
        boolean asked = false;
        boolean others = false;
        for (int i = 0; i < row.length; i++) {
          right |= row[i] == 1;
          asked |= !Float.isNaN(row[i]);
          other |= i != id && row[i] == 1;
          others |= i != id && !Float.isNaN(row[i]);
        }
        with[0] += right ? 1 : 0;
        with[1] += asked ? 1 : 0;
        without[0] += other ? 1 : 0;
        without[1] += others ? 1 : 0;
      }
      assertThat(adds.get(k))
          .isEqualTo(
              new ModelComparison.Addition(
                  id, only, shared, (double) without[0] / without[1], (double) with[0] / with[1]));
    }
  }
}
