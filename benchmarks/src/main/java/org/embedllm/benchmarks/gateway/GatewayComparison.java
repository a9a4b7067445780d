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
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Prints this gateway and `@portkey-ai/gateway` side by side, both in front of one stub in another
/// process on this machine: latency at 500 requests/s and throughput at saturation with `wrk`; then
/// this gateway's routing from text, and open streams.
///
/// Arguments: MODEL, the folder where `npm install @portkey-ai/gateway` was run (or `-`), one of
/// MODEL's names, and seconds for each measurement.
public final class GatewayComparison {
  private static final String PATH = "/v1/chat/completions";
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");

  private final Path model;
  private final Path portkey;
  private final String name;
  private final Duration time;
  private final Path folder;
  private final List<Process> running = new ArrayList<>();

  private GatewayComparison(Path model, Path portkey, String name, Duration time, Path folder) {
    this.model = model;
    this.portkey = portkey;
    this.name = name;
    this.time = time;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 4) {
      System.err.println("usage: GatewayComparison MODEL PORTKEY-FOLDER|- MODEL-NAME SECONDS");
      System.exit(2);
    }
    Path folder = Files.createTempDirectory("gateway-comparison");
    var comparison =
        new GatewayComparison(
            Path.of(arguments[0]),
            Path.of(arguments[1]),
            arguments[2],
            Duration.ofSeconds(Integer.parseInt(arguments[3])),
            folder);
    try {
      comparison.run();
    } finally {
      comparison.running.forEach(Process::destroy);
    }
  }

  private record Server(String title, int port, String headers) {}

  private void run() throws IOException, InterruptedException {
    Server stub = new Server("stub alone", stub(), "");
    Server own = new Server("this gateway, named model", gateway(stub.port()), "");
    var servers = new ArrayList<>(List.of(stub, own));
    if (!portkey.toString().equals("-")) {
      servers.add(portkey(stub.port()));
    }
    String named = body(name, "What is six times seven?");
    for (Server server : servers) {
      paced(server, 300, Duration.ofSeconds(3), n -> named); // warm up
      wrk(server, 32, named, Duration.ofSeconds(3));
    }
    System.out.printf("%-34s %10s %10s %12s %8s%n", "", "p50 ms", "p99 ms", "requests/s", "failed");
    for (Server server : servers) {
      PacedLoad.Result paced = paced(server, 500, time, n -> named);
      double rate = wrk(server, 32, named, time);
      System.out.printf(
          Locale.ROOT,
          "%-34s %10.3f %10.3f %12.0f %8d%n",
          server.title(),
          paced.p50(),
          paced.p99(),
          rate,
          paced.failed());
    }
    routing(own);
    streams(own);
  }

  private void routing(Server own) throws InterruptedException {
    String words =
        "alpha river seven cannot measure yellow under twelve kitchen formula ".repeat(5);
    PacedLoad.Result fresh =
        paced(own, 20, time, n -> body("auto", "Question " + n + ": " + words));
    String same = body("auto", "Always the same question: " + words);
    PacedLoad.Result repeated = paced(own, 200, time, n -> same);
    System.out.printf(
        Locale.ROOT,
        "routed from ~60 tokens of new text: p50 %.2f p99 %.2f ms%n",
        fresh.p50(),
        fresh.p99());
    System.out.printf(
        Locale.ROOT,
        "routed from a repeated prompt:      p50 %.2f p99 %.2f ms%n",
        repeated.p50(),
        repeated.p99());
  }

  private void streams(Server own) throws InterruptedException {
    String body =
        "{\"model\":\"%s\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .formatted(name);
    var load = new PacedLoad(own.port(), PATH, "", n -> body);
    PacedLoad.Result result = load.run(2_000.0 / 4, 2_000, Duration.ofSeconds(4));
    System.out.printf(
        Locale.ROOT, "2,000 streams opened within 4 s, 10 s each: %d failed%n", result.failed());
  }

  private static String body(String model, String text) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(model, text);
  }

  private static PacedLoad.Result paced(
      Server server, double rate, Duration time, java.util.function.LongFunction<String> body)
      throws InterruptedException {
    return new PacedLoad(server.port(), PATH, server.headers(), body).run(rate, 8, time);
  }

  private double wrk(Server server, int connections, String body, Duration time)
      throws IOException, InterruptedException {
    var script = new StringBuilder();
    script.append("wrk.method = \"POST\"\nwrk.body = [==[").append(body).append("]==]\n");
    script.append("wrk.headers[\"Content-Type\"] = \"application/json\"\n");
    for (String header : server.headers().split("\r\n")) {
      int colon = header.indexOf(':');
      if (colon > 0) {
        script.append(
            "wrk.headers[\"%s\"] = \"%s\"\n"
                .formatted(header.substring(0, colon), header.substring(colon + 1).strip()));
      }
    }
    Path file = folder.resolve("load.lua");
    Files.writeString(file, script.toString());
    Process process =
        new ProcessBuilder(
                "wrk",
                "-t1",
                "-c" + connections,
                "-d" + time.toSeconds() + "s",
                "-s",
                file.toString(),
                "http://127.0.0.1:" + server.port() + PATH)
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    Matcher matcher = RATE.matcher(out);
    if (!matcher.find() || out.contains("Non-2xx")) {
      throw new IllegalStateException("wrk said: " + out);
    }
    return Double.parseDouble(matcher.group(1));
  }

  private int stub() throws IOException {
    return started(
        "port (\\d+)",
        java(
            "-cp",
            System.getProperty("java.class.path"),
            StubServer.class.getName(),
            "1000",
            "10"));
  }

  private int gateway(int stub) throws IOException {
    Path config = folder.resolve("gateway.yaml");
    Files.writeString(
        config,
        """
        listen: 127.0.0.1:0
        upstreams:
          - {model: "%s", url: "http://127.0.0.1:%d/v1", concurrency: 4000}
        """
            .formatted(name, stub));
    return started(
        "listening on http://127.0.0.1:(\\d+)",
        java(
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
  }

  private Server portkey(int stub) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path script = portkey.resolve("node_modules/@portkey-ai/gateway/build/start-server.js");
    started(
        "(?i)(ready|running|localhost:)",
        new ProcessBuilder("node", script.toString(), "--headless", "--port=" + port));
    return new Server(
        "@portkey-ai/gateway",
        port,
        "x-portkey-provider: openai\r\nx-portkey-custom-host: http://127.0.0.1:%d/v1\r\nAuthorization: Bearer x\r\n"
            .formatted(stub));
  }

  private static ProcessBuilder java(String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /// Starts a server and waits until it says that it runs.
  ///
  /// @return the number the pattern's group found, or 0
  private int started(String pattern, ProcessBuilder builder) throws IOException {
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
        return matcher.groupCount() == 1 && matcher.group(1).matches("\\d+")
            ? Integer.parseInt(matcher.group(1))
            : 0;
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
}
