package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class TextFeatureEncoderTest {
  private static final String CHOICE =
      "She has 12 coins, and he has 7.5. Which of the following is NOT a sum?\nA. 19.5\nB. $20\nC. none\nD. 19.5";
  private static final List<String> TEXTS =
      List.of(
          "",
          "   \n\t ",
          CHOICE,
          "What is the capital of France?",
          "naïve café — “quoted” … 北京 \uD83D\uDE80 \u2028 \u0085 \uFEFF",
          "word ".repeat(700),
          "- first\n- second\n* third",
          "\n\n\n",
          "\uD83D");

  private final TextFeatureEncoder encoder = new TextFeatureEncoder();

  @Test
  void vectors_ofAnyTexts_haveLengthOneAndDependOnTheTextAlone() {
    FloatMatrix all = encoder.encode(TEXTS);
    assertThat(all.columns()).isEqualTo(encoder.identity().dimension());
    for (int i = 0; i < TEXTS.size(); i++) {
      double square = 0;
      for (float value : all.row(i)) {
        square += (double) value * value;
      }
      assertThat(square).isCloseTo(1, within(1e-6));
      assertThat(encoder.encode(List.of(TEXTS.get(i))).row(0)).containsExactly(all.row(i));
    }
    assertThat(encoder.encode(List.of()).rows()).isZero();
    assertThat(encoder.tokenCount(CHOICE)).isZero();
  }

  @Test
  void vectors_ofRandomCharacters_areFinite() {
    Random random = new Random(7);
    String alphabet = "aA1.)(-*• \n\t\\$_?é𝛼%";
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(60); c > 0; c--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      for (float value : encoder.encode(List.of(text.toString())).toArray()) {
        assertThat(value).isFinite();
      }
    }
  }

  /// What items, words and sentences are, as regular expressions say it.
  @Test
  void form_ofRandomTexts_isWhatRegularExpressionsFind() {
    Pattern item =
        Pattern.compile("[ \\t]*(?:\\(?[A-Za-z0-9]{1,2}[.)]|[-*•])[ \\t]+(\\S.*)", Pattern.DOTALL);
    Pattern sentenceEnd = Pattern.compile("[.?!](?=\\s|$)");
    Random random = new Random(11);
    String alphabet = "aBz019((.))-*•!?   \t\n\n\r\f\u000B\u0085\u2028éİ";
    int items = 0;
    int ends = 0;
    for (int round = 0; round < 20_000; round++) {
      StringBuilder made = new StringBuilder();
      for (int c = random.nextInt(24); c > 0; c--) {
        made.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String text = made.toString();
      List<String> expected =
          Arrays.stream(text.split("\n", -1))
              .map(item::matcher)
              .filter(Matcher::matches)
              .map(m -> m.group(1).strip())
              .toList();
      TextFeatures form = TextFeatures.of(text);
      assertThat(form.items()).as(text).isEqualTo(expected);
      assertThat(form.stemWords())
          .as(text)
          .isEqualTo(
              Pattern.compile("[a-z]+")
                  .matcher(form.stem().toLowerCase(Locale.ROOT))
                  .results()
                  .map(MatchResult::group)
                  .toList());
      assertThat(form.stemSentences())
          .as(text)
          .isEqualTo((int) sentenceEnd.matcher(form.stem()).results().count());
      items += expected.size();
      ends += form.stemSentences();
    }
    assertThat(items).isGreaterThan(300);
    assertThat(ends).isGreaterThan(1_000);
  }

  @Test
  void dotProduct_ofTwoVectors_isTheMeanCosineOfTheDifferences() {
    FloatMatrix vectors = encoder.encode(List.of(CHOICE, TEXTS.get(3)));
    double dot = 0;
    for (int x = 0; x < vectors.columns(); x++) {
      dot += (double) vectors.get(0, x) * vectors.get(1, x);
    }
    double expected = 0;
    TextFeatures one = TextFeatures.of(CHOICE);
    TextFeatures other = TextFeatures.of(TEXTS.get(3));
    for (TextFeature feature : TextFeature.ALL) {
      expected +=
          Math.cos(Math.PI * (feature.of(one) - feature.of(other))) / TextFeature.ALL.size();
    }
    assertThat(dot).isCloseTo(expected, within(1e-6));
  }

  @Test
  void form_ofAMultipleChoiceQuestion_isCountedByHand() {
    TextFeatures form = TextFeatures.of(CHOICE);
    assertThat(form.stem())
        .isEqualTo("She has 12 coins, and he has 7.5. Which of the following is NOT a sum?\n");
    assertThat(form.items()).containsExactly("19.5", "$20", "none", "19.5");
    assertThat(form.meanItemLength()).isEqualTo(3.75);
    assertThat(form.itemLengthSpread())
        .isCloseTo(Math.sqrt(3 * 0.0625 + 0.5625) / 2, within(1e-12));
    assertThat(form.numericItems()).isEqualTo(0.75);
    assertThat(form.distinctItems()).isEqualTo(3);
    assertThat(form.stemSentences()).isEqualTo(2);
    assertThat(form.stemWords()).startsWith("she", "has", "coins").hasSize(14);
    assertThat(value("items", form)).isEqualTo(0.4);
    assertThat(value("stem digits", form)).isCloseTo(Math.log(5) / 4.5, within(1e-12));
    assertThat(value("dollars", form))
        .isCloseTo(Math.sqrt(1.0 / (CHOICE.length() + 1)) / 0.2, within(1e-12));
    assertThat(value("pronouns", form)).isEqualTo(1); // √(2/15) is beyond .35
    assertThat(value("negation", form)).isEqualTo(1);
    assertThat(value("brackets", form)).isZero();
    assertThat(value("question mark", form)).isEqualTo(1);
    assertThat(value("backslashes", form)).isZero();
  }

  @Test
  void items_ofListsOfSeveralKinds_areFound() {
    Map<String, List<String>> texts =
        Map.of(
            "Stem\n(a) one\n(b) two", List.of("one", "two"),
            "1) x\n2) y\n10. z", List.of("x", "y", "z"),
            "- first\n* second\n  • third", List.of("first", "second", "third"),
            "I. am\nnot.a list\nABC. nor this", List.of("am"),
            "no list. at all", List.of());
    texts.forEach((text, items) -> assertThat(TextFeatures.of(text).items()).isEqualTo(items));
  }

  @Test
  void features_ofAnyText_liveBetweenZeroAndOne() {
    List<Double> values = new ArrayList<>();
    for (String text : TEXTS) {
      TextFeatures form = TextFeatures.of(text);
      for (TextFeature feature : TextFeature.ALL) {
        values.add(feature.of(form));
      }
    }
    assertThat(values).allMatch(v -> v >= 0 && v <= 1);
  }

  @Test
  void identity_ofTwoEncoders_isTheSame() {
    assertThat(new TextFeatureEncoder().identity()).isEqualTo(encoder.identity());
    assertThat(encoder.identity().name()).isEqualTo("text-features");
    assertThat(encoder.identity().digest()).matches("[0-9a-f]{64}");
  }

  private static double value(String name, TextFeatures form) {
    return TextFeature.ALL.stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow()
        .of(form);
  }
}
