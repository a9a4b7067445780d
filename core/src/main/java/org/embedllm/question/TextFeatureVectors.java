package org.embedllm.question;

import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;

/// Question vectors of any sentence encoder with the form of the texts beside them, first the
/// sentence: both of length 1 (as encoders give them that normalise) and scaled so that a cosine of
/// such vectors is 0.35 times that of the sentences and 0.65 times that of the forms. The encoder
/// of such vectors is named `ENCODER+form`; what is kept on disk are the sentence vectors, the form
/// is counted when it is needed.
public final class TextFeatureVectors {
  /// What is appended to the name of a sentence encoder.
  public static final String SUFFIX = "+" + TextFeatureEncoder.NAME;

  /// What a cosine takes from the sentences; the rest is from the forms.
  public static final double SENTENCE_SHARE = 0.35;

  private static final double SENTENCE_SCALE = Math.sqrt(SENTENCE_SHARE);
  private static final double FORM_SCALE = Math.sqrt(1 - SENTENCE_SHARE);
  private static final EncoderIdentity FORM = new TextFeatureEncoder().identity();

  private TextFeatureVectors() {}

  /// The sentence encoder in a name that ends with [#SUFFIX].
  public static Optional<String> sentenceEncoder(String name) {
    return name.endsWith(SUFFIX) && name.length() > SUFFIX.length()
        ? Optional.of(name.substring(0, name.length() - SUFFIX.length()))
        : Optional.empty();
  }

  /// How many values at the end of an encoder's vectors are the form of the text.
  public static int formColumns(EncoderIdentity encoder) {
    return sentenceEncoder(encoder.name()).isPresent() && encoder.dimension() > FORM.dimension()
        ? FORM.dimension()
        : 0;
  }

  /// The encoder that makes the vectors of another one and puts the form of the text beside them.
  public static EncoderIdentity identity(EncoderIdentity sentence) {
    String joined =
        "joined\n%s %s\n%s %s"
            .formatted(SENTENCE_SHARE, sentence.digest(), 1 - SENTENCE_SHARE, FORM.digest());
    return new EncoderIdentity(
        sentence.name() + SUFFIX,
        Sha256.of(joined),
        sentence.dimension() + FORM.dimension(),
        sentence.maxTokens());
  }

  /// What the vectors of the sentence and of the form are multiplied by, so that unit vectors join
  /// to a unit vector.
  public static List<Double> scales() {
    return List.of(SENTENCE_SCALE, FORM_SCALE);
  }

  /// The sentence encoder's vectors alone, as the paper's baselines see them: without the form
  /// where it stands beside them. Their identity has no digest.
  public static QuestionVectors withoutForm(QuestionVectors vectors) {
    Optional<String> sentence = sentenceEncoder(vectors.encoder().name());
    if (sentence.isEmpty()) {
      return vectors;
    }
    int n = vectors.count();
    int width = vectors.dimension();
    int q = width - FORM.dimension();
    float[] alone = new float[Math.multiplyExact(n, q)];
    for (int j = 0; j < n; j++) {
      for (int x = 0; x < q; x++) {
        alone[j * q + x] = (float) (vectors.vectors().get(j, x) / SENTENCE_SCALE);
      }
    }
    return new QuestionVectors(
        vectors.ids(),
        FloatMatrix.wrap(n, q, alone),
        new EncoderIdentity(sentence.get(), "", q, vectors.encoder().maxTokens()));
  }

  /// The form of the questions' texts beside their vectors.
  ///
  /// @param questions in the order of the vectors
  public static QuestionVectors beside(QuestionVectors sentence, List<Question> questions) {
    if (!sentence.ids().equals(questions.stream().map(Question::id).toList())) {
      throw new IllegalArgumentException("the vectors are of other questions");
    }
    FloatMatrix form;
    try (TextFeatureEncoder encoder = new TextFeatureEncoder()) {
      form = encoder.encode(questions.stream().map(Question::text).toList());
    }
    int n = sentence.count();
    int q = sentence.dimension();
    int width = q + form.columns();
    float[] both = new float[Math.multiplyExact(n, width)];
    for (int j = 0; j < n; j++) {
      for (int x = 0; x < q; x++) {
        both[j * width + x] = (float) (sentence.vectors().get(j, x) * SENTENCE_SCALE);
      }
      for (int x = 0; x < form.columns(); x++) {
        both[j * width + q + x] = (float) (form.get(j, x) * FORM_SCALE);
      }
    }
    return new QuestionVectors(
        sentence.ids(), FloatMatrix.wrap(n, width, both), identity(sentence.encoder()));
  }
}
