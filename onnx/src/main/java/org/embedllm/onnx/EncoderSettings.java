package org.embedllm.onnx;

import java.nio.file.Path;
import java.util.Map;

/// How encoders run.
///
/// @param threads texts encoded at once
/// @param cache folder for unpacked weights and native libraries
/// @param environment where the key of an endpoint is read
public record EncoderSettings(int threads, Path cache, Map<String, String> environment) {
  public EncoderSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1; got " + threads);
    }
    environment = Map.copyOf(environment);
  }

  /// All processors, and the user's cache folder.
  ///
  /// @param environment usually `System.getenv()`
  public static EncoderSettings of(Map<String, String> environment) {
    return new EncoderSettings(
        Runtime.getRuntime().availableProcessors(),
        org.embedllm.storage.UserCache.folder(environment),
        environment);
  }

  public EncoderSettings withThreads(int count) {
    return new EncoderSettings(count, cache, environment);
  }
}
