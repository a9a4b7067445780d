package org.embedllm.app.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The grammars and tables in this package's resources.
final class SampleResources {
  private SampleResources() {}

  static String text(String name) {
    try (InputStream stream = SampleResources.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("the program's jar lacks its file " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
