package org.embedllm.onnx;

/// Splits a text into tokens. Safe for use by several threads.
interface TextTokenizer extends AutoCloseable {
  /// The tokens of a text, special ones included, at most `maxTokens` of them.
  Tokens tokenize(String text, int maxTokens);

  @Override
  void close();
}
