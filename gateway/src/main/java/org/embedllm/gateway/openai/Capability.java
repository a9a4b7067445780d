package org.embedllm.gateway.openai;

import java.util.Locale;

/// What a model can do beyond plain text, and a request may need.
public enum Capability {
  TOOLS("tools"),
  IMAGES("images"),
  AUDIO("audio"),
  FILES("files"),
  VIDEO("video"),
  JSON("JSON mode");

  private final String words;

  Capability(String words) {
    this.words = words;
  }

  /// Its name in the configuration.
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// In a sentence.
  public String words() {
    return words;
  }
}
