package org.embedllm.app.cli;

import java.util.Optional;

/// What an [OutOfMemoryError] says of itself, and what helps.
///
/// @param problem what ended
/// @param remedy what to do
public record OutOfMemory(String problem, String remedy) {
  /// Tells the kinds apart by the words of the Java machine.
  public static OutOfMemory of(OutOfMemoryError error) {
    String said = Optional.ofNullable(error.getMessage()).orElse("");
    if (said.contains("native thread")) {
      return new OutOfMemory(
          "no more threads can be started",
          "raise the limit of processes (ulimit -u, or that of the container), or end other programs");
    }
    if (said.contains("array size")) {
      return new OutOfMemory(
          "an array would need more than 2 billion values",
          "take fewer models or questions at once; more memory does not help");
    }
    return new OutOfMemory(
        "out of memory: the heap may grow to %d MiB"
            .formatted(Runtime.getRuntime().maxMemory() >> 20),
        "set EMBEDLLM_JAVA_OPTIONS=-Xmx... to allow more");
  }
}
