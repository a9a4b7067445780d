package org.embedllm.app.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/// The program without its process: from arguments and two streams to an exit status.
///
/// Only the requested command is set up; reading the annotations of all of them would take longer
/// than answering a prompt.
public final class Program {
  private final List<CommandEntry> commands;
  private final PrintWriter out;
  private final PrintWriter err;

  /// @param commands in the order of the help text
  /// @param out human text or the one JSON document
  /// @param err progress, logs and errors
  public Program(List<CommandEntry> commands, PrintWriter out, PrintWriter err) {
    this.commands = List.copyOf(commands);
    this.out = out;
    this.err = err;
  }

  @Command(
      name = "embedllm",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      synopsisSubcommandLabel = "COMMAND",
      description = {
        "One compact vector per language model, learned from right and wrong answers:",
        "forecasts, routing, probing.%n"
      },
      footer = {
        "",
        "Start with 'embedllm quickstart'; 'embedllm help COMMAND' explains a command.",
        "Exit status: 0 done, 1 failed, 2 wrong usage or bad input, 130 interrupted."
      })
  private static final class Root {}

  /// Runs one command.
  ///
  /// @return the exit status, see [ExitStatus]
  public int run(String... arguments) {
    boolean verbose = List.of(arguments).contains("--verbose");
    if (verbose) {
      // Read by the logger when it is first used, which is later than this.
      System.setProperty(LogSettings.VERBOSE, "true");
    }
    Errors errors = new Errors(verbose);
    try {
      CommandLine line = commandLine(errors, arguments.length == 0 ? "" : arguments[0]);
      if (arguments.length == 0) {
        line.usage(out);
        return ExitStatus.WRONG_USAGE;
      }
      return line.execute(arguments);
    } catch (Error error) {
      return errors.failed(error, err);
    } finally {
      out.flush();
      err.flush();
    }
  }

  /// @param first the first argument: the command that is set up, if it names one
  private CommandLine commandLine(Errors errors, String first) {
    CommandLine line = new CommandLine(new Root());
    List<CommandEntry> wanted =
        commands.stream().filter(entry -> entry.name().equals(first)).toList();
    for (CommandEntry entry : wanted.isEmpty() ? commands : wanted) {
      line.addSubcommand(entry.name(), entry.create().get());
    }
    if (wanted.isEmpty()) {
      line.addSubcommand(new HelpCommand());
    }
    return line.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(errors::wrongUsage)
        .setExecutionExceptionHandler(errors::failed);
  }
}
