package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The main job as processes: what a script sees.
@Tag("process")
class MainJobProcessTest {
  @TempDir Path folder;

  private record Outcome(int status, String out, String err) {}

  private Outcome run(String input, Object... arguments) throws IOException, InterruptedException {
    return run(List.of(), input, arguments);
  }

  private Outcome run(List<String> javaOptions, String input, Object... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(javaOptions);
    command.add("org.embedllm.app.Main");
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    Path in = Files.writeString(Files.createTempFile(folder, "in", ""), input);
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    int status = process.waitFor();
    return new Outcome(
        status,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  @Test
  void mainJob_fromTablesToARoute_runsThrough() throws IOException, InterruptedException {
    Path tables = SimulatedAnswers.write(folder.resolve("tables"), false);
    Path model = folder.resolve("pool.safetensors");
    Outcome trained =
        run(
            "",
            "train",
            tables,
            "--to",
            model,
            "--published",
            "--dimension",
            8,
            "--epochs",
            40,
            "--learning-rate",
            0.01,
            "--json");
    assertThat(trained.status()).as(trained.err()).isZero();
    assertThat(trained.err()).as("libraries do not speak of themselves").doesNotContain("SLF4J");
    JsonMapper json = JsonMapper.builder().build();
    assertThat(ContractKeys.missing("train", json.readTree(trained.out()))).isEmpty();

    Outcome routed =
        run("Which river flows past Kinshasa?\nCompute the sum 9 + 4.\n", "route", model, "--json");
    assertThat(routed.status()).as(routed.err()).isZero();
    JsonNode routes = json.readTree(routed.out());
    assertThat(routes.get(0).get("route").asString()).isEqualTo("lab/traveller");
    assertThat(routes.get(1).get("route").asString()).startsWith("lab/adder");

    Outcome unloadable =
        run(List.of("-Donnxruntime.native.path=" + folder), "", "route", model, "a prompt");
    assertThat(unloadable.status()).isEqualTo(2);
    assertThat(unloadable.err())
        .contains("ONNX Runtime", folder.toString(), "64-bit Linux with glibc");

    Outcome wrong = run("", "similar", model, "lab/traveler");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
    assertThat(wrong.err()).contains("did you mean lab/traveller");
  }
}
