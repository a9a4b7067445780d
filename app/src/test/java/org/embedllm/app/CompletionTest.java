package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.app.cli.CommandEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is made from the commands' descriptions: completion, manual pages, groups of the help.
class CompletionTest {
  @TempDir Path folder;

  @Test
  void completion_ofEachShell_knowsCommandsAndOptions() {
    for (String shell : new String[] {"bash", "zsh", "fish"}) {
      CommandRun run = CommandRun.of("completion", shell);
      assertThat(run.status()).isZero();
      assertThat(run.out()).contains("quickstart", "exclude-benchmark", "embedllm");
      assertThat(run.out()).doesNotContain("newcomers");
    }
    assertThat(CommandRun.of("completion", "tcsh").status()).isEqualTo(2);
  }

  @Test
  void manualPages_areThereForEveryCommand() throws IOException {
    ManualPages.main(new String[] {folder.toString(), "1.2.3"});
    for (CommandEntry command : Commands.ALL) {
      assertThat(folder.resolve("embedllm-" + command.name() + ".1")).exists();
    }
    assertThat(Files.readString(folder.resolve("embedllm-train.1")))
        .startsWith(".TH \"EMBEDLLM-TRAIN\" 1 \"\" \"EmbedLLM for Java 1.2.3\"")
        .contains(".SH SYNOPSIS\nembedllm train DATASET \\-\\-to MODEL [OPTION]...")
        .contains("\\fB\\-\\-seed N\\fR\n");
  }

  @Test
  void help_hasNoCommandWithoutAGroup() {
    String help = CommandRun.of("--help").out();
    String others = help.substring(help.indexOf("\nOther\n"), help.indexOf("\nStart with"));
    assertThat(others.lines().filter(line -> line.startsWith("  ") && line.charAt(2) != ' '))
        .hasSize(2);
  }
}
