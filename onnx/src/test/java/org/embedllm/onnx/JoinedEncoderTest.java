package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.embedllm.correctness.Question;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("encoder")
class JoinedEncoderTest {
  private static final Offset<Float> FEW = Offset.offset(1e-7f);
  private static final List<String> TEXTS =
      List.of("one question", "another one", "word ".repeat(400));

  @Test
  void vectors_ofJoinedEncoders_areTheirVectorsInOrder() {
    EncoderSettings settings = BundledEncoderTest.settings();
    try (QuestionEncoder joined = Encoders.open("bge-small-q+minilm-l6-q", settings);
        QuestionEncoder first = Encoders.open("bge-small-q", settings);
        QuestionEncoder second = Encoders.open("minilm-l6-q", settings)) {
      assertThat(joined.identity().name()).isEqualTo("bge-small-q+minilm-l6-q");
      assertThat(joined.identity().dimension()).isEqualTo(768);
      assertThat(joined.identity().maxTokens()).isEqualTo(256);
      FloatMatrix vectors = joined.encode(TEXTS);
      FloatMatrix left = first.encode(TEXTS);
      FloatMatrix right = second.encode(TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        for (int x = 0; x < 384; x++) {
          assertThat(vectors.get(i, x)).isCloseTo((float) (left.get(i, x) / Math.sqrt(2)), FEW);
          assertThat(vectors.get(i, x + 384))
              .isCloseTo((float) (right.get(i, x) / Math.sqrt(2)), FEW);
        }
        EncoderContract.assertUnitLength(vectors.row(i));
      }
    }
  }

  @Test
  void name_withTextFeatures_appendsThemToTheSentence() {
    EncoderSettings settings = BundledEncoderTest.settings();
    try (QuestionEncoder both = Encoders.open("minilm-l6-q+text-features", settings);
        QuestionEncoder sentence = Encoders.open("minilm-l6-q", settings);
        QuestionEncoder features = Encoders.open("form", settings)) {
      assertThat(both.identity().textFeatures()).isEqualTo(TextFeatureSet.SURFACE);
      assertThat(both.identity())
          .isEqualTo(TextFeatureVectors.identity(sentence.identity(), TextFeatureSet.SURFACE));
      float[] joined = both.encode(TEXTS).row(1);
      float[] left = sentence.encode(TEXTS).row(1);
      float[] right = features.encode(TEXTS).row(1);
      for (int x = 0; x < joined.length; x++) {
        double part =
            x < left.length ? left[x] * Math.sqrt(0.35) : right[x - left.length] * Math.sqrt(0.65);
        assertThat(joined[x]).isCloseTo((float) part, FEW);
      }
      List<Question> questions =
          TEXTS.stream().map(t -> new Question(t, t, Question.NO_BENCHMARK)).toList();
      QuestionVectors vectors =
          new QuestionVectors(TEXTS, sentence.encode(TEXTS), sentence.identity());
      assertThat(TextFeatureVectors.append(vectors, questions, TextFeatureSet.SURFACE).vectors())
          .isEqualTo(both.encode(TEXTS));
      QuestionVectors alone =
          TextFeatureVectors.sentenceVectors(
              TextFeatureVectors.append(vectors, questions, TextFeatureSet.SURFACE));
      assertThat(alone.encoder().name()).isEqualTo("minilm-l6-q");
      for (int x = 0; x < left.length; x++) {
        assertThat(alone.vectors().get(1, x)).isCloseTo(left[x], FEW);
      }
      assertThat(TextFeatureVectors.sentenceVectors(vectors)).isSameAs(vectors);
      assertThat(both.tokenCount(TEXTS.get(2))).isEqualTo(402);
    }
  }

  @Test
  void name_withAnUnknownPart_isRefused() {
    assertThatThrownBy(() -> Encoders.open("minilm-l6-q+nothing", BundledEncoderTest.settings()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("\"nothing\"");
    assertThatThrownBy(() -> Encoders.open("file:mine.npy", BundledEncoderTest.settings()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("came from a file");
  }
}
