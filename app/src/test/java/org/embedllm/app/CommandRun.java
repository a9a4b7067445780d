package org.embedllm.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.Terminal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A command that ran inside this process: its exit status and what it said.
public record CommandRun(int status, String out, String err) {
  private static final int WIDE = 1000; // columns: no sentence is broken
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public static CommandRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int at = 0; at < words.length; at++) {
      words[at] = arguments[at].toString();
    }
    int status =
        new Program(
                Commands.ALL, new PrintWriter(out), new PrintWriter(err), new Terminal(WIDE, false))
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
