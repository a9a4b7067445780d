package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.quickstart.DemoModel;
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
  private final DemoModel demoModel;

  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Trained model file.")
  private @Nullable Path model;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Upstreams, keys, limits: see docs/gateway.md.")
  private @Nullable Path config;

  @Option(
      names = "--check",
      paramLabel = "FILE",
      description =
          "Verify a configuration instead: read it, reach every upstream once, and show which model"
              + " would get three prompts. No model is asked.")
  private @Nullable Path check;

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
  public ServeCommand(DemoModel demoModel) {
    this.demoModel = demoModel;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireGateway("serve");
    String keyName = newKey;
    if (keyName != null) {
      new GatewayRunner(console, encoder.place()).printKey(keyName);
    } else if (check != null) {
      Path modelFile = required(model, "MODEL is missing: embedllm serve MODEL --check FILE");
      return new GatewayRunner(console, encoder.place()).check(modelFile, check)
          ? ExitStatus.DONE
          : ExitStatus.FAILED;
    } else if (demo) {
      GatewayRunner runner = new GatewayRunner(console, encoder.place());
      new GatewayDemo(console, demoModel).run(demoPort, runner::serve);
    } else {
      Path modelFile =
          required(
              model,
              "MODEL is missing: embedllm serve MODEL --config FILE; or try it with serve --demo");
      Path configFile =
          required(
              config,
              "--config FILE is missing: it names the upstreams, at least {model, url} of one; see"
                  + " docs/gateway.md, or try serve --demo");
      new GatewayRunner(console, encoder.place()).serve(modelFile, configFile);
    }
    return ExitStatus.DONE;
  }

  /// @param command that needs it
  static void requireGateway(String command) {
    try {
      Class.forName("org.embedllm.gateway.GatewayProcess");
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw BadInputException.of(
          command
              + " needs the gateway, embedllm-gateway.jar with its libraries, which is not on the"
              + " class path: "
              + e.getMessage());
    }
  }

  private static <T> T required(@Nullable T value, String problem) {
    if (value == null) {
      throw BadInputException.of(problem);
    }
    return value;
  }
}
