package org.embedllm.benchmarks.gateway;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Prints this gateway and `@portkey-ai/gateway` side by side, both in front of one stub in another
/// process on this machine: latency at 500 requests/s and throughput at saturation with `wrk`, each
/// the median of five rounds in turn; then this gateway's routing from text beside the bare encoder
/// ([RoutingComparison]), and open streams.
///
/// Arguments: MODEL, the folder where `npm install @portkey-ai/gateway` was run (or `-`), one of
/// MODEL's names, seconds for each measurement, and optionally those parts that shall run:
/// `servers`, `responses`, `routing`, `streams`.
public final class GatewayComparison {
  private static final String PATH = "/v1/chat/completions";
  private static final int ROUNDS = 5;
  private static final List<String> PARTS = List.of("servers", "responses", "routing", "streams");
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");

  private final Path model;
  private final Path portkey;
  private final String name;
  private final Duration time;
  private final Path folder;

  private GatewayComparison(Path model, Path portkey, String name, Duration time, Path folder) {
    this.model = model;
    this.portkey = portkey;
    this.name = name;
    this.time = time;
    this.folder = folder;
  }

  public static void main(String[] arguments)
      throws IOException, InterruptedException, OrtException {
    if (arguments.length < 4 || !PARTS.containsAll(parts(arguments))) {
      System.err.println(
          "usage: GatewayComparison MODEL PORTKEY-FOLDER|- MODEL-NAME SECONDS"
              + " [servers|responses|routing|streams]...");
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
    try (var programs = new Programs(folder)) {
      comparison.run(programs, parts(arguments));
    }
  }

  private static List<String> parts(String[] arguments) {
    return arguments.length == 4 ? PARTS : List.of(arguments).subList(4, arguments.length);
  }

  private record Server(String title, int port, String headers) {}

  private void run(Programs programs, List<String> parts)
      throws IOException, InterruptedException, OrtException {
    Programs.Started upstream = programs.stub(Duration.ofSeconds(1), 10);
    Server stub = new Server("stub alone", upstream.port(), "");
    Server own =
        new Server(
            "this gateway, named model", programs.gateway(model, name, upstream, "").port(), "");
    String named = RoutingComparison.body(name, "What is six times seven?");
    if (parts.contains("servers")) {
      var servers = new ArrayList<>(List.of(stub, own));
      if (!portkey.toString().equals("-")) {
        servers.add(portkey(programs.portkey(portkey).port(), upstream.port()));
      }
      print(servers, sideBySide(servers, named));
    }
    if (parts.contains("responses")) {
      translation(own, named);
    }
    if (parts.contains("routing")) {
      new RoutingComparison(own.port(), model, name, time).run();
    }
    if (parts.contains("streams")) {
      streams(own);
    }
  }

  private List<Measured> sideBySide(List<Server> servers, String named)
      throws IOException, InterruptedException {
    for (Server server : servers) {
      warm(server, named);
    }
    List<Measured> measured = servers.stream().map(server -> new Measured()).toList();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < servers.size(); i++) {
        PacedLoad.Result paced = paced(servers.get(i), PATH, 500, time, n -> named);
        measured.get(i).add(paced, wrk(servers.get(i), 32, named, time));
      }
    }
    return measured;
  }

  /// Until the server is compiled, and this program too: both share the cores. Twice, since code
  /// that was compiled for one of the two loads is compiled again for the other.
  private void warm(Server server, String named) throws IOException, InterruptedException {
    for (int pass = 0; pass < 2; pass++) {
      paced(server, PATH, 500, Duration.ofSeconds(8), n -> named);
      wrk(server, 32, named, Duration.ofSeconds(10));
    }
  }

  private static void print(List<Server> servers, List<Measured> measured) {
    System.out.printf("%-34s %10s %10s %12s %8s%n", "", "p50 ms", "p99 ms", "requests/s", "failed");
    for (int i = 0; i < servers.size(); i++) {
      System.out.println(measured.get(i).line(servers.get(i).title()));
    }
    Measured floor = measured.getFirst();
    for (int i = 1; i < servers.size(); i++) {
      System.out.printf(
          Locale.ROOT,
          "%-34s %10.3f %10.3f %12.0f%n",
          "beyond the stub: " + servers.get(i).title(),
          median(measured.get(i).p50) - median(floor.p50),
          median(measured.get(i).p99) - median(floor.p99),
          median(measured.get(i).rate));
    }
    if (servers.size() > 2) {
      System.out.printf(
          Locale.ROOT,
          "throughput, ours over Portkey's: %.1f%n",
          median(measured.get(1).rate) / median(measured.get(2).rate));
    }
  }

  /// What the rounds gave for one server.
  private static final class Measured {
    final List<Double> p50 = new ArrayList<>();
    final List<Double> p99 = new ArrayList<>();
    final List<Double> rate = new ArrayList<>();
    long failed;

    void add(PacedLoad.Result paced, double perSecond) {
      p50.add(paced.p50());
      p99.add(paced.p99());
      rate.add(perSecond);
      failed += paced.failed();
    }

    String line(String title) {
      return String.format(
          Locale.ROOT,
          "%-34s %10.3f %10.3f %12.0f %8d",
          title,
          median(p50),
          median(p99),
          median(rate),
          failed);
    }
  }

  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static Server portkey(int port, int upstream) {
    return new Server(
        "@portkey-ai/gateway",
        port,
        "x-portkey-provider: openai\r\nx-portkey-custom-host: http://127.0.0.1:%d/v1\r\nAuthorization: Bearer x\r\n"
            .formatted(upstream));
  }

  /// What it takes to say a response in chat completions and back, at 500 requests/s.
  private void translation(Server own, String named) throws IOException, InterruptedException {
    warm(own, named);
    String response =
        "{\"model\":\"%s\",\"input\":\"What is six times seven?\",\"store\":false}".formatted(name);
    List<Double> chat = new ArrayList<>();
    List<Double> translated = new ArrayList<>();
    paced(own, "/v1/responses", 500, Duration.ofSeconds(6), n -> response); // until it is compiled
    for (int round = 0; round < ROUNDS; round++) {
      chat.add(paced(own, PATH, 500, time, n -> named).p50());
      translated.add(paced(own, "/v1/responses", 500, time, n -> response).p50());
    }
    System.out.printf(
        Locale.ROOT,
        "a response, said in chat completions: p50 %.3f ms, a chat beside it %.3f ms%n",
        median(translated),
        median(chat));
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

  private static PacedLoad.Result paced(
      Server server, String path, double rate, Duration time, LongFunction<String> body)
      throws InterruptedException {
    return new PacedLoad(server.port(), path, server.headers(), body).run(rate, 8, time);
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
}
