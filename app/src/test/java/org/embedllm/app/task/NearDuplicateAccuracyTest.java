package org.embedllm.app.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class NearDuplicateAccuracyTest {
  private static Question question(String id, String text) {
    return new Question(id, text, "b");
  }

  @Test
  void testQuestions_areCountedWithAndWithoutANearDuplicate() {
    String river = "Which of the rivers of the northern plain is the longest one in total?";
    String metal = "At which temperature does the heaviest of the stable metals melt at last?";
    List<Question> test =
        List.of(
            question("t0", river.replace("Which", "which") + " "),
            question("t1", metal),
            question("t2", "How many moons does the outermost planet have?"));
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
            List.of("a", "b"), test, new float[][] {{1, 0}, {1, Float.NaN}, {0, 1}});
    FloatMatrix probabilities =
        FloatMatrix.wrap(3, 2, new float[] {0.9f, 0.8f, 0.7f, 0.1f, 0.6f, 0.9f});

    NearDuplicateAccuracy found =
        NearDuplicateAccuracy.of(
            answers,
            probabilities,
            List.of(question("r0", river), question("r1", metal), question("r2", "What is law?")));

    // By hand: of t0 and t1, a is forecast right twice and b wrongly once; of t2, b alone is right.
    assertThat(found.with()).isEqualTo(new NearDuplicateAccuracy.Part(2, 3, 2));
    assertThat(found.without()).isEqualTo(new NearDuplicateAccuracy.Part(1, 2, 1));
    assertThat(found.with().accuracy()).isEqualTo(2.0 / 3);
  }

  @Test
  void part_withoutAnswers_hasNoAccuracy() {
    assertThat(new NearDuplicateAccuracy.Part(0, 0, 0).accuracy()).isNaN();
  }
}
