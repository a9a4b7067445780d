package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class JoinedEncoderTest {
  private static final List<String> TEXTS =
      List.of("one question", "another one", "word ".repeat(400));

  @Test
  void vectors_ofJoinedEncoders_areTheirVectorsInOrder() throws IOException {
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
        assertThat(java.util.Arrays.copyOf(vectors.row(i), 384)).containsExactly(left.row(i));
        assertThat(java.util.Arrays.copyOfRange(vectors.row(i), 384, 768))
            .containsExactly(right.row(i));
      }
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
