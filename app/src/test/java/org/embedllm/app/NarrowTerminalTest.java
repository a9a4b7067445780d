package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    CommandRun.narrow("evaluate", pool, data, "--no-as-asked");
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
  }
}
