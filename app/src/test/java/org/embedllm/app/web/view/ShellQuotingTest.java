package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
class ShellQuotingTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "two words",
        "it's",
        "'",
        "''\"\"",
        "$(touch /tmp/harmed) `id` $HOME",
        "a\nb\tc",
        "-rf",
        "!! \\ \\' \\\\",
        "ünïcode 🦙",
        "*?[a-z]{1,2}~;&|<>"
      })
  void word_quoted_comesThroughAShellAsItIs(String word) throws IOException, InterruptedException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh here");
    Process process =
        new ProcessBuilder("/bin/sh", "-c", "printf %s " + ShellQuoting.quoted(word)).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(said).isEqualTo(word);
  }
}
