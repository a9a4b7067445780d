package org.embedllm.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The process's standard output, which remembers that it could not be written: a [PrintWriter]
/// forgets why.
public final class StandardOutput extends OutputStream {
  private final FileOutputStream descriptor = new FileOutputStream(FileDescriptor.out);
  private volatile Optional<String> failure = Optional.empty();

  /// A writer on it, in UTF-8 whatever the locale says: model names and prompts are not ASCII.
  public PrintWriter writer() {
    return new PrintWriter(new OutputStreamWriter(this, StandardCharsets.UTF_8), true);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      descriptor.write(bytes, offset, length);
    } catch (IOException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /// The exit status, after a line on standard error where output was lost. A reader that left,
  /// such as `head -1`, had what it wanted.
  ///
  /// @param status of the command
  public int settled(int status, PrintWriter err) {
    Optional<String> lost = failure.filter(reason -> !reason.contains("Broken pipe"));
    if (lost.isEmpty()) {
      return status;
    }
    err.println("embedllm: standard output cannot be written: " + lost.get());
    err.flush();
    return status == ExitStatus.DONE ? ExitStatus.FAILED : status;
  }
}
