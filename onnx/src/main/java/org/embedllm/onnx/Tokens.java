package org.embedllm.onnx;

/// A text as a sentence encoder reads it.
final class Tokens {
  private final long[] ids; // [length]
  private final int uncut;

  private Tokens(long[] ids, int uncut) {
    this.ids = ids;
    this.uncut = uncut;
  }

  /// Tokens of which at most `maxTokens` stay: the end of the text goes, special tokens at the end
  /// stay.
  ///
  /// @param ids all tokens of the text, special ones included; taken over
  /// @param specialAtEnd how many special tokens stand at the end
  static Tokens cut(long[] ids, int specialAtEnd, int maxTokens) {
    if (ids.length <= maxTokens) {
      return new Tokens(ids, ids.length);
    }
    long[] kept = java.util.Arrays.copyOf(ids, maxTokens);
    System.arraycopy(ids, ids.length - specialAtEnd, kept, maxTokens - specialAtEnd, specialAtEnd);
    return new Tokens(kept, ids.length);
  }

  /// The ids, [length]; not a copy.
  long[] ids() {
    return ids;
  }

  int length() {
    return ids.length;
  }

  /// How many there were before the cut.
  int uncut() {
    return uncut;
  }
}
