package org.embedllm.question;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.embedllm.tensor.FloatMatrix;

/// Text features: how long a text is, how many options of which length it lists, how much of it is
/// digits, formulas or capitals, a few function words of English. It takes microseconds and says
/// what sentence encoders leave out; it complements one, as in `minilm-l6+text-features`.
///
/// Each measurement v in [0, 1] becomes a point on a half circle, (cos πv, sin πv) / √F with F
/// measurements: vectors have length 1, and the dot product of two is the mean of cos(π Δv).
public final class TextFeatureEncoder implements QuestionEncoder {
  /// The name of this encoder.
  public static final String NAME = "text-features";

  private static final List<TextFeature> FEATURES = TextFeature.ALL;
  private static final EncoderIdentity IDENTITY =
      new EncoderIdentity(NAME, digest(), 2 * FEATURES.size(), 0);

  private static String digest() {
    String description =
        FEATURES.stream().map(TextFeature::description).collect(Collectors.joining("\n"));
    return HexFormat.of()
        .formatHex(
            TextDigest.sha256()
                .digest(("text form 1\n" + description).getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public EncoderIdentity identity() {
    return IDENTITY;
  }

  @Override
  public FloatMatrix encode(List<String> texts) {
    int q = IDENTITY.dimension();
    float[] vectors = new float[Math.multiplyExact(texts.size(), q)];
    for (int i = 0; i < texts.size(); i++) {
      write(TextFeatures.of(texts.get(i)), vectors, i * q);
    }
    return FloatMatrix.wrap(texts.size(), q, vectors);
  }

  private static void write(TextFeatures form, float[] vectors, int at) {
    int count = FEATURES.size();
    double scale = 1 / Math.sqrt(count);
    for (int k = 0; k < count; k++) {
      double angle = Math.PI * FEATURES.get(k).of(form);
      vectors[at + 2 * k] = (float) (StrictMath.cos(angle) * scale);
      vectors[at + 2 * k + 1] = (float) (StrictMath.sin(angle) * scale);
    }
  }

  /// 0: nothing is cut.
  @Override
  public int tokenCount(String text) {
    return 0;
  }

  @Override
  public void close() {
    // holds nothing
  }
}
