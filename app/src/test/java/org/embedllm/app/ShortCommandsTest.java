package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Commands whose heap keeps Java's default: the launchers and the documentation name the same.
class ShortCommandsTest {
  private static final String HEAP =
      "-XX:MaxRAMPercentage=60 -XX:MinHeapFreeRatio=20 -XX:GCTimeRatio=1";
  private static final Path ARCHIVE = Path.of("../dist/src/main/files/bin");

  private static String found(String pattern, Path file) throws IOException {
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
    assertThat(matcher.find()).as("%s in %s", pattern, file).isTrue();
    return matcher.group(1);
  }

  private static List<String> inScript(Path script) throws IOException {
    String words = found("\n +(route \\|[^\n)]*) \\| ''\\)\n", script);
    assertThat(Files.readString(script)).containsOnlyOnce("$common " + HEAP + " ");
    return List.of(words.split(" \\| "));
  }

  @Test
  void launchers_treatTheSameCommandsAsShort() throws IOException {
    List<String> shortOnes = inScript(Path.of("../embedllm"));
    Path windows = ARCHIVE.resolve("embedllm.cmd");

    assertThat(inScript(ARCHIVE.resolve("embedllm"))).isEqualTo(shortOnes);
    assertThat(List.of(found("%%c in \\(([^)]*)\\)", windows).split(" "))).isEqualTo(shortOnes);
    assertThat(Files.readString(windows)).contains("MEMORY=" + HEAP);
  }

  @Test
  void documentation_namesTheShortCommands() throws IOException {
    String said = found("Short commands \\(([^)]*)\\)", Path.of("../docs/limits.md"));
    List<String> commands =
        inScript(Path.of("../embedllm")).stream()
            .takeWhile(word -> !word.equals("completion"))
            .toList();

    assertThat(List.of(said.replace("`", "").split(", "))).isEqualTo(commands);
  }
}
