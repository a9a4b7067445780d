package org.embedllm.onnx;

import org.embedllm.storage.Sha256;

/// What an encoder is known by.
final class Digests {
  private Digests() {}

  /// The digest of a sentence encoder: of everything its vectors depend on.
  static String ofEncoder(
      String weights,
      String tokenizer,
      int maxTokens,
      java.util.List<Pooling> poolings,
      java.util.List<String> dense,
      boolean normalized,
      boolean lowerCased,
      String prompt) {
    return Sha256.of(
        String.join(
                "\n",
                "sentence encoder 1",
                weights,
                tokenizer,
                Integer.toString(maxTokens),
                poolings.toString(),
                Boolean.toString(normalized),
                Boolean.toString(lowerCased),
                prompt)
            + (dense.isEmpty() ? "" : "\n" + String.join("\n", dense)));
  }
}
