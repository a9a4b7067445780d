package org.embedllm.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.InterruptNote;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.Signals;
import org.embedllm.app.cli.StandardError;
import org.embedllm.app.cli.StandardOutput;

/// The process `embedllm`: connects [Program] to its streams and its exit status.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    StandardError.restore();
    answerSearches();
    StandardOutput out = new StandardOutput();
    PrintWriter err =
        new PrintWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8),
            true);
    InterruptNote note = new InterruptNote(List.of(arguments), err);
    Signals signals = Signals.take();
    int status = new Program(Commands.ALL, out.writer(), err).run(arguments);
    signals.done();
    note.done();
    end(out.settled(status, err));
  }

  /// Says what libraries would look for in all jars: opening them takes a short command a tenth of
  /// its time.
  private static void answerSearches() {
    System.setProperty("picocli.disable.closures", "true"); // It looks for Groovy.
    System.setProperty("slf4j.provider", "ch.qos.logback.classic.spi.LogbackServiceProvider");
    System.setProperty("slf4j.internal.verbosity", "WARN"); // It would announce the line above.
  }

  /// Java looks for a logger in all jars before it exits with a status. A command that is done and
  /// left no thread behind ends without one.
  private static void end(int status) {
    if (status != ExitStatus.DONE || othersRun()) {
      System.exit(status);
    }
  }

  private static boolean othersRun() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> !thread.isDaemon() && !thread.equals(Thread.currentThread()));
  }
}
