package org.embedllm.gateway;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.gateway.api.Gateway;
import org.embedllm.gateway.api.StartupWarnings;
import org.embedllm.gateway.api.WebRoutes;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Limits;
import org.embedllm.gateway.decide.TrainedForecaster;
import org.embedllm.gateway.observe.Traces;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FileWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A gateway made of a model file and a configuration file, which follows both while it runs.
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  private final Path modelFile;
  private final Path configFile;
  private final Map<String, String> environment;
  private final Optional<String> encoder;
  private final Traces traces;
  private volatile TrainedForecaster latest;
  private final Gateway gateway;
  private final GatewayConfig config;
  private final List<String> warnings;
  private final ScheduledExecutorService watching =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("gateway-reload").factory());

  /// @param modelFile the trained model
  /// @param configFile `gateway.yaml`
  /// @param config its content
  /// @param environment for the configuration and the encoder
  /// @param encoder its place, where it is not the one that the model names
  /// @param more pages and endpoints of others
  /// @throws BadInputException where the model or the configuration cannot be used
  public Service(
      Path modelFile,
      Path configFile,
      GatewayConfig config,
      Map<String, String> environment,
      Optional<String> encoder,
      List<WebRoutes> more,
      Clock clock)
      throws IOException {
    this.modelFile = modelFile;
    this.configFile = configFile;
    this.environment = Map.copyOf(environment);
    this.encoder = encoder;
    this.config = config;
    TrainedForecaster forecaster = forecaster(config.limits());
    this.latest = forecaster;
    this.warnings = StartupWarnings.of(config, forecaster, modelFile.toString());
    this.traces = new Traces(config.observe());
    this.gateway =
        new Gateway(
            config, forecaster, store(modelFile, config, clock), traces.tracer(), more, clock);
  }

  /// The store of a configuration; by default it is beside the model.
  static DecisionStore store(Path modelFile, GatewayConfig config, Clock clock) {
    Path fallback = modelFile.resolveSibling(modelFile.getFileName() + ".decisions.sqlite");
    return new DecisionStore(config.store(), fallback, clock);
  }

  private TrainedForecaster forecaster(Limits limits) throws IOException {
    return forecaster(modelFile, encoder, environment, limits);
  }

  static TrainedForecaster forecaster(
      Path modelFile, Optional<String> place, Map<String, String> environment, Limits limits)
      throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    QuestionEncoder encoder =
        Encoders.open(artifact.encoder(), place, EncoderSettings.of(environment).withThreads(1));
    return new TrainedForecaster(
        artifact,
        encoder,
        TrainingQuestions.beside(modelFile, artifact),
        Runtime.getRuntime().availableProcessors(),
        limits.encodeQueue(),
        limits.promptCacheSize());
  }

  public GatewayConfig config() {
    return config;
  }

  /// What an operator should know.
  public List<String> warnings() {
    return warnings;
  }

  public int port() {
    return gateway.port();
  }

  public void start() {
    gateway.start();
    latest.warmUp();
    var configWatch = new FileWatch(configFile);
    var modelWatch = new FileWatch(modelFile);
    var following =
        watching.scheduleWithFixedDelay(
            () -> follow(configWatch, modelWatch), 1, 1, TimeUnit.SECONDS);
    if (following.isDone()) {
      throw new IllegalStateException("the reload watch has died");
    }
  }

  private void follow(FileWatch configWatch, FileWatch modelWatch) {
    try {
      if (modelWatch.changed()) {
        TrainedForecaster fresh = forecaster(config.limits());
        gateway.reload(fresh);
        latest = fresh;
        LOG.info("took over the new " + modelFile);
      }
      if (configWatch.changed()) {
        GatewayConfig fresh = new ConfigReader(environment).read(configFile);
        gateway.reload(fresh);
        LOG.info("took over the new " + configFile);
        StartupWarnings.of(fresh, latest, modelFile.toString())
            .forEach(warning -> LOG.info(warning));
      }
    } catch (BadInputException | IOException e) {
      LOG.error("kept what was there: " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("kept what was there", e);
    }
  }

  /// Finishes what is under way, then stops.
  @Override
  public void close() {
    watching.shutdownNow();
    gateway.close();
    traces.close();
  }
}
