package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.TextFeatureSet;
import org.junit.jupiter.api.Test;

class EncoderJsonTest {
  @Test
  void identity_writtenAndRead_isTheSame() {
    EncoderIdentity named = new EncoderIdentity("folder+form", "ab", 400, 256);
    EncoderIdentity joined =
        new EncoderIdentity("minilm-l6", "ab", 426, 256, TextFeatureSet.SURFACE);
    assertThat(EncoderJson.read(EncoderJson.write(named))).isEqualTo(named);
    assertThat(EncoderJson.read(EncoderJson.write(joined))).isEqualTo(joined);
    assertThat(named.name()).isEqualTo("folder+form");
    assertThat(joined.name()).isEqualTo("minilm-l6+text-features");
  }

  @Test
  void identity_ofAnOlderVersion_hasItsTextFeatures() {
    EncoderIdentity read =
        EncoderJson.read(
            "{\"name\":\"minilm-l6+form\",\"digest\":\"ab\",\"dimension\":426,\"maxTokens\":256}");
    assertThat(read)
        .isEqualTo(new EncoderIdentity("minilm-l6", "ab", 426, 256, TextFeatureSet.SURFACE));
  }

  @Test
  void identity_ofAFolderNamedLikeFeatures_hasNone() {
    EncoderIdentity folder = new EncoderIdentity("models/x+text-features", "ab", 400, 256);
    assertThat(EncoderJson.read(EncoderJson.write(folder))).isEqualTo(folder);
    assertThat(folder.textFeatures()).isEqualTo(TextFeatureSet.NONE);
  }

  @Test
  void identity_withUnknownFeatures_isRefused() {
    String json =
        "{\"name\":\"e\",\"digest\":\"ab\",\"dimension\":426,\"maxTokens\":256,\"textFeatures\":7}";
    assertThatThrownBy(() -> EncoderJson.read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7 columns");
  }

  @Test
  void identity_withoutAPart_isRefused() {
    assertThatThrownBy(() -> EncoderJson.read("{\"name\":\"minilm-l6\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("digest");
  }
}
