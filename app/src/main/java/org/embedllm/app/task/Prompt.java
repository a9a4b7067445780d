package org.embedllm.app.task;

import java.util.Map;

/// A prompt with what else its source says about it.
///
/// @param text what is asked
/// @param fields attributes as they were written, by name
public record Prompt(String text, Map<String, String> fields) {
  public Prompt {
    fields = Map.copyOf(fields);
  }
}
