package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedLlmJobTest {
  @TempDir private Path folder;

  private record Outcome(int status, String out, String err) {}

  @Test
  void help_ofTheJobs_namesEach() {
    assertThat(run("--help").out()).contains("import", "encode", "train", "add", "route");
  }

  @Test
  void help_ofRoute_saysWhatProbabilitiesAre() {
    assertThat(run("help", "route").out()).contains("P(correct)", "votes", "P(preferred)");
  }

  @Test
  void usage_wrong_isOneLineAndStatus2() throws IOException {
    Path noModel = Files.writeString(folder.resolve("no.safetensors"), "nothing");
    String model = noModel.toString();
    for (Outcome outcome :
        new Outcome[] {
          run("add", model, "answers.parquet"),
          run("add", model, "answers.parquet", "--to", folder.resolve("out").toString()),
          run("train", folder.toString()),
          run("train", folder.toString(), "--to", "x", "--sample-models", "1"),
          run("dance"),
        }) {
      assertThat(outcome.status()).as(outcome.err()).isEqualTo(2);
      assertThat(outcome.err().lines()).hasSize(1);
      assertThat(outcome.out()).isEmpty();
    }
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = EmbedLlmJob.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Outcome(status, out.toString(), err.toString());
  }
}
