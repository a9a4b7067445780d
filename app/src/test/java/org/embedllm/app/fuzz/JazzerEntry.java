package org.embedllm.app.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Jazzer calls with each input; the system property `embedllm.fuzz.target` names the target.
public final class JazzerEntry {
  static final String TARGET = "embedllm.fuzz.target";

  private static final FuzzTarget CHOSEN = FuzzTargets.named(System.getProperty(TARGET, ""));
  private static final Path FOLDER = folder();

  private JazzerEntry() {}

  private static Path folder() {
    try {
      return Files.createTempDirectory("embedllm-fuzz");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Classes are changed as they are loaded, which takes longer than an input may.
  public static void fuzzerInitialize() {
    CHOSEN.seeds().forEach(seed -> CHOSEN.run(FOLDER, seed));
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    CHOSEN.run(FOLDER, bytes);
  }
}
