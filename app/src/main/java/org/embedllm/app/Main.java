package org.embedllm.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.StandardError;

/// The process `embedllm`: connects [Program] to its streams and its exit status.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    StandardError.restore();
    Program program = new Program(Commands.ALL, utf8(FileDescriptor.out), utf8(FileDescriptor.err));
    System.exit(program.run(arguments));
  }

  /// Text goes out in UTF-8 whatever the locale says: model names and prompts are not ASCII.
  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
  }
}
