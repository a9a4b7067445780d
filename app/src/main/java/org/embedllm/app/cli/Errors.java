package org.embedllm.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Printable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Turns an exception into a line on standard error, or one for each of several problems, and an
/// exit status.
final class Errors {
  private static final int LONGEST_LINE = 1_200;
  private static final int KEPT_BEFORE = 700;
  private static final int KEPT_AFTER = 300;

  private final boolean verbose;

  /// @param verbose whether stack traces are shown
  Errors(boolean verbose) {
    this.verbose = verbose;
  }

  /// The message for the user, and the exit status.
  record Verdict(String message, int status) {}

  int wrongUsage(ParameterException exception, String[] arguments) {
    PrintWriter err = exception.getCommandLine().getErr();
    err.println(StandardError.fitted("embedllm: " + oneLine(UsageMessage.of(exception))));
    trace(exception, err);
    return ExitStatus.WRONG_USAGE;
  }

  int failed(Exception exception, CommandLine command, ParseResult parsed) {
    return failed(exception, command.getErr());
  }

  int failed(Throwable thrown, PrintWriter err) {
    Verdict verdict = verdict(cause(thrown));
    err.println(StandardError.fitted("embedllm: " + verdict.message()));
    trace(thrown, err);
    return verdict.status();
  }

  private void trace(Throwable thrown, PrintWriter err) {
    if (verbose) {
      err.print(Printable.trace(thrown));
      err.flush();
    }
  }

  static Verdict verdict(Throwable thrown) {
    return switch (thrown) {
      case BadInputException bad when !bad.each().isEmpty() ->
          new Verdict(oneEach(bad.each()), ExitStatus.WRONG_USAGE);
      case BadInputException bad -> new Verdict(oneLine(text(bad)), ExitStatus.WRONG_USAGE);
      case InterruptedException _, CancellationException _, ClosedByInterruptException _ ->
          new Verdict("interrupted", ExitStatus.INTERRUPTED);
      case NoSuchFileException missing ->
          new Verdict(missing.getFile() + ": no such file or directory", ExitStatus.WRONG_USAGE);
      case AccessDeniedException denied ->
          new Verdict(denied.getFile() + ": permission denied", ExitStatus.WRONG_USAGE);
      case FileSystemException file -> new Verdict(oneLine(text(file)), ExitStatus.WRONG_USAGE);
      case IOException io when text(io).contains("No space left on device") ->
          new Verdict("the disk is full: " + oneLine(text(io)), ExitStatus.WRONG_USAGE);
      case IOException io -> new Verdict(oneLine(text(io)), ExitStatus.FAILED);
      case IllegalArgumentException illegal ->
          new Verdict(oneLine(text(illegal)), ExitStatus.WRONG_USAGE);
      case OutOfMemoryError error -> {
        OutOfMemory end = OutOfMemory.of(error);
        yield new Verdict(end.problem() + "; " + end.remedy(), ExitStatus.FAILED);
      }
      default ->
          new Verdict(
              "failed: %s (--verbose shows where)".formatted(oneLine(thrown.toString())),
              ExitStatus.FAILED);
    };
  }

  /// The original exception, without the wrappers of executors and streams.
  static Throwable cause(Throwable thrown) {
    Throwable current = thrown;
    while (current instanceof UncheckedIOException
        || current instanceof ExecutionException
        || current instanceof CompletionException) {
      Throwable inner = current.getCause();
      if (inner == null) {
        break;
      }
      current = inner;
    }
    return current;
  }

  private static String text(Throwable thrown) {
    return Optional.ofNullable(thrown.getMessage())
        .orElse(thrown.getClass().getSimpleName().toLowerCase(Locale.ROOT));
  }

  private static String oneEach(List<String> problems) {
    return problems.stream()
        .map(Errors::oneLine)
        .collect(
            Collectors.joining(
                System.lineSeparator(),
                problems.size() + " problems:" + System.lineSeparator(),
                ""));
  }

  /// A message on one line. Values from files in a message may be of any length, so the middle of a
  /// very long line is left out; problem and remedy stay.
  static String oneLine(String text) {
    String line = Printable.text(text.strip().replaceAll("\\s*\\R\\s*", " "));
    return line.length() <= LONGEST_LINE
        ? line
        : line.substring(0, KEPT_BEFORE) + " … " + line.substring(line.length() - KEPT_AFTER);
  }
}
