package org.embedllm.benchmarks.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The servers under test, each in a process of its own on this machine, ended together.
final class Programs implements AutoCloseable {
  private final Path folder;
  private final List<Process> running = new ArrayList<>();

  /// @param folder for configurations
  Programs(Path folder) {
    this.folder = folder;
  }

  /// A server that runs.
  ///
  /// @param port where it listens on this machine
  /// @param pid of its process
  record Started(int port, long pid) {}

  /// An upstream.
  ///
  /// @param pause before each chunk of a stream
  /// @param chunks of a stream
  Started stub(Duration pause, int chunks) throws IOException {
    return started(
        "port (\\d+)",
        java(
            "-cp",
            System.getProperty("java.class.path"),
            StubServer.class.getName(),
            Long.toString(pause.toMillis()),
            Integer.toString(chunks)));
  }

  /// This gateway in front of the upstream.
  ///
  /// @param name one of MODEL's names
  /// @param further lines of the configuration
  /// @param options of the Java machine
  Started gateway(Path model, String name, Started stub, String further, String... options)
      throws IOException {
    Path config = folder.resolve("gateway.yaml");
    Files.writeString(
        config,
        """
        listen: 127.0.0.1:0
        store: {url: "jdbc:sqlite:%s"}
        upstreams:
          - {model: "%s", url: "http://127.0.0.1:%d/v1", concurrency: 4000}
        %s
        """
            .formatted(folder.resolve("decisions.sqlite"), name, stub.port(), further));
    var arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "org.embedllm.app.Main",
            "serve",
            model.toString(),
            "--config",
            config.toString()));
    return started("listening on http://127.0.0.1:(\\d+)", java(arguments.toArray(String[]::new)));
  }

  /// `@portkey-ai/gateway`, from the folder where npm has installed it.
  Started portkey(Path installed) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path script = installed.resolve("node_modules/@portkey-ai/gateway/build/start-server.js");
    Started node =
        started(
            "(?i)(ready|running|localhost:)",
            new ProcessBuilder("node", script.toString(), "--headless", "--port=" + port));
    return new Started(port, node.pid());
  }

  private static ProcessBuilder java(String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /// Starts a server and waits until it says that it runs.
  ///
  /// @param pattern of a line of its output; its group may be the port
  private Started started(String pattern, ProcessBuilder builder) throws IOException {
    Process process = builder.redirectErrorStream(true).start();
    running.add(process);
    var reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Pattern wanted = Pattern.compile(pattern);
    var said = new StringBuilder();
    for (Optional<String> line = next(reader); line.isPresent(); line = next(reader)) {
      said.append(line.get()).append('\n');
      Matcher matcher = wanted.matcher(line.get());
      if (matcher.find()) {
        drain(reader);
        boolean says = matcher.group(1).matches("\\d+");
        return new Started(says ? Integer.parseInt(matcher.group(1)) : 0, process.pid());
      }
    }
    throw new IllegalStateException("it did not start: " + said);
  }

  private static Optional<String> next(BufferedReader reader) throws IOException {
    return Optional.ofNullable(reader.readLine());
  }

  /// A process whose output nobody reads stops when the pipe is full.
  private static void drain(BufferedReader reader) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            reader.transferTo(Writer.nullWriter());
          } catch (IOException e) {
            // The process has ended.
            return;
          }
        });
  }

  @Override
  public void close() {
    running.forEach(Process::destroy);
  }
}
