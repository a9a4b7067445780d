package org.embedllm.question;

import java.util.List;
import org.embedllm.tensor.FloatMatrix;

/// The vectors and token counts of some texts.
///
/// @param vectors [texts, q]
/// @param tokenCounts tokens of each text before truncation, special tokens included; 0 where
///   unknown
public record EncodedTexts(FloatMatrix vectors, List<Integer> tokenCounts) {
  public EncodedTexts {
    tokenCounts = List.copyOf(tokenCounts);
    if (tokenCounts.size() != vectors.rows()) {
      throw new IllegalArgumentException(
          "%d token counts for %d vectors".formatted(tokenCounts.size(), vectors.rows()));
    }
  }
}
