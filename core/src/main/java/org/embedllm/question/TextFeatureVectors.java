package org.embedllm.question;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;

/// Question vectors of any sentence encoder with text features beside them. What is kept on disk
/// are the sentence vectors; text features are counted when they are needed.
///
/// The sentence comes first, then the form of the text, both of length 1 (as encoders give them
/// that normalise) and scaled so that a cosine of these columns is 0.35 times that of the sentences
/// and 0.65 times that of the forms. Behind them is the content ([TextFeatureEncoder#ofContent]),
/// scaled like the form. Such an encoder is named `ENCODER+text-features+content-features`;
/// `ENCODER+text-features`, without the content, is what older model files read.
public final class TextFeatureVectors {
  /// What is appended to the name of a sentence encoder.
  public static final String SUFFIX =
      "+" + TextFeatureEncoder.NAME + "+" + TextFeatureEncoder.CONTENT_NAME;

  /// What older model files appended.
  public static final String FORM_SUFFIX = "+" + TextFeatureEncoder.NAME;

  /// What a cosine of sentence and form takes from the sentences; the rest is from the forms.
  public static final double SENTENCE_SHARE = 0.35;

  private static final double SENTENCE_SCALE = Math.sqrt(SENTENCE_SHARE);
  private static final double FORM_SCALE = Math.sqrt(1 - SENTENCE_SHARE);
  private static final EncoderIdentity FORM = new TextFeatureEncoder().identity();
  private static final EncoderIdentity CONTENT = TextFeatureEncoder.ofContent().identity();

  /// How many values at the end of a vector are text features, content included.
  public static final int COLUMNS = FORM.dimension() + CONTENT.dimension();

  /// The same in older model files.
  public static final int FORM_COLUMNS = FORM.dimension();

  private TextFeatureVectors() {}

  /// How a vector is divided.
  ///
  /// @param sentence columns of the sentence encoder, the first ones
  /// @param form columns of the form, behind them; may be 0
  /// @param content columns of the content, the last ones; may be 0
  public record Columns(int sentence, int form, int content) {}

  /// How the vectors of an encoder are divided.
  public static Columns columns(EncoderIdentity encoder) {
    int features = encoder.textFeatures();
    int form = Math.min(features, FORM_COLUMNS);
    return new Columns(encoder.dimension() - features, form, features - form);
  }

  /// The sentence encoder in a name that ends with [#SUFFIX] or [#FORM_SUFFIX].
  public static Optional<String> sentenceEncoder(String name) {
    String current = DeprecatedNames.encoder(name);
    for (String suffix : List.of(SUFFIX, FORM_SUFFIX)) {
      if (current.endsWith(suffix) && current.length() > suffix.length()) {
        return Optional.of(current.substring(0, current.length() - suffix.length()));
      }
    }
    return Optional.empty();
  }

  /// The encoder that makes the vectors of another one and puts text features beside them.
  ///
  /// @param name ends with [#SUFFIX] or [#FORM_SUFFIX], which says which features
  public static EncoderIdentity identity(EncoderIdentity sentence, String name) {
    StringBuilder joined =
        new StringBuilder(
            "joined\n%s %s\n%s %s"
                .formatted(SENTENCE_SHARE, sentence.digest(), 1 - SENTENCE_SHARE, FORM.digest()));
    boolean content = name.endsWith(SUFFIX);
    if (content) {
      joined.append("\n%s %s".formatted(1 - SENTENCE_SHARE, CONTENT.digest()));
    }
    return new EncoderIdentity(
        sentence.name() + (content ? SUFFIX : FORM_SUFFIX),
        Sha256.of(joined.toString()),
        sentence.dimension() + FORM.dimension() + (content ? CONTENT.dimension() : 0),
        sentence.maxTokens(),
        content ? COLUMNS : FORM_COLUMNS);
  }

  /// The encoders of text features that a name asks for.
  public static List<QuestionEncoder> encoders(String name) {
    return name.endsWith(SUFFIX)
        ? List.of(new TextFeatureEncoder(), TextFeatureEncoder.ofContent())
        : List.of(new TextFeatureEncoder());
  }

  /// What the vectors of the sentence, the form and the content are multiplied by.
  public static List<Double> scales() {
    return List.of(SENTENCE_SCALE, FORM_SCALE, FORM_SCALE);
  }

  /// The sentence encoder's vectors alone, as the paper's baselines see them. Where text features
  /// had to be left out, their identity has no digest.
  public static QuestionVectors sentenceVectors(QuestionVectors vectors) {
    EncoderIdentity encoder = vectors.encoder();
    if (encoder.textFeatures() == 0) {
      return vectors;
    }
    return new QuestionVectors(
        vectors.ids(),
        sentences(encoder, vectors.vectors()),
        new EncoderIdentity(
            encoder.sentenceEncoder(),
            "",
            vectors.dimension() - encoder.textFeatures(),
            encoder.maxTokens()));
  }

  /// The sentence encoder's columns of some vectors, as it gave them.
  ///
  /// @param encoder whose vectors they are
  /// @param vectors [n, q], more columns may follow
  /// @return [n, columns of the sentence]
  public static FloatMatrix sentences(EncoderIdentity encoder, FloatMatrix vectors) {
    int q = encoder.dimension() - encoder.textFeatures();
    double scale = encoder.textFeatures() == 0 ? 1 : SENTENCE_SCALE;
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
    return append(sentence, questions, SUFFIX);
  }

  /// Text features of the questions beside their vectors.
  ///
  /// @param questions in the order of the vectors
  /// @param name ends with [#SUFFIX] or [#FORM_SUFFIX], which says which features
  public static QuestionVectors append(
      QuestionVectors sentence, List<Question> questions, String name) {
    if (!sentence.ids().equals(questions.stream().map(Question::id).toList())) {
      throw new IllegalArgumentException("the vectors are of other questions");
    }
    EncoderIdentity identity = identity(sentence.encoder(), name);
    List<String> texts = questions.stream().map(Question::text).toList();
    List<FloatMatrix> parts = new ArrayList<>(List.of(sentence.vectors()));
    for (QuestionEncoder encoder : encoders(name)) {
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
