package org.embedllm.gateway.api;

import java.util.Optional;

/// The text of a decision, kept in memory for feedback that comes soon.
///
/// @param text routed on
/// @param model that answered, or was chosen where none was asked
/// @param client name of the key; empty where no keys are needed
record RoutedText(String text, String model, Optional<String> client) {
  private static final long OVERHEAD = 256;

  /// Bytes of memory, about.
  long bytes() {
    return OVERHEAD + text.length();
  }
}
