package org.embedllm.app.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The program without its process: from arguments and two streams to an exit status.
///
/// Only the requested command is set up; reading the annotations of all of them would take longer
/// than answering a prompt.
public final class Program {
  private static final List<String> VERSION_OPTIONS = List.of("-V", "--version");

  private final List<CommandEntry> commands;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Terminal terminal;

  /// @param commands in the order of the help text
  /// @param out human text or the one JSON document
  /// @param err progress, logs and errors
  public Program(List<CommandEntry> commands, PrintWriter out, PrintWriter err) {
    this(commands, out, err, Terminal.current());
  }

  /// @param terminal what standard output is
  public Program(List<CommandEntry> commands, PrintWriter out, PrintWriter err, Terminal terminal) {
    this.commands = List.copyOf(commands);
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /// All commands set up, for what describes them.
  public static CommandLine described(List<CommandEntry> commands) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return new Program(commands, nowhere, nowhere).commandLine(new Errors(false));
  }

  /// The program itself, without its commands. It has no annotations: reading them would take as
  /// long as reading a small model file.
  ///
  /// @param terminal which its commands ask for
  private static CommandSpec root(Terminal terminal) {
    CommandSpec root =
        CommandSpec.wrapWithoutInspection(terminal)
            .name("embedllm")
            .versionProvider(new ProgramVersion())
            .addOption(
                OptionSpec.builder("-h", "--help")
                    .type(boolean.class)
                    .usageHelp(true)
                    .description("Show this help message and exit.")
                    .build())
            .addOption(
                OptionSpec.builder(VERSION_OPTIONS.toArray(String[]::new))
                    .type(boolean.class)
                    .versionHelp(true)
                    .description("Print version information and exit.")
                    .build());
    root.usageMessage()
        .synopsisSubcommandLabel("COMMAND")
        .description(
            "One compact vector per language model, learned from right and wrong answers:",
            "forecasts, routing, probing.%n")
        .footer(
            "",
            "Start with 'embedllm quickstart'; 'embedllm help COMMAND' explains a command.",
            "Exit status: 0 done, 1 failed, 2 wrong usage or bad input, 130 interrupted.");
    return root;
  }

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
    if (arguments.length > 1) {
      named(arguments[0]).forEach(CommandEntry::loadAhead);
    }
    try {
      CommandLine line = commandLine(errors, arguments);
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

  /// Help and errors of usage are written before options are read: what they say of colors is
  /// looked for here.
  private static Terminal.Colors colors(String... arguments) {
    List<String> given = List.of(arguments);
    for (Terminal.Colors colors : Terminal.Colors.values()) {
      String name = colors.name().toLowerCase(Locale.ROOT);
      int at = given.indexOf("--color");
      if (given.contains("--color=" + name)
          || (at >= 0 && at + 1 < given.size() && given.get(at + 1).equalsIgnoreCase(name))) {
        return colors;
      }
    }
    return Terminal.Colors.AUTO;
  }

  /// @param arguments the first one is the command that is set up, if it names one
  private CommandLine commandLine(Errors errors, String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    CommandLine line = new CommandLine(root(terminal));
    List<CommandEntry> wanted = named(first);
    boolean all = wanted.isEmpty() && !(arguments.length == 1 && VERSION_OPTIONS.contains(first));
    for (CommandEntry entry : all ? commands : wanted) {
      line.addSubcommand(entry.name(), entry.create().get());
    }
    if (all) {
      var help = new CommandLine(new HelpCommand());
      help.getCommandSpec().usageMessage().description("Explains a command.");
      line.addSubcommand("help", help);
    }
    HelpText.fit(line, terminal.with(colors(arguments)));
    return line.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler(errors::wrongUsage)
        .setExecutionExceptionHandler(errors::failed);
  }

  /// One command, or none.
  private List<CommandEntry> named(String name) {
    return commands.stream().filter(entry -> entry.name().equals(name)).toList();
  }
}
