package org.embedllm.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/// The program `embedllm`: connects [Program] to the process.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    StandardError.restore();
    int status = new Program(utf8(FileDescriptor.out), utf8(FileDescriptor.err)).run(arguments);
    System.exit(status);
  }

  /// Text goes out in UTF-8 whatever the locale says: model names and prompts are not ASCII.
  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
  }
}
