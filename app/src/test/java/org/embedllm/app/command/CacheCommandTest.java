package org.embedllm.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.embedllm.app.ProgramProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The cache of a user, who has a home, has named a folder, or has neither.
@Tag("process")
class CacheCommandTest {
  @TempDir Path folder;

  /// Standard output of a command in a process with this environment alone.
  private String run(Map<String, String> environment, Object... arguments)
      throws IOException, InterruptedException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command =
        ProgramProcess.command(
            List.of(
                "-Djava.io.tmpdir=" + temporary,
                "-Duser.home=" + environment.getOrDefault("HOME", "?")),
            List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().putAll(environment);
    Process process = builder.directory(folder.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(() -> errors()).isZero();
    return out;
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Path table() throws IOException {
    StringBuilder rows = new StringBuilder("model,prompt,score\n");
    for (int j = 0; j < 40; j++) {
      rows.append("a,Which number is %d?,%d\nb,Which number is %d?,%d\n".formatted(j, j % 2, j, 1));
    }
    return Files.writeString(folder.resolve("t.csv"), rows);
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile).toList();
    }
  }

  private JsonNode cache(Map<String, String> environment, Object... options)
      throws IOException, InterruptedException {
    List<Object> arguments = new ArrayList<>(List.of("cache", "--json"));
    arguments.addAll(List.of(options));
    return JsonMapper.shared().readTree(run(environment, arguments.toArray()));
  }

  @Test
  void namedFolder_keepsVectorsOfTables_untilItIsCleared() throws Exception {
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.resolve("xdg").toString());
    run(
        environment,
        "train",
        table(),
        "--published",
        "--encoder",
        "minilm-l6-q",
        "--to",
        folder.resolve("a.safetensors"));

    JsonNode shown = cache(environment);

    assertThat(shown.path("folder").asString())
        .isEqualTo(folder.resolve("xdg/embedllm").toString());
    assertThat(shown.path("parts").valueStream().map(part -> part.path("part").asString()))
        .contains("vectors of minilm-l6-q");
    assertThat(shown.path("bytes").asLong()).isPositive();
    JsonNode cleared = cache(environment, "--clear");
    assertThat(cleared.path("cleared").asBoolean()).isTrue();
    assertThat(cleared.path("bytes").asLong()).isEqualTo(shown.path("bytes").asLong());
    assertThat(files(folder.resolve("xdg"))).isEmpty();
    assertThat(cache(environment).path("bytes").asLong()).isZero();
  }

  @Test
  void userWithoutHome_trainsFromATable_andKeepsNothing() throws Exception {
    run(
        Map.of(),
        "train",
        table(),
        "--published",
        "--encoder",
        "minilm-l6-q",
        "--to",
        folder.resolve("a.safetensors"));

    assertThat(folder.resolve("a.safetensors")).isRegularFile();
    assertThat(folder.resolve("?")).doesNotExist();
    assertThat(files(folder.resolve("tmp"))).noneMatch(file -> file.toString().contains("vectors"));
    assertThat(cache(Map.of()).has("folder")).isFalse();
  }
}
