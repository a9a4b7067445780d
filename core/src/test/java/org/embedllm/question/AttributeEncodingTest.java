package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.Question;
import org.junit.jupiter.api.Test;

class AttributeEncodingTest {
  private final AttributeEncoding encoding = AttributeEncoding.fit(questions());

  /// Sixty questions: a benchmark, tools 0 to 9, and a user who asks once.
  private static List<Question> questions() {
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < 60; j++) {
      questions.add(
          new Question(
              "q" + j,
              "text",
              j % 3 == 0 ? "math" : "law",
              Attributes.of(
                  Map.of(
                      "tools", new AttributeValue.Numeric(j % 10),
                      "user", new AttributeValue.Text("user " + j),
                      "constant", new AttributeValue.Text("same")))));
    }
    return questions;
  }

  @Test
  void fit_keepsWhatSeveralQuestionsShareAndDiffers() {
    assertThat(encoding.names()).containsExactly("benchmark", "tools");
    assertThat(encoding.codings().getFirst())
        .isEqualTo(new AttributeEncoding.TextCoding("benchmark", List.of("law", "math")));
    assertThat(encoding.columns()).isEqualTo(2 + 6);
    assertThat(encoding.attributeOf(1)).isZero();
    assertThat(encoding.attributeOf(2)).isEqualTo(1);
  }

  @Test
  void encode_knownValues_sumToOneAndKeepTheNumber() {
    for (double tools : List.of(-5.0, 0.0, 2.5, 7.3, 9.0, 100.0)) {
      float[] row =
          encoding.encode(Attributes.of(Map.of("tools", new AttributeValue.Numeric(tools))));
      AttributeEncoding.NumberCoding coding =
          (AttributeEncoding.NumberCoding) encoding.codings().get(1);
      double sum = 0;
      double mean = 0;
      for (int k = 0; k < 6; k++) {
        sum += row[2 + k];
        mean += row[2 + k] * coding.knots().get(k);
      }
      assertThat(sum).isCloseTo(1, within(1e-6));
      assertThat(mean).isCloseTo(Math.clamp(tools, 0, 9), within(1e-5));
      assertThat(row[0] + row[1]).isZero();
    }
  }

  @Test
  void encode_unknownOrUnseen_isZero() {
    assertThat(encoding.encode(Attributes.NONE)).containsOnly(0f);
    assertThat(
            encoding.encode(
                Attributes.of(
                    Map.of(
                        "benchmark", new AttributeValue.Text("history"),
                        "tools", new AttributeValue.Text("many"),
                        "colour", new AttributeValue.Text("red")))))
        .containsOnly(0f);
  }

  @Test
  void parsed_writtenValues_areTextsOrNumbersAsTheAttributeIs() {
    Attributes parsed =
        encoding.parsed(Map.of("benchmark", " math ", "tools", "3", "user", "user 1"));
    assertThat(parsed.get("benchmark")).contains(new AttributeValue.Text("math"));
    assertThat(parsed.get("tools")).contains(new AttributeValue.Numeric(3));
    assertThat(parsed.get("user")).isEmpty();
    assertThat(encoding.parsed(Map.of("tools", "many")).isEmpty()).isTrue();
  }

  @Test
  void of_sameNameTwice_isRefused() {
    AttributeEncoding.Coding one = new AttributeEncoding.TextCoding("a", List.of("x", "y"));
    assertThatThrownBy(() -> AttributeEncoding.of(List.of(one, one)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("twice");
  }
}
