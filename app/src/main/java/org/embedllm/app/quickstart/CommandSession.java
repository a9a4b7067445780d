package org.embedllm.app.quickstart;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.Terminal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs the program's own commands one after another, as a user would type them, and shows each
/// before its output.
public final class CommandSession {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MARGIN = "  ";

  private final List<CommandEntry> commands;
  private final Console console;

  public CommandSession(List<CommandEntry> commands, Console console) {
    this.commands = List.copyOf(commands);
    this.console = console;
  }

  /// A command that ended with another status than [ExitStatus#DONE], after its error message.
  public static final class StepFailed extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    public StepFailed(int status) {
      super("a step ended with status " + status);
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  /// Shows a command and runs it; its text goes to standard output, indented.
  public void step(String... arguments) throws StepFailed {
    console.command(MARGIN + "$ ./embedllm " + shellWords(arguments));
    run(new PrintWriter(new Indented(console), true), arguments);
  }

  /// Runs a command for its JSON document alone.
  public JsonNode ask(String... arguments) throws StepFailed {
    List<String> withJson = new ArrayList<>(List.of(arguments));
    withJson.add("--json");
    StringWriter document = new StringWriter();
    run(new PrintWriter(document), withJson.toArray(String[]::new));
    return JSON.readTree(document.toString());
  }

  private void run(PrintWriter out, String... arguments) throws StepFailed {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (console.isVerbose()) {
      all.add("--verbose");
    }
    Terminal terminal = console.terminal().indented(2 * MARGIN.length());
    int status =
        new Program(commands, out, console.errors(), terminal).run(all.toArray(String[]::new));
    out.flush();
    if (status != ExitStatus.DONE) {
      throw new StepFailed(status);
    }
  }

  /// The arguments as a POSIX shell reads them.
  static String shellWords(String... arguments) {
    List<String> words = new ArrayList<>();
    for (String argument : arguments) {
      words.add(
          argument.matches("[A-Za-z0-9_./:=,-]+")
              ? argument
              : "'" + argument.replace("'", "'\\''") + "'");
    }
    return String.join(" ", words);
  }

  /// Writes whole lines to a console, each after a margin.
  private static final class Indented extends Writer {
    private final Console console;
    private final StringBuilder line = new StringBuilder();

    Indented(Console console) {
      this.console = console;
    }

    @Override
    public void write(char[] characters, int offset, int length) {
      for (int k = offset; k < offset + length; k++) {
        if (characters[k] == '\n') {
          console.line("%s", (MARGIN + MARGIN + line).stripTrailing());
          line.setLength(0);
        } else if (characters[k] != '\r') {
          line.append(characters[k]);
        }
      }
    }

    @Override
    public void flush() {
      // Lines are written when they end.
    }

    @Override
    public void close() {
      if (!line.isEmpty()) {
        write(new char[] {'\n'}, 0, 1);
      }
    }
  }
}
