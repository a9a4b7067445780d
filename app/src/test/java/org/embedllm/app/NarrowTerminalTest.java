package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.app.cli.CommandEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session on a terminal of 80 columns, from tables to a page of files. Votes, and the commands
/// that need a server or a gateway's store, are tried so in `VoteCommandsTest`, `AskCommandTest`
/// and `ReplayCommandTest`.
@Tag("training")
class NarrowTerminalTest {
  @TempDir private Path folder;

  @Test
  void session_onEightyColumns_fits() throws IOException {
    Path tables = SimulatedAnswers.write(folder.resolve("tables"), false);
    Path data = folder.resolve("data");
    Path pool = folder.resolve("pool.safetensors");
    CommandRun.narrow("import", tables, "--to", data);
    CommandRun.narrow("encode", data);
    CommandRun.narrow("inspect", data);
    CommandRun.narrow("inspect", data, "--suspects");
    CommandRun.narrow("train", data, "--to", pool);
    String first = CommandRun.fitting(60, "evaluate", pool, data, "--no-as-asked").out();
    assertThat(first).as("the recommendation comes first").matches("(?s)(Use|Route) .*");
    assertThat(CommandRun.narrow("inspect", pool).out()).contains("\ntraining questions  ");
    CommandRun.narrow("models", pool);
    CommandRun.narrow("similar", pool, "lab/adder");
    CommandRun.narrow("forecast", pool, "Compute the sum 9 + 4.");
    CommandRun.narrow("route", pool, "Compute the sum 9 + 4.");
    Path questions = folder.resolve("questions.csv");
    Files.writeString(questions, "prompt\nCompute the sum 9 + 4.\nWhich river is long?\n");
    CommandRun.narrow("benchmark", pool, questions);
    CommandRun.narrow("plan", pool, "--budget", 3);
    Path answers = folder.resolve("answers.csv");
    Files.writeString(
        answers,
        """
        model_name,prompt_id,prompt,label
        lab/new,x1,Compute the sum 9 + 4.,1
        lab/new,x2,Which river is long?,0
        """);
    CommandRun.narrow("add", pool, answers, "--to", folder.resolve("more.safetensors"));
    Files.writeString(
        answers, "model_name,prompt_id,prompt,label\nlab/adder,x1,Compute the sum 9 + 4.,1\n");
    CommandRun.narrow("learn", pool, answers, "--to", folder.resolve("learned.safetensors"));
    CommandRun.narrow("tune", tables, "--neighbors", "1,3", "--dimensions", "4", "--epochs", 2);
    CommandRun.narrow("experiment", "routing", data, "--to", folder.resolve("experiment"));
    CommandRun.narrow("export", pool, "--to", folder.resolve("embeddings.csv"));
    CommandRun.narrow("explore", pool, "--export", folder.resolve("site"));
    CommandRun.narrow("cache");
    for (int columns : new int[] {60, 120}) {
      CommandRun.fitting(columns, "inspect", data);
      CommandRun.fitting(columns, "models", pool);
      CommandRun.fitting(columns, "similar", pool, "lab/adder");
      CommandRun.fitting(columns, "route", pool, "Compute the sum 9 + 4.");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 120})
  void help_ofEveryCommand_fits(int columns) {
    for (CommandEntry command : Commands.ALL) {
      String help = CommandRun.fitting(columns, command.name(), "--help").out();
      assertThat(help).as(command.name()).startsWith("Usage: embedllm " + command.name());
    }
  }

  @Test
  void example_onANarrowTerminal_canStillBeCopied() {
    String help = CommandRun.fitting(60, "help", "ask").out();
    String examples = help.substring(help.indexOf("Examples:\n") + 10);
    assertThat(examples.replaceAll(" \\\\\n +", " ").lines().filter(line -> !line.isBlank()))
        .hasSize(2)
        .allMatch(line -> line.startsWith("  embedllm ask "));
  }
}
