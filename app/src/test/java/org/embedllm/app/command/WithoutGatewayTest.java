package org.embedllm.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.Provenance;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// The command line where neither the gateway nor the libraries that it alone uses are installed.
@Tag("process")
class WithoutGatewayTest {
  private static final Pattern GATEWAY =
      Pattern.compile(
          ".*(/gateway/target/.*|embedllm-gateway[^/]*\\.jar|/(httpclient5|httpcore5|resilience4j|"
              + "micrometer|prometheus|opentelemetry|sqlite|postgresql|flyway|HikariCP|snakeyaml|"
              + "logstash)[^/]*\\.jar)");

  @TempDir private Path folder;

  private record Ended(int status, String out, String errors) {}

  private Ended run(String... arguments) throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            .filter(entry -> !GATEWAY.matcher(entry).matches())
            .collect(Collectors.joining(":"));
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                "org.embedllm.app.Main"));
    command.addAll(List.of(arguments));
    Path errors = folder.resolve("errors");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out, Files.readString(errors));
  }

  @Test
  void help_listsEveryCommand() throws Exception {
    Ended help = run("--help");
    assertThat(help.status()).isZero();
    assertThat(help.out()).contains("route", "serve", "explore");
  }

  @Test
  void import_ofATable_works() throws Exception {
    Path table = folder.resolve("answers.csv");
    Files.writeString(
        table, "model,question,score\na,What is 1 + 1?,1\nb,What is 1 + 1?,0\na,And 2 + 2?,0\n");
    Ended imported = run("import", table.toString(), "--to", folder.resolve("data").toString());
    assertThat(imported.errors()).isEmpty();
    assertThat(imported.status()).isZero();
  }

  @Test
  void route_ofAPrompt_works() throws Exception {
    Path model = folder.resolve("model.safetensors");
    artifact(List.of("a", "b")).write(model);
    Ended routed = run("route", model.toString(), "What is 17 * 23?", "--json");
    assertThat(routed.status()).as(routed.errors()).isZero();
    assertThat(new JsonMapper().readTree(routed.out()).path("route").asString()).isIn("a", "b");
  }

  @Test
  void serve_saysWhatIsMissing() throws Exception {
    Ended served = run("serve", "model", "--config", "gateway.yaml");
    assertThat(served.status()).isEqualTo(2);
    assertThat(served.errors()).contains("serve needs the gateway, embedllm-gateway.jar");
  }

  private static ModelArtifact artifact(List<String> models) {
    EncoderIdentity identity;
    try (QuestionEncoder encoder =
        Encoders.open("minilm-l6-q", EncoderSettings.of(System.getenv()))) {
      identity = encoder.identity();
    }
    int q = identity.dimension();
    var factorization =
        new MatrixFactorization(
            models,
            identity,
            new FeatureMap.Identity(q),
            FloatMatrix.wrap(2, 2, new float[] {1, 0, 0, 0}),
            FloatMatrix.wrap(2, q, new float[2 * q]),
            FloatMatrix.wrap(1, 2, new float[] {1, 1}),
            FloatMatrix.wrap(2, 2, new float[] {0, 0, 1, 1}),
            FloatMatrix.wrap(1, 2, new float[2]));
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
            models, List.of(new Question("q", "a question", "some")), new float[][] {{1, 0}});
    return new ModelArtifact(
        factorization,
        AnswerCounts.of(answers),
        new Provenance("0.1.0", "ab".repeat(32), Map.of(), 1),
        Map.of(),
        Optional.empty(),
        Map.of(),
        Map.of());
  }
}
