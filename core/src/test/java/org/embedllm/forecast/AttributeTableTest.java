package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class AttributeTableTest {
  private static final List<String> MODELS = List.of("good at tasks a", "never right");

  /// Forty questions: the first model is right on task a alone, whatever the colour.
  private static CorrectnessMatrix answers() {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[40][];
    for (int j = 0; j < 40; j++) {
      boolean a = j % 2 == 0;
      questions.add(question("q" + j, a ? "a" : "b", j % 4 < 2 ? "red" : "blue"));
      scores[j] = new float[] {a ? 1 : 0, 0};
    }
    return CorrectnessMatrix.ofDense(MODELS, questions, scores);
  }

  private static Question question(String id, String task, String colour) {
    return new Question(
        id,
        "text",
        Question.NO_BENCHMARK,
        Attributes.of(
            Map.of(
                "task", new AttributeValue.Text(task),
                "colour", new AttributeValue.Text(colour))));
  }

  @Test
  void fit_severalAttributes_goesByTheOneThatTells() {
    CorrectnessMatrix answers = answers();
    AttributeTable table =
        AttributeTable.fit(answers, AttributeEncoding.fit(answers.questions())).orElseThrow();
    assertThat(table.attribute().name()).isEqualTo("task");
    FloatMatrix forecasts =
        table.forecast(
            List.of(
                question("x", "a", "red"), question("y", "b", "red"), question("z", "c", "red")));
    assertThat(forecasts.get(0, 0)).isGreaterThan(0.9f);
    assertThat(forecasts.get(1, 0)).isLessThan(0.1f);
    assertThat(forecasts.get(2, 0)).isCloseTo(0.5f, within(0.01f));
    assertThat(forecasts.get(0, 1)).isLessThan(0.1f);
    assertThat(AttributeTable.of(table.attribute(), table.rates()).forecast(answers.questions()))
        .isEqualTo(table.forecast(answers.questions()));
  }

  @Test
  void fit_withoutAttributes_isEmpty() {
    assertThat(AttributeTable.fit(answers(), AttributeEncoding.NONE)).isEmpty();
  }
}
