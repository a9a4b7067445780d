package org.embedllm.app.cli;

import java.io.PrintWriter;
import java.util.List;
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

  @Option(
      names = "--color",
      paramLabel = "auto|always|never",
      description = "Colors in the text. Default: auto, on a terminal without NO_COLOR.",
      defaultValue = "auto")
  private Terminal.Colors colors = Terminal.Colors.AUTO;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /// Whether the user asked for JSON.
  public boolean wantsJson() {
    return json;
  }

  /// Whether the user asked for details.
  public boolean isVerbose() {
    return verbose;
  }

  /// A line of human text, broken between words where it is wider than the terminal; nothing under
  /// `--json`.
  ///
  /// @param format as in [String#format], with the same numbers in every locale
  public void line(String format, Object... arguments) {
    print(Paragraph.wrapped(formatted(format, arguments), terminal().width()));
  }

  /// A line that says what follows, in bold where there are colors.
  public void heading(String format, Object... arguments) {
    print(
        Paragraph.wrapped(formatted(format, arguments), terminal().width()).stream()
            .map(terminal()::bold)
            .toList());
  }

  /// A shell command that can be copied, whatever its length.
  public void command(String command) {
    print(Paragraph.wrapped(command, terminal().width(), " \\"));
  }

  /// Text for another program to read, as it is; nothing under `--json`.
  public void text(String text) {
    if (!json) {
      out().print(text);
    }
  }

  /// A text in the color of what is chosen or good, where there are colors.
  public String good(String text) {
    return terminal().good(text);
  }

  private void print(List<String> lines) {
    if (!json) {
      lines.forEach(out()::println);
    }
  }

  private static String formatted(String format, Object... arguments) {
    return Terminal.shown(
        arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
  }

  /// What standard output is.
  public Terminal terminal() {
    Terminal terminal =
        command.root().userObject() instanceof Terminal own ? own : Terminal.current();
    return terminal.with(colors);
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

  /// The results of a command as JSON, each written when it is there; nothing without `--json`.
  ///
  /// @param single whether there is one document; otherwise they are an array
  public JsonDocuments jsonDocuments(boolean single) {
    if (!json) {
      return JsonDocuments.NONE;
    }
    return single ? JsonDocuments.alone(out()) : JsonOutput.array(out());
  }

  /// A line on standard error, for what a user should know besides the result.
  public void warn(String format, Object... arguments) {
    Paragraph.wrapped(formatted(format, arguments), terminal().width()).forEach(errors()::println);
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

  /// The progress of a step that prints its results as it goes: none where standard output is a
  /// terminal, which shows them.
  public Progress progressBesideResults(String task, long total, String unit) {
    return Terminal.isStandardOutput() ? Progress.NONE : progress(task, total, unit);
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
