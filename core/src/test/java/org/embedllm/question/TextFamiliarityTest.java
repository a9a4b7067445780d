package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFamiliarityTest {
  private static final TextFamiliarity ENGLISH = TextFamiliarity.fit(training()).orElseThrow();

  private static List<String> training() {
    List<String> subjects =
        List.of("the court", "a patient", "the company", "an electron", "the king", "a program");
    List<String> verbs =
        List.of("may refuse", "moves towards", "depends on", "was replaced by", "cannot exceed");
    List<String> objects =
        List.of("the contract of sale", "a magnetic field", "higher prices", "x^2 + 3 = 7", "law");
    List<String> texts = new ArrayList<>();
    for (String subject : subjects) {
      for (String verb : verbs) {
        for (String object : objects) {
          texts.add("Which of these is true? If %s %s %s, then".formatted(subject, verb, object));
          texts.add(
              "Why was it that %s %s %s in 1987 (give 2 reasons)?"
                  .formatted(subject, verb, object));
        }
      }
    }
    return texts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   \n",
        "?!... ---",
        "xqzkvjw",
        "Zxqvk jqwzx kkvqj",
        "aaaaaaaaaaaaaaaa",
        "Что такое магнитное поле?",
        "磁场是什么？请解释一下。",
        "ما هو المجال المغناطيسي؟"
      })
  void isUnlike_noWordsRandomLettersAndOtherScripts_areUnlike(String text) {
    assertThat(ENGLISH.isUnlike(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What is a magnetic field?",
        "why can the court refuse a contract",
        "When was the king replaced?",
        "def total(prices):\n    return sum(prices)",
        "```\nif x > 3: print(x)\n```\nWhat is printed?",
        "You are a helpful assistant.\nHello, which law applies here?"
      })
  void isUnlike_wordsInAnyForm_areNot(String text) {
    assertThat(ENGLISH.isUnlike(text)).isFalse();
  }

  @Test
  void isUnlike_randomLettersAndBase64_areUnlikeNineTimesInTen() {
    var random = new SplittableRandom(1);
    int letters = 0;
    int encoded = 0;
    for (int draw = 0; draw < 200; draw++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 10 + draw % 40; i++) {
        text.append((char) ('a' + random.nextInt(26)));
      }
      letters += ENGLISH.isUnlike(text.toString()) ? 1 : 0;
      byte[] bytes = new byte[40];
      random.nextBytes(bytes);
      encoded += ENGLISH.isUnlike(Base64.getEncoder().encodeToString(bytes)) ? 1 : 0;
    }
    assertThat(letters).isGreaterThanOrEqualTo(180);
    assertThat(encoded).isGreaterThanOrEqualTo(180);
  }

  @Test
  void fit_anotherScript_isFamiliarWithIt() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      texts.add("Что больше: " + i + " или " + 2 * i + "? Объясните свой ответ подробно.");
    }
    TextFamiliarity russian = TextFamiliarity.fit(texts).orElseThrow();
    assertThat(russian.scripts()).containsExactly("cyrillic");
    assertThat(russian.isUnlike("Объясните, что больше.")).isFalse();
    assertThat(TextFamiliarity.of(russian.pairs(), russian.scripts()).isUnlike("What is more?"))
        .isTrue();
  }

  @Test
  void fit_fewTexts_saysNothing() {
    assertThat(TextFamiliarity.fit(List.of("What is it?"))).isEqualTo(Optional.empty());
    assertThat(TextFamiliarity.isWordless("…")).isTrue();
    assertThat(TextFamiliarity.isWordless("1")).isFalse();
  }
}
