package org.embedllm.question;

import java.util.List;

/// Which encoder made a vector. Vectors of two encoders are never mixed.
///
/// @param sentenceEncoder the user's name for the encoder of the first values: `minilm-l6`, a
///   folder, an endpoint's URL and model, a file
/// @param digest SHA-256 (hex) of weights and tokenizer, or of the file or endpoint description,
///   and of the text features
/// @param dimension q, the length of its vectors
/// @param maxTokens longer texts are truncated; 0 where unknown
/// @param textFeatures what the values at the end of a vector are
public record EncoderIdentity(
    String sentenceEncoder,
    String digest,
    int dimension,
    int maxTokens,
    TextFeatureSet textFeatures) {
  public EncoderIdentity {
    int columns = textFeatures.columns();
    if (columns > 0 && columns >= dimension) {
      throw new IllegalArgumentException(
          "%d text features do not fit vectors of dimension %d".formatted(columns, dimension));
    }
  }

  /// An encoder whose vectors have no text features.
  public EncoderIdentity(String name, String digest, int dimension, int maxTokens) {
    this(name, digest, dimension, maxTokens, TextFeatureSet.NONE);
  }

  /// An identity as files keep it.
  ///
  /// @param name the text form of the whole name
  /// @param textFeatureColumns how many values at the end of a vector are text features
  /// @throws IllegalArgumentException where no set of text features has so many columns
  public static EncoderIdentity ofStored(
      String name, String digest, int dimension, int maxTokens, int textFeatureColumns) {
    TextFeatureSet features = TextFeatureSet.ofColumns(textFeatureColumns);
    return new EncoderIdentity(
        withoutSuffix(name, features), digest, dimension, maxTokens, features);
  }

  /// The whole name, in its text form.
  public String name() {
    return sentenceEncoder + textFeatures.suffix();
  }

  /// An encoder's name as people type it.
  ///
  /// @param sentenceEncoder name of the encoder of the first values
  /// @param textFeatures what is to follow them
  public record Name(String sentenceEncoder, TextFeatureSet textFeatures) {
    /// Reads the text form, such as `minilm-l6+text-features`; also that of older versions.
    public static Name parse(String text) {
      String current = DeprecatedNames.encoder(text);
      for (TextFeatureSet set :
          List.of(
              TextFeatureSet.SURFACE_AND_CONTENT, TextFeatureSet.SURFACE)) { // the longer one first
        String sentence = withoutSuffix(current, set);
        if (!sentence.equals(current)) {
          return new Name(sentence, set);
        }
      }
      return new Name(text, TextFeatureSet.NONE);
    }
  }

  private static String withoutSuffix(String name, TextFeatureSet features) {
    String suffix = features.suffix();
    return name.endsWith(suffix) && name.length() > suffix.length()
        ? name.substring(0, name.length() - suffix.length())
        : name;
  }
}
