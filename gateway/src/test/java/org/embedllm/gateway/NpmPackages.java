package org.embedllm.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;

/// Clients from npm, installed once into `target`; where that is not possible, a test says so and
/// is skipped.
final class NpmPackages {
  private NpmPackages() {}

  /// @param name of the folder below `target`
  static Path installed(String name, String... packages) throws Exception {
    Path folder = Path.of("target", name).toAbsolutePath();
    Assumptions.assumeTrue(
        works("node", "--version") && works("npm", "--version"),
        "clients from npm are not tested: node or npm is missing");
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("package.json"), "{\"private\":true,\"type\":\"module\"}");
      var command =
          new ArrayList<>(
              List.of("npm", "install", "--prefix", folder.toString(), "--no-audit", "--no-fund"));
      command.add("--ignore-scripts");
      command.addAll(List.of(packages));
      Assumptions.assumeTrue(
          works(command.toArray(String[]::new)),
          "clients from npm are not tested: npm could not install them");
    }
    return folder;
  }

  /// What a script prints: one JSON document.
  static JsonNode run(Path folder, String script, String... arguments) throws Exception {
    Path file = folder.resolve("client.mjs");
    Files.writeString(file, script);
    var command = new ArrayList<>(List.of("node", file.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || !out.startsWith("{")) {
      throw new AssertionError("the script has printed no JSON: " + out);
    }
    return GatewayFixture.json(out);
  }

  private static boolean works(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(180, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
