package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.embedllm.question.EncoderIdentity;
import org.junit.jupiter.api.Test;

class EncoderJsonTest {
  @Test
  void identity_writtenAndRead_isTheSame() {
    EncoderIdentity named = new EncoderIdentity("folder+form", "ab", 400, 256);
    EncoderIdentity joined = new EncoderIdentity("minilm-l6+text-features", "ab", 426, 256, 42);
    assertThat(EncoderJson.read(EncoderJson.write(named))).isEqualTo(named);
    assertThat(EncoderJson.read(EncoderJson.write(joined))).isEqualTo(joined);
    assertThat(named.sentenceEncoder()).isEqualTo("folder+form");
    assertThat(joined.sentenceEncoder()).isEqualTo("minilm-l6");
  }

  @Test
  void identity_ofAnOlderVersion_hasItsTextFeatures() {
    EncoderIdentity read =
        EncoderJson.read(
            "{\"name\":\"minilm-l6+form\",\"digest\":\"ab\",\"dimension\":426,\"maxTokens\":256}");
    assertThat(read).isEqualTo(new EncoderIdentity("minilm-l6+text-features", "ab", 426, 256, 42));
  }

  @Test
  void identity_withoutAPart_isRefused() {
    assertThatThrownBy(() -> EncoderJson.read("{\"name\":\"minilm-l6\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("digest");
  }
}
