package org.embedllm.app.command;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.gateway.Service;
import org.embedllm.app.gateway.access.KeyRing;
import org.embedllm.app.gateway.api.WebRoutes;
import org.embedllm.app.gateway.config.ConfigReader;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.ListenConfig;
import org.embedllm.app.gateway.demo.SimulatedUpstream;
import org.embedllm.app.gateway.observe.LogFormat;
import org.embedllm.app.quickstart.DemoModel;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;
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
  private final DemoModel demoModel;
  private final Function<Path, WebRoutes> page;

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
      description = "Print a new key and its configuration lines, and exit.")
  private @Nullable String newKey;

  @Option(
      names = "--demo",
      description = "Serves the simulated sample's model, with simulated upstreams.")
  private boolean demo;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of --demo, 0 for any free one. Default: ${DEFAULT-VALUE}.",
      defaultValue = "8080")
  private int demoPort;

  /// @param demoModel makes the model of `--demo`
  /// @param page makes the page beside the gateway of a model file
  public ServeCommand(DemoModel demoModel, Function<Path, WebRoutes> page) {
    this.demoModel = demoModel;
    this.page = page;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String keyName = newKey;
    if (keyName != null) {
      return printKey(keyName);
    }
    if (demo) {
      return serveDemo();
    }
    Path modelFile =
        required(
            model,
            "MODEL is missing: embedllm serve MODEL --config FILE; or try it with serve --demo");
    Path configFile =
        required(
            config,
            "--config FILE is missing: it names the upstreams, at least {model, url} of one; see"
                + " docs/gateway.md, or try serve --demo");
    return serve(modelFile, configFile);
  }

  private Integer serveDemo() throws IOException, InterruptedException {
    LogFormat.install(false, console.isVerbose());
    Path folder = UserCache.folder(System.getenv()).resolve("demonstration");
    Files.createDirectories(folder);
    DemoModel.Made made = demoModel.make(folder, console);
    try (var upstream = new SimulatedUpstream()) {
      Path file = folder.resolve("gateway.yaml");
      Files.writeString(file, demoConfig(made, upstream.url(), demoPort));
      console.line("simulated models, simulated answers; configuration: %s", file);
      return serve(made.file(), file);
    }
  }

  private static String demoConfig(DemoModel.Made made, String url, int port) {
    var yaml =
        new StringBuilder("listen: 127.0.0.1:" + port + "\npage: {dataset: data}\nupstreams:\n");
    for (DemoModel.Priced p : made.prices()) {
      yaml.append("  - model: ").append(p.model()).append('\n');
      yaml.append("    url: ").append(url).append('\n');
      yaml.append(
          String.format(
              Locale.ROOT, "    price: {input: %.2f, output: %.2f}%n", p.input(), p.output()));
      yaml.append("    abilities: [tools, images, json]\n");
    }
    return yaml.toString();
  }

  private Integer serve(Path modelFile, Path configFile) throws IOException, InterruptedException {
    GatewayConfig config = new ConfigReader(System.getenv()).read(configFile);
    boolean json = config.observe().json();
    LogFormat.install(json, console.isVerbose());
    Service service =
        new Service(
            modelFile,
            configFile,
            config,
            System.getenv(),
            List.of(page.apply(modelFile)),
            Clock.systemUTC());
    if (json) {
      // Not before LogFormat: the first logger decides the configuration of all.
      Logger log = System.getLogger(ServeCommand.class.getName());
      service.remarks().forEach(remark -> log.log(Logger.Level.INFO, remark));
    } else {
      service.remarks().forEach(remark -> console.warn("%s", remark));
    }
    service.start();
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("gateway-stop")
                .unstarted(() -> {
                  service.close();
                  stopped.countDown();
                }));
    ListenConfig listen = config.listen();
    String address =
        "%s://%s:%d"
            .formatted(listen.tls().isPresent() ? "https" : "http", listen.host(), service.port());
    console.line("listening on %s/v1", address);
    if (config.page().shown()) {
      console.line("page on %s/", address);
    }
    if (demo) {
      console.line("try:");
      console.line("  curl %s/v1/route -d '{\"prompt\": \"What is 17 * 23?\"}'", address);
      console.line(
          "  curl -i %s/v1/chat/completions -d '{\"model\": \"auto:cheapest@0.6\", \"messages\":"
              + " [{\"role\": \"user\", \"content\": \"What is 17 * 23?\"}]}'",
          address);
      console.line("or any OpenAI client with the base URL %s/v1", address);
    }
    stopped.await();
    return ExitStatus.DONE;
  }

  private Integer printKey(String name) {
    String key = KeyRing.freshKey(new SecureRandom());
    console.line("key: %s", key);
    console.line("");
    console.line("It is shown only once. In the configuration:");
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
