package org.embedllm.question;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;

/// Vectors of what can be counted in a text: how long it is, how many options of which length it
/// lists, how much of it is digits, formulas or capitals, a few function words of English. It takes
/// microseconds and says what sentence encoders leave out; it is meant to stand beside one.
///
/// Each measurement v in [0, 1] becomes a point on a half circle, (cos πv, sin πv) / √F with F
/// measurements: vectors have length 1, and the dot product of two is the mean of cos(π Δv).
public final class TextFeatureEncoder implements QuestionEncoder {
  /// The name of the encoder of a text's surface.
  public static final String NAME = "text-features";

  /// The name of the encoder of what stays when a question is asked in another form.
  public static final String CONTENT_NAME = "content-features";

  private static final List<TextFeature> SURFACE = TextFeature.ALL;
  private static final List<TextFeature> CONTENT = TextFeature.CONTENT;
  private static final EncoderIdentity SURFACE_IDENTITY =
      new EncoderIdentity(NAME, digest("text form 1", SURFACE), 2 * SURFACE.size(), 0);
  private static final EncoderIdentity CONTENT_IDENTITY =
      new EncoderIdentity(CONTENT_NAME, digest("text content 1", CONTENT), 2 * CONTENT.size(), 0);

  private static final int MANY = 64; // texts that are worth several threads

  private final EncoderIdentity identity;
  private final List<TextFeature> features;
  private final Function<String, String> read;

  private TextFeatureEncoder(
      EncoderIdentity identity, List<TextFeature> features, Function<String, String> read) {
    this.identity = identity;
    this.features = features;
    this.read = read;
  }

  /// The encoder of the surface of a whole text.
  public TextFeatureEncoder() {
    this(SURFACE_IDENTITY, SURFACE, Function.identity());
  }

  /// The encoder of what stays when a question is asked in another form: its options are left out,
  /// and nothing of capitals, question marks, pronouns and sentences counts.
  public static TextFeatureEncoder ofContent() {
    return new TextFeatureEncoder(CONTENT_IDENTITY, CONTENT, TextFeatures::withoutOptions);
  }

  private static String digest(String version, List<TextFeature> features) {
    String description =
        features.stream().map(TextFeature::description).collect(Collectors.joining("\n"));
    return Sha256.of(version + "\n" + description);
  }

  @Override
  public EncoderIdentity identity() {
    return identity;
  }

  @Override
  public FloatMatrix encode(List<String> texts) {
    int q = identity.dimension();
    float[] vectors = new float[Math.multiplyExact(texts.size(), q)];
    IntStream rows = IntStream.range(0, texts.size());
    (texts.size() < MANY ? rows : rows.parallel())
        .forEach(i -> write(TextFeatures.of(read.apply(texts.get(i))), vectors, i * q));
    return FloatMatrix.wrap(texts.size(), q, vectors);
  }

  private void write(TextFeatures text, float[] vectors, int at) {
    int count = features.size();
    double scale = 1 / Math.sqrt(count);
    for (int k = 0; k < count; k++) {
      double angle = Math.PI * features.get(k).of(text);
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
