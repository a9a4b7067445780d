package org.embedllm.gateway.openai;

import java.util.Locale;

/// The API of an upstream.
public enum Api {
  /// `POST /chat/completions`, and `/completions`.
  CHAT,
  /// `POST /responses`.
  RESPONSES,
  /// `POST /messages`.
  MESSAGES,
  /// `POST /embeddings`: an embedding model, which answers no chat.
  EMBEDDINGS;

  /// Its name in the configuration.
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
