package org.embedllm.app.cli;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What every command has: `--json`, `--verbose`, `--help`, and its two streams. Use it as a
/// picocli mixin: `@Mixin private Console console;`.
///
/// Human text goes to standard output unless `--json` was given; then standard output is the one
/// document handed to [#json]. Progress and warnings go to standard error.
public final class Console {
  @Option(names = "--json", description = "One JSON document on standard output, nothing else.")
  private boolean json;

  @Option(names = "--verbose", description = "Log in detail, and show where an error came from.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /// Whether the caller asked for JSON.
  public boolean wantsJson() {
    return json;
  }

  /// Whether the user asked for details.
  public boolean isVerbose() {
    return verbose;
  }

  /// A line of human text; nothing under `--json`.
  ///
  /// @param format as in [String#format], with the same numbers in every locale
  public void line(String format, Object... arguments) {
    if (!json) {
      out().println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    }
  }

  /// The result as JSON; nothing without `--json`.
  ///
  /// @param document records, maps, lists, numbers, strings, or a Jackson tree; a number that is
  ///   not finite is written as null
  public void json(Object document) {
    if (json) {
      JsonOutput.write(document, out());
    }
  }

  /// A line on standard error, for what a user should know besides the result.
  public void warn(String format, Object... arguments) {
    errors()
        .println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
  }

  /// Standard error itself, for a command that runs others.
  public PrintWriter errors() {
    return command.commandLine().getErr();
  }

  /// Shows the progress of a long step on standard error: a bar on a terminal, otherwise a line
  /// every ten seconds. Close it when the step ends.
  ///
  /// @param task name of the step, such as `encode`
  /// @param total number of units, or 0 where unknown
  /// @param unit of the count, such as `questions`
  public Progress progress(String task, long total, String unit) {
    return StandardError.isTerminal()
        ? new BarProgress(task, total, unit)
        : new LineProgress(task, total, unit, errors(), System::nanoTime);
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
