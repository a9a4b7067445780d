package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.Terminal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A command that ran inside this process: its exit status and what it said.
public record CommandRun(int status, String out, String err) {
  private static final int WIDE = 1000; // columns: no sentence is broken
  private static final int NARROW = 80;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public static CommandRun of(Object... arguments) {
    return on(WIDE, arguments);
  }

  /// On a terminal of 80 columns; fails where the command does, or where a line is wider than the
  /// terminal, or a number is parted from its percent sign. One word alone in its line may be
  /// wider, such as a path.
  public static CommandRun narrow(Object... arguments) {
    CommandRun run = fitting(NARROW, arguments);
    assertThat(run.out.lines()).noneMatch(line -> line.stripLeading().startsWith("%"));
    return run;
  }

  /// On a terminal of so many columns, whose lines must fit.
  public static CommandRun fitting(int columns, Object... arguments) {
    CommandRun run = on(columns, arguments);
    assertThat(run.status).as("%s: %s", List.of(arguments), run.err).isZero();
    assertThat(run.out.lines())
        .as("%s", List.of(arguments))
        .allSatisfy(line ->
            assertThat(line.length() <= columns || !line.strip().contains(" "))
                .as("%s", line)
                .isTrue());
    return run;
  }

  private static CommandRun on(int columns, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int at = 0; at < words.length; at++) {
      words[at] = arguments[at].toString();
    }
    int status =
        new Program(
                Commands.ALL,
                new PrintWriter(out),
                new PrintWriter(err),
                new Terminal(columns, false))
            .run(words);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /// The one JSON document on standard output.
  public JsonNode json() {
    if (status != 0) {
      throw new AssertionError("exit status " + status + ": " + err);
    }
    return JSON.readTree(out);
  }
}
