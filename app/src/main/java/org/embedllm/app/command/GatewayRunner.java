package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.app.quickstart.DemoModel;
import org.embedllm.app.web.ServedPage;
import org.embedllm.gateway.GatewayCheck;
import org.embedllm.gateway.GatewayProcess;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.demo.SimulatedUpstream;
import org.embedllm.gateway.observe.LogOutput;
import org.embedllm.storage.UserCache;

/// Runs the gateway for [ServeCommand], which does not load this class where the gateway is not
/// installed.
final class GatewayRunner {
  private final Console console;
  private final Optional<String> encoder;

  /// @param encoder place of the model's encoder, where it is not the one that the model names
  GatewayRunner(Console console, Optional<String> encoder) {
    this.console = console;
    this.encoder = encoder;
  }

  /// @return whether every upstream can be reached
  boolean check(Path model, Path config) throws IOException {
    var options =
        new GatewayProcess.Options(
            model, config, console.isVerbose(), System.getenv(), encoder, List.of());
    return GatewayCheck.run(options, line -> console.line("%s", line));
  }

  void serve(Path model, Path config) throws IOException, InterruptedException {
    serve(model, config, false);
  }

  private void serve(Path model, Path config, boolean demo)
      throws IOException, InterruptedException {
    var options =
        new GatewayProcess.Options(
            model,
            config,
            console.isVerbose(),
            System.getenv(),
            encoder,
            List.of(new ServedPage(model, System.getenv())));
    GatewayProcess.run(
        options,
        new GatewayProcess.Output() {
          @Override
          public void warning(String text) {
            console.warn("%s", text);
          }

          @Override
          public void listening(GatewayConfig read, String address) {
            console.line("listening on %s/v1", address);
            if (read.page().shown()) {
              console.line("page on %s/", address);
            }
            if (demo) {
              showExamples(address);
            }
          }
        });
  }

  private void showExamples(String address) {
    console.line("try:");
    console.line("  curl %s/v1/route -d '{\"prompt\": \"What is 17 * 23?\"}'", address);
    console.line(
        "  curl -i %s/v1/chat/completions -d '{\"model\": \"auto:cheapest@0.6\", \"messages\":"
            + " [{\"role\": \"user\", \"content\": \"What is 17 * 23?\"}]}'",
        address);
    console.line("or any OpenAI client with the base URL %s/v1", address);
  }

  /// The simulated sample's model in front of simulated upstreams.
  void serveDemo(DemoModel demoModel, int port) throws IOException, InterruptedException {
    LogOutput.install(false, console.isVerbose());
    Path folder = UserCache.folder(System.getenv()).resolve("demonstration");
    Files.createDirectories(folder);
    DemoModel.Made made = demoModel.make(folder, console);
    try (var upstream = new SimulatedUpstream()) {
      Path file = folder.resolve("gateway.yaml");
      Files.writeString(file, demoConfig(made, upstream.url(), port));
      console.line("simulated models, simulated answers; configuration: %s", file);
      serve(made.file(), file, true);
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

  void printKey(String name) {
    String key = KeyRing.freshKey(new SecureRandom());
    console.line("key: %s", key);
    console.line("");
    console.line("It is shown only once. In the configuration:");
    console.line("keys:");
    console.line("  - name: %s", name);
    console.line("    sha256: %s", KeyRing.hash(key));
  }
}
