package org.embedllm.question;

import java.time.Duration;

/// The progress of encoding a set of texts.
///
/// @param done texts encoded in this run
/// @param total texts to encode in this run, without those found in a store
/// @param reused texts whose vectors were found in a store
/// @param elapsed time since the first text
public record EncodingProgress(int done, int total, int reused, Duration elapsed) {
  /// Texts a second so far; 0 before the first.
  public double rate() {
    double seconds = elapsed.toNanos() / 1e9;
    return seconds > 0 ? done / seconds : 0;
  }

  /// Is told the progress: once before the first text, then after each group of texts.
  @FunctionalInterface
  public interface Listener {
    void progress(EncodingProgress progress);
  }
}
