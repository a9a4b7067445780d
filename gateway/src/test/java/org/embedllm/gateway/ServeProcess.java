package org.embedllm.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `embedllm serve` as a process of its own, and a client that talks to it.
final class ServeProcess implements AutoCloseable {
  private final Process process;
  private final Path errors;
  private final String url;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ServeProcess(Process process, Path errors, String url) {
    this.process = process;
    this.errors = errors;
    this.url = url;
  }

  /// Starts it, and waits until it listens.
  ///
  /// @param yaml its configuration, kept beside the model as `gateway.yaml`
  /// @throws IOException with all it said where it does not start
  static ServeProcess start(Path model, String yaml, String... more) throws IOException {
    return start(model, yaml, List.of(), more);
  }

  /// @param java options for Java
  static ServeProcess start(Path model, String yaml, List<String> java, String... more)
      throws IOException {
    Path config = model.resolveSibling("gateway.yaml");
    Files.writeString(config, (yaml.contains("listen:") ? "" : "listen: 127.0.0.1:0\n") + yaml);
    Path errors = Files.createTempFile(model.toAbsolutePath().getParent(), "serve", ".err");
    var command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(java);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "org.embedllm.gateway.ServeMain",
            model.toString(),
            config.toString()));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    // Not closed: the process goes on writing to the other end.
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null && !line.startsWith("listening on ")) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException(
          "status %d: %s".formatted(process.onExit().join().exitValue(), Files.readString(errors)));
    }
    return new ServeProcess(process, errors, line.substring("listening on ".length()));
  }

  /// The base URL it has printed.
  String url() {
    return url;
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofMinutes(1))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      builder.headers(headers);
    }
    try {
      return client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// Its log so far, whole lines.
  List<String> log() throws IOException {
    String text = new String(Files.readAllBytes(errors), StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /// As a crash would: SIGKILL.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// As an operator would: SIGTERM.
  ///
  /// @return whether it has ended
  boolean terminate() throws InterruptedException {
    process.destroy();
    return process.waitFor(90, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    client.shutdownNow();
  }
}
