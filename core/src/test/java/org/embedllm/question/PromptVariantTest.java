package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class PromptVariantTest {
  private static final String EXAM =
      "Which of 3 metals is NOT magnetic?\nA. Iron\nB. Copper, which\nis soft\nC. Nickel";

  @Test
  void of_examQuestion_leavesTheOptionsOut() {
    assertThat(PromptVariant.WITHOUT_OPTIONS.of(EXAM))
        .isEqualTo("Which of 3 metals is NOT magnetic?");
    assertThat(PromptVariant.LOWER_CASE.of(EXAM)).isEqualTo("which of 3 metals is not magnetic");
    assertThat(PromptVariant.IN_CHAT.of(EXAM))
        .startsWith("Hi, ")
        .contains(" Which of 3 metals is NOT magnetic? ")
        .endsWith("Thanks!");
  }

  @Test
  void of_textWithoutOptions_staysWhole() {
    for (String text :
        List.of(
            "What is 2 + 2?",
            "A. is a letter",
            "List:\n1. one\n2. two",
            "A. only options\nB. and no question",
            "")) {
      assertThat(PromptVariant.WITHOUT_OPTIONS.of(text)).isEqualTo(text);
    }
    assertThat(PromptVariant.LOWER_CASE.of("???")).isEqualTo("???");
  }

  @Test
  void withoutOptions_severalLists_cutsAtTheLast() {
    String text = "Statements:\n(a) x\n(b) y\nWhich hold?\n(A) both\n(B) none";
    assertThat(TextFeatures.withoutOptions(text))
        .isEqualTo("Statements:\n(a) x\n(b) y\nWhich hold?");
  }

  @Test
  void contentFeatures_ofEveryVariantButTheChat_areThoseOfTheExamText() {
    TextFeatureEncoder content = TextFeatureEncoder.ofContent();
    FloatMatrix vectors =
        content.encode(
            List.of(
                EXAM,
                PromptVariant.WITHOUT_OPTIONS.of(EXAM),
                PromptVariant.WITHOUT_OPTIONS.of(EXAM).toLowerCase(java.util.Locale.ROOT)));
    assertThat(vectors.row(1)).containsExactly(vectors.row(0));
    assertThat(vectors.row(2)).containsExactly(vectors.row(0));
  }

  @Test
  void append_contentFeatures_leavesSentenceAndFormAsOlderFilesHaveThem() {
    List<Question> questions = List.of(new Question("q", EXAM, Question.NO_BENCHMARK));
    QuestionVectors sentence =
        new QuestionVectors(
            List.of("q"),
            FloatMatrix.wrap(1, 2, new float[] {0.6f, 0.8f}),
            new EncoderIdentity("e", "00", 2, 0));
    QuestionVectors older = TextFeatureVectors.append(sentence, questions, TextFeatureSet.SURFACE);
    QuestionVectors now = TextFeatureVectors.append(sentence, questions);
    float[] row = now.vectors().row(0);
    assertThat(java.util.Arrays.copyOf(row, older.dimension()))
        .containsExactly(older.vectors().row(0));
    assertThat(TextFeatureVectors.columns(now.encoder()))
        .isEqualTo(new TextFeatureVectors.Columns(2, 42, 24));
    assertThat(TextFeatureVectors.columns(older.encoder()))
        .isEqualTo(new TextFeatureVectors.Columns(2, 42, 0));
    assertThat(TextFeatureVectors.columns(sentence.encoder()))
        .isEqualTo(new TextFeatureVectors.Columns(2, 0, 0));
    assertThat(now.encoder().sentenceEncoder()).isEqualTo("e");
    assertThat(now.encoder().digest()).isNotEqualTo(older.encoder().digest());
  }
}
