package org.embedllm.question;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;

/// Question vectors of any sentence encoder with text features beside them. What is kept on disk
/// are the sentence vectors; text features are counted when they are needed.
///
/// The sentence comes first, then the surface of the text, both of length 1 (as encoders give them
/// that normalise) and scaled so that a cosine of these columns is 0.35 times that of the sentences
/// and 0.65 times that of the surfaces. Behind them is the content
/// ([TextFeatureEncoder#ofContent]), scaled like the surface. A [TextFeatureSet] says which of
/// these features there are.
public final class TextFeatureVectors {
  /// What a cosine of sentence and surface takes from the sentences; the rest is from the surfaces.
  public static final double SENTENCE_SHARE = 0.35;

  private static final double SENTENCE_SCALE = Math.sqrt(SENTENCE_SHARE);
  private static final double SURFACE_SCALE = Math.sqrt(1 - SENTENCE_SHARE);

  private TextFeatureVectors() {}

  /// How a vector is divided.
  ///
  /// @param sentence columns of the sentence encoder, the first ones
  /// @param surface columns of the surface, behind them; may be 0
  /// @param content columns of the content, the last ones; may be 0
  public record Columns(int sentence, int surface, int content) {}

  /// How the vectors of an encoder are divided.
  public static Columns columns(EncoderIdentity encoder) {
    int features = encoder.textFeatures().columns();
    int surface = Math.min(features, TextFeatureSet.SURFACE.columns());
    return new Columns(encoder.dimension() - features, surface, features - surface);
  }

  /// The encoder that makes the vectors of another one and puts text features beside them.
  ///
  /// @param features at least the surface
  public static EncoderIdentity identity(EncoderIdentity sentence, TextFeatureSet features) {
    StringBuilder joined =
        new StringBuilder("joined\n%s %s".formatted(SENTENCE_SHARE, sentence.digest()));
    for (QuestionEncoder encoder : features.encoders()) {
      joined.append("\n%s %s".formatted(1 - SENTENCE_SHARE, encoder.identity().digest()));
    }
    return new EncoderIdentity(
        sentence.sentenceEncoder(),
        Sha256.of(joined.toString()),
        sentence.dimension() + features.columns(),
        sentence.maxTokens(),
        features);
  }

  /// What the vectors of the sentence, the surface and the content are multiplied by.
  public static List<Double> scales() {
    return List.of(SENTENCE_SCALE, SURFACE_SCALE, SURFACE_SCALE);
  }

  /// The sentence encoder's vectors alone, as the paper's baselines see them. Where text features
  /// had to be left out, their identity has no digest.
  public static QuestionVectors sentenceVectors(QuestionVectors vectors) {
    EncoderIdentity encoder = vectors.encoder();
    if (encoder.textFeatures() == TextFeatureSet.NONE) {
      return vectors;
    }
    return new QuestionVectors(
        vectors.ids(),
        sentences(encoder, vectors.vectors()),
        new EncoderIdentity(
            encoder.sentenceEncoder(),
            "",
            vectors.dimension() - encoder.textFeatures().columns(),
            encoder.maxTokens()));
  }

  /// The sentence encoder's columns of some vectors, as it gave them.
  ///
  /// @param encoder whose vectors they are
  /// @param vectors [n, q], more columns may follow
  /// @return [n, columns of the sentence]
  public static FloatMatrix sentences(EncoderIdentity encoder, FloatMatrix vectors) {
    int q = encoder.dimension() - encoder.textFeatures().columns();
    double scale = encoder.textFeatures() == TextFeatureSet.NONE ? 1 : SENTENCE_SCALE;
    float[] alone = new float[Math.multiplyExact(vectors.rows(), q)];
    for (int j = 0; j < vectors.rows(); j++) {
      for (int x = 0; x < q; x++) {
        alone[j * q + x] = (float) (vectors.get(j, x) / scale);
      }
    }
    return FloatMatrix.wrap(vectors.rows(), q, alone);
  }

  /// Form and content of the questions' texts beside their vectors.
  ///
  /// @param questions in the order of the vectors
  public static QuestionVectors append(QuestionVectors sentence, List<Question> questions) {
    return append(sentence, questions, TextFeatureSet.SURFACE_AND_CONTENT);
  }

  /// Text features of the questions beside their vectors.
  ///
  /// @param questions in the order of the vectors
  /// @param features at least the surface
  public static QuestionVectors append(
      QuestionVectors sentence, List<Question> questions, TextFeatureSet features) {
    if (!sentence.ids().equals(questions.stream().map(Question::id).toList())) {
      throw new IllegalArgumentException("the vectors are of other questions");
    }
    EncoderIdentity identity = identity(sentence.encoder(), features);
    List<String> texts = questions.stream().map(Question::text).toList();
    List<FloatMatrix> parts = new ArrayList<>(List.of(sentence.vectors()));
    for (QuestionEncoder encoder : features.encoders()) {
      parts.add(encoder.encode(texts));
    }
    int n = sentence.count();
    int width = identity.dimension();
    float[] joined = new float[Math.multiplyExact(n, width)];
    int at = 0;
    for (int p = 0; p < parts.size(); p++) {
      FloatMatrix part = parts.get(p);
      double scale = scales().get(p);
      for (int j = 0; j < n; j++) {
        for (int x = 0; x < part.columns(); x++) {
          joined[j * width + at + x] = (float) (part.get(j, x) * scale);
        }
      }
      at += part.columns();
    }
    return new QuestionVectors(sentence.ids(), FloatMatrix.wrap(n, width, joined), identity);
  }
}
