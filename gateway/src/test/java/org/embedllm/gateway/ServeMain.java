package org.embedllm.gateway;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.storage.BadInputException;

/// A gateway as a process, for tests: as the command `serve` runs it.
final class ServeMain {
  private ServeMain() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean verbose = List.of(arguments).contains("--verbose");
    try {
      GatewayProcess.run(
          new GatewayProcess.Options(
              Path.of(arguments[0]),
              Path.of(arguments[1]),
              verbose,
              System.getenv(),
              Optional.empty(),
              List.of()),
          new GatewayProcess.Output() {
            @Override
            public void warning(String text) {
              System.err.println(text);
            }

            @Override
            public void listening(GatewayConfig config, String address) {
              System.out.println("listening on " + address + "/v1");
            }
          });
    } catch (BadInputException e) {
      System.err.println("embedllm: " + e.getMessage());
      System.exit(2);
    }
  }
}
