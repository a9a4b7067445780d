package org.embedllm.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.embedllm.app.gateway.access.KeyRing;
import org.embedllm.app.gateway.api.Gateway;
import org.embedllm.app.gateway.config.ConfigReader;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.Limits;
import org.embedllm.app.gateway.decide.RoutingBrain;
import org.embedllm.app.gateway.decide.TrainedBrain;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm serve MODEL --config FILE`: the gateway.
@Command(
    name = "serve",
    description =
        "Serves one OpenAI-compatible endpoint that sends each request to the right model.")
public final class ServeCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Trained model file.")
  private @Nullable Path model;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Upstreams, keys, limits: see docs/gateway.md.")
  private @Nullable Path config;

  @Option(
      names = "--new-key",
      paramLabel = "NAME",
      description = "Print a new key and the lines that let it in, and exit.")
  private @Nullable String newKey;

  @Override
  public Integer call() throws IOException, InterruptedException {
    String keyName = newKey;
    if (keyName != null) {
      return printKey(keyName);
    }
    Path modelFile = required(model, "MODEL is missing: embedllm serve MODEL --config FILE");
    Path configFile = required(config, "--config FILE is missing: it names the upstreams");
    GatewayConfig settings = new ConfigReader(System.getenv()).read(configFile);
    RoutingBrain brain = brain(modelFile, settings.limits());
    Gateway.remarks(settings, brain, modelFile.toString()).forEach(r -> console.remark("%s", r));
    Gateway gateway = new Gateway(settings, brain, List.of(), Clock.systemUTC());
    gateway.start();
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("gateway-stop")
                .unstarted(() -> {
                  gateway.close();
                  stopped.countDown();
                }));
    console.line("listening on http://%s:%d/v1", settings.listen().host(), gateway.port());
    stopped.await();
    return ExitStatus.DONE;
  }

  private static RoutingBrain brain(Path file, Limits limits) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(file);
    int threads = Runtime.getRuntime().availableProcessors();
    QuestionEncoder encoder =
        Encoders.open(
            artifact.encoder().name(), EncoderSettings.of(System.getenv()).withThreads(1));
    artifact.requireEncoder(encoder.identity());
    Optional<TrainingQuestions> questions = TrainingQuestions.beside(file, artifact);
    return new TrainedBrain(
        artifact.forecaster(),
        encoder,
        questions,
        threads,
        limits.encodeQueue(),
        limits.promptCache());
  }

  private Integer printKey(String name) {
    String key = KeyRing.freshKey(new SecureRandom());
    console.line("key: %s", key);
    console.line("");
    console.line("It is shown this once. In the configuration:");
    console.line("keys:");
    console.line("  - name: %s", name);
    console.line("    sha256: %s", KeyRing.hash(key));
    return ExitStatus.DONE;
  }

  private static <T> T required(@Nullable T value, String problem) {
    if (value == null) {
      throw BadInputException.of(problem);
    }
    return value;
  }
}
