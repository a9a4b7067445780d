package org.embedllm.gateway;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.embedllm.gateway.api.WebRoutes;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.gateway.observe.LogOutput;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.ShutdownTasks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A gateway that is its process: it logs to standard error and serves until the process is told to
/// stop.
public final class GatewayProcess {
  private GatewayProcess() {}

  /// What to serve.
  ///
  /// @param model the trained model
  /// @param config `gateway.yaml`
  /// @param verbose whether every request has its line in the log
  /// @param environment for the configuration and the encoder
  /// @param encoder its place, where it is not the one that the model names
  /// @param routes pages and endpoints beside the API
  public record Options(
      Path model,
      Path config,
      boolean verbose,
      Map<String, String> environment,
      Optional<String> encoder,
      List<WebRoutes> routes) {
    public Options {
      environment = Map.copyOf(environment);
      routes = List.copyOf(routes);
    }
  }

  /// Shows a person what happens at the start.
  public interface Output {
    /// Warnings for the operator; where logs are JSON, these are log lines.
    void warning(String text);

    /// The gateway can be reached.
    ///
    /// @param address such as `http://127.0.0.1:8080`
    void listening(GatewayConfig config, String address);
  }

  /// Serves until the process is told to stop, and then finishes running requests.
  ///
  /// @throws BadInputException where model or configuration cannot be used
  public static void run(Options options, Output output) throws IOException, InterruptedException {
    GatewayConfig config = new ConfigReader(options.environment()).read(options.config());
    boolean json = config.observe().json();
    LogOutput.install(json, options.verbose());
    Service service =
        new Service(
            options.model(),
            options.config(),
            config,
            options.environment(),
            options.encoder(),
            options.routes(),
            Clock.systemUTC());
    Logger log = LoggerFactory.getLogger(GatewayProcess.class);
    for (String warning : service.warnings()) {
      if (json) {
        log.info(warning);
      } else {
        output.warning(warning);
      }
    }
    service.start();
    var stopped = new CountDownLatch(1);
    ShutdownTasks.add(() -> {
      service.close();
      stopped.countDown();
    });
    ListenConfig listen = config.listen();
    output.listening(
        config,
        "%s://%s:%d"
            .formatted(listen.tls().isPresent() ? "https" : "http", listen.host(), service.port()));
    stopped.await();
  }
}
