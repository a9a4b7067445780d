package org.embedllm.onnx;

import java.util.Optional;
import java.util.function.Supplier;

/// A tokenizer that is loaded for the first text.
final class LazyTokenizer implements TextTokenizer {
  private final Supplier<TextTokenizer> maker;
  private Optional<TextTokenizer> made = Optional.empty(); // guarded by this

  LazyTokenizer(Supplier<TextTokenizer> maker) {
    this.maker = maker;
  }

  @Override
  public Tokens tokenize(String text, int maxTokens) {
    TextTokenizer tokenizer;
    synchronized (this) {
      if (made.isEmpty()) {
        made = Optional.of(maker.get());
      }
      tokenizer = made.get();
    }
    return tokenizer.tokenize(text, maxTokens);
  }

  @Override
  public synchronized void close() {
    made.ifPresent(TextTokenizer::close);
    made = Optional.empty();
  }
}
