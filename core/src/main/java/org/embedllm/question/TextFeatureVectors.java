package org.embedllm.question;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;

/// Question vectors of any sentence encoder followed by text features: both of length 1 (as
/// encoders give them that normalise) and scaled so that a cosine of such vectors is 0.35 times
/// that of the sentences and 0.65 times that of the features. A user names the encoder of such
/// vectors `ENCODER+text-features`. On disk are the sentence vectors; text features are computed
/// when they are needed.
public final class TextFeatureVectors {
  /// What a user appends to the name of a sentence encoder.
  public static final String SUFFIX = "+" + TextFeatureEncoder.NAME;

  /// What a cosine takes from the sentences; the rest is from the text features.
  public static final double SENTENCE_SHARE = 0.35;

  private static final double SENTENCE_SCALE = Math.sqrt(SENTENCE_SHARE);
  private static final double FEATURE_SCALE = Math.sqrt(1 - SENTENCE_SHARE);
  private static final EncoderIdentity FEATURES = new TextFeatureEncoder().identity();

  /// How many values at the end of a vector are text features.
  public static final int COLUMNS = FEATURES.dimension();

  private TextFeatureVectors() {}

  /// The sentence encoder in a name that a user wrote with [#SUFFIX].
  public static Optional<String> sentenceEncoder(String name) {
    String current = DeprecatedNames.encoder(name);
    return current.endsWith(SUFFIX) && current.length() > SUFFIX.length()
        ? Optional.of(current.substring(0, current.length() - SUFFIX.length()))
        : Optional.empty();
  }

  /// The encoder that makes the vectors of another one and appends text features.
  public static EncoderIdentity identity(EncoderIdentity sentence) {
    String joined =
        "joined\n%s %s\n%s %s"
            .formatted(SENTENCE_SHARE, sentence.digest(), 1 - SENTENCE_SHARE, FEATURES.digest());
    return new EncoderIdentity(
        sentence.name() + SUFFIX,
        HexFormat.of()
            .formatHex(TextDigest.sha256().digest(joined.getBytes(StandardCharsets.UTF_8))),
        sentence.dimension() + COLUMNS,
        sentence.maxTokens(),
        COLUMNS);
  }

  /// What the vectors of the sentence and of the text features are multiplied by, so that unit
  /// vectors join to a unit vector.
  public static List<Double> scales() {
    return List.of(SENTENCE_SCALE, FEATURE_SCALE);
  }

  /// The sentence encoder's vectors alone, as the paper's baselines see them. Where text features
  /// had to be left out, their identity has no digest.
  public static QuestionVectors sentenceVectors(QuestionVectors vectors) {
    EncoderIdentity encoder = vectors.encoder();
    if (encoder.textFeatures() == 0) {
      return vectors;
    }
    int n = vectors.count();
    int q = vectors.dimension() - encoder.textFeatures();
    float[] alone = new float[Math.multiplyExact(n, q)];
    for (int j = 0; j < n; j++) {
      for (int x = 0; x < q; x++) {
        alone[j * q + x] = (float) (vectors.vectors().get(j, x) / SENTENCE_SCALE);
      }
    }
    return new QuestionVectors(
        vectors.ids(),
        FloatMatrix.wrap(n, q, alone),
        new EncoderIdentity(encoder.sentenceEncoder(), "", q, encoder.maxTokens()));
  }

  /// The vectors of the questions followed by the features of their texts.
  ///
  /// @param questions in the order of the vectors
  public static QuestionVectors append(QuestionVectors sentence, List<Question> questions) {
    if (!sentence.ids().equals(questions.stream().map(Question::id).toList())) {
      throw new IllegalArgumentException("the vectors are of other questions");
    }
    FloatMatrix features;
    try (TextFeatureEncoder encoder = new TextFeatureEncoder()) {
      features = encoder.encode(questions.stream().map(Question::text).toList());
    }
    int n = sentence.count();
    int q = sentence.dimension();
    int width = q + features.columns();
    float[] both = new float[Math.multiplyExact(n, width)];
    for (int j = 0; j < n; j++) {
      for (int x = 0; x < q; x++) {
        both[j * width + x] = (float) (sentence.vectors().get(j, x) * SENTENCE_SCALE);
      }
      for (int x = 0; x < features.columns(); x++) {
        both[j * width + q + x] = (float) (features.get(j, x) * FEATURE_SCALE);
      }
    }
    return new QuestionVectors(
        sentence.ids(), FloatMatrix.wrap(n, width, both), identity(sentence.encoder()));
  }
}
