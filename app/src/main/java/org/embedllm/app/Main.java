package org.embedllm.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.embedllm.app.cli.InterruptNote;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.StandardError;
import org.embedllm.app.cli.StandardOutput;

/// The process `embedllm`: connects [Program] to its streams and its exit status.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    StandardError.restore();
    StandardOutput out = new StandardOutput();
    PrintWriter err =
        new PrintWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8),
            true);
    InterruptNote note = new InterruptNote(List.of(arguments), err);
    int status = new Program(Commands.ALL, out.writer(), err).run(arguments);
    note.done();
    System.exit(out.settled(status, err));
  }
}
