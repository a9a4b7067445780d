package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.embedllm.app.cli.Console;
import org.embedllm.app.web.ServedPage;
import org.embedllm.gateway.GatewayCheck;
import org.embedllm.gateway.GatewayProcess;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.config.GatewayConfig;

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
    serve(model, config, _ -> {});
  }

  /// @param begun gets the address when the gateway can be reached
  void serve(Path model, Path config, Consumer<String> begun)
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
            begun.accept(address);
          }
        });
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
