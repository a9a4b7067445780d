package org.embedllm.app.gateway.observe;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Standard error for libraries that print there past the log: each of their lines becomes a log
/// line, so that a log of JSON objects holds nothing else.
final class StrayLines extends PrintStream {
  StrayLines(Logger log) {
    super(new Lines(log), true, StandardCharsets.UTF_8);
  }

  private static final class Lines extends OutputStream {
    private final Logger log;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Lines(Logger log) {
      this.log = log;
    }

    @Override
    public synchronized void write(int b) {
      if (b != '\n') {
        line.write(b);
        return;
      }
      String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
      line.reset();
      if (!text.isEmpty()) {
        log.log(Level.WARNING, text);
      }
    }
  }
}
