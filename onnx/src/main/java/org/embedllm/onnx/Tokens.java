package org.embedllm.onnx;

/// A text as a sentence encoder reads it.
final class Tokens {
  private final long[] ids; // [length]
  private final int uncut;

  private Tokens(long[] ids, int uncut) {
    this.ids = ids;
    this.uncut = uncut;
  }

  /// At most `maxTokens` tokens: the end of the text is removed, special tokens at the end stay.
  ///
  /// @param ids all tokens of the text, special ones included; not copied
  /// @param specialAtEnd number of special tokens at the end
  static Tokens cut(long[] ids, int specialAtEnd, int maxTokens) {
    if (ids.length <= maxTokens) {
      return new Tokens(ids, ids.length);
    }
    long[] kept = java.util.Arrays.copyOf(ids, maxTokens);
    System.arraycopy(ids, ids.length - specialAtEnd, kept, maxTokens - specialAtEnd, specialAtEnd);
    return new Tokens(kept, ids.length);
  }

  /// The ids, `[length]`; not a copy.
  long[] ids() {
    return ids;
  }

  int length() {
    return ids.length;
  }

  /// Number of tokens before truncation.
  int uncut() {
    return uncut;
  }
}
