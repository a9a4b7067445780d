package org.embedllm.question;

import java.util.List;
import org.embedllm.tensor.FloatMatrix;

/// Turns question text into vectors. Implementations are safe for use by several threads.
public interface QuestionEncoder extends AutoCloseable {
  EncoderIdentity identity();

  /// Says which texts will be asked for, in that order, for encoders that prepare many at once.
  default void announce(List<String> texts) {}

  /// Vectors of the given texts.
  ///
  /// @return [texts.size(), q]; the vector of a text does not depend on the others
  FloatMatrix encode(List<String> texts);

  /// Vectors and token counts of the given texts, for encoders that count while they encode.
  default EncodedTexts encodeAndCount(List<String> texts) {
    return new EncodedTexts(encode(texts), texts.stream().map(this::tokenCount).toList());
  }

  /// Number of tokens of a text before truncation, special tokens included; 0 where unknown.
  int tokenCount(String text);

  /// Whether texts go to a server, which may charge for each.
  default boolean isRemote() {
    return false;
  }

  @Override
  void close();
}
