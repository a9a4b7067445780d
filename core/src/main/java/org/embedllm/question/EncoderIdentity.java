package org.embedllm.question;

/// Which encoder made a vector. Vectors of two encoders are never mixed.
///
/// @param name the user's name for it: `minilm-l6`, a folder, an endpoint's URL and model, a file
/// @param digest SHA-256 (hex) of weights and tokenizer, or of the file or endpoint description
/// @param dimension q, the length of its vectors
/// @param maxTokens longer texts are truncated; 0 where unknown
/// @param textFeatures how many values at the end of a vector are text features
///   ([TextFeatureVectors]); 0 where a vector is that of the sentence alone
public record EncoderIdentity(
    String name, String digest, int dimension, int maxTokens, int textFeatures) {
  public EncoderIdentity {
    if (textFeatures < 0 || (textFeatures > 0 && textFeatures >= dimension)) {
      throw new IllegalArgumentException(
          "%d text features do not fit vectors of dimension %d".formatted(textFeatures, dimension));
    }
  }

  /// An encoder whose vectors have no text features.
  public EncoderIdentity(String name, String digest, int dimension, int maxTokens) {
    this(name, digest, dimension, maxTokens, 0);
  }

  /// Name of the encoder that makes the values before the text features.
  public String sentenceEncoder() {
    return textFeatures > 0 ? TextFeatureVectors.sentenceEncoder(name).orElse(name) : name;
  }
}
