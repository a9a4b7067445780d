package org.embedllm.benchmarks.gateway;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.benchmarks.BareEncoder;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;

/// Prints how long the gateway takes for new text beside the bare encoder on as many tokens, in
/// turns on the same machine, 20 of each a second; then for prompts that it has seen before.
///
/// Arguments: MODEL, one of MODEL's names, and seconds for each measurement.
public final class RoutingComparison {
  private static final String PATH = "/v1/chat/completions";
  private static final String WORDS =
      "alpha river seven cannot measure yellow under twelve kitchen formula ".repeat(5);
  private static final int ROUNDS = 3;
  private static final int A_SECOND = 20;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Pattern STEP =
      Pattern.compile("embedllm_latency_seconds_(count|sum)\\{step=\"(\\w+)\"} (\\S+)");

  private final int port;
  private final Path model;
  private final String name;
  private final Duration time;

  /// @param port of the gateway
  /// @param model that it routes with
  /// @param name of one of its models
  /// @param time of each measurement
  RoutingComparison(int port, Path model, String name, Duration time) {
    this.port = port;
    this.model = model;
    this.name = name;
    this.time = time;
  }

  public static void main(String[] arguments)
      throws IOException, InterruptedException, OrtException {
    if (arguments.length != 3) {
      System.err.println("usage: RoutingComparison MODEL MODEL-NAME SECONDS");
      System.exit(2);
    }
    Path model = Path.of(arguments[0]);
    try (var programs = new Programs(Files.createTempDirectory("routing-comparison"))) {
      Programs.Started stub = programs.stub(Duration.ofSeconds(1), 10);
      int port = programs.gateway(model, arguments[1], stub, "").port();
      Duration time = Duration.ofSeconds(Integer.parseInt(arguments[2]));
      var comparison = new RoutingComparison(port, model, arguments[1], time);
      String named = body(arguments[1], "What is six times seven?");
      comparison.load(n -> named).run(2_000, 8, WARM_UP);
      comparison.run();
    }
  }

  void run() throws IOException, InterruptedException, OrtException {
    fresh();
    repeated();
  }

  private void fresh() throws IOException, InterruptedException, OrtException {
    String encoder = ModelArtifact.open(model).encoder().name();
    int tokens;
    try (QuestionEncoder counting =
        Encoders.open(encoder, EncoderSettings.of(System.getenv()).withThreads(1))) {
      tokens = counting.tokenCount(question(0));
    }
    Optional<BareEncoder> bare = BareEncoder.named(encoder);
    if (bare.isEmpty()) {
      System.out.println(
          "new text: there is no bare graph of " + encoder + " to measure beside the gateway");
      return;
    }
    String named = body(name, question(0));
    try (BareEncoder graph = bare.get()) {
      Beside first = beside(graph, tokens, n -> body("auto", question(n)));
      long from = first.gateway().requests();
      Beside next = beside(graph, tokens, n -> body("auto", question(from + n)));
      Beside plain = beside(graph, tokens, n -> named);
      first.print("its first %d texts of %d tokens".formatted(from, tokens));
      next.print("the next as many");
      plain.print("the same with a model named");
      System.out.printf(
          Locale.ROOT,
          "routing from new text adds %.2f ms, %.2f times the bare encoder%n",
          next.gateway().p50() - plain.gateway().p50(),
          (next.gateway().p50() - plain.gateway().p50()) / next.bare());
    }
  }

  private static String question(long n) {
    return "Question " + n + ": " + WORDS;
  }

  /// What one measurement gave.
  ///
  /// @param gateway requests to it
  /// @param bare median of the bare encoder's runs between them, in milliseconds
  /// @param steps the gateway's own account of where the time went, means in milliseconds
  private record Beside(PacedLoad.Result gateway, double bare, String steps) {
    void print(String what) {
      System.out.printf(
          Locale.ROOT,
          "%s, %d/s, answer included: p50 %.2f p99 %.2f ms, %d failed%n",
          what,
          A_SECOND,
          gateway.p50(),
          gateway.p99(),
          gateway.failed());
      System.out.printf(
          Locale.ROOT,
          "    beside it the bare encoder: p50 %.2f ms; the gateway by its own account: %s%n",
          bare,
          steps);
    }
  }

  /// The bare encoder's runs fall into the gaps between the gateway's requests.
  private Beside beside(BareEncoder graph, int tokens, LongFunction<String> body)
      throws IOException, InterruptedException {
    int runs = (int) (A_SECOND * time.toSeconds());
    double[] alone = new double[runs];
    long gap = 1_000_000_000L / A_SECOND;
    Map<String, double[]> before = steps();
    long start = System.nanoTime() + PacedLoad.LEAD.toNanos() + gap / 2;
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < runs; i++) {
                PacedLoad.waitUntil(start + gap * i);
                long begin = System.nanoTime();
                encode(graph, tokens);
                alone[i] = (System.nanoTime() - begin) / 1e6;
              }
            });
    PacedLoad.Result gateway = load(body).run(A_SECOND, 1, time);
    thread.join();
    Map<String, double[]> after = steps();
    Arrays.sort(alone);
    var means = new StringJoiner(", ");
    for (String step : List.of("encode", "route", "upstream", "overhead")) {
      double[] was = before.getOrDefault(step, new double[2]);
      double[] is = after.getOrDefault(step, new double[2]);
      if (is[0] > was[0]) {
        means.add(
            String.format(Locale.ROOT, "%s %.2f", step, 1e3 * (is[1] - was[1]) / (is[0] - was[0])));
      }
    }
    return new Beside(gateway, alone[runs / 2], means + " ms");
  }

  /// Count and sum of the seconds of each step so far, by the gateway's metrics.
  private Map<String, double[]> steps() throws IOException {
    Map<String, double[]> steps = new HashMap<>();
    try (InputStream in =
        URI.create("http://127.0.0.1:%d/metrics".formatted(port)).toURL().openStream()) {
      Matcher matcher = STEP.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      while (matcher.find()) {
        double[] both = steps.computeIfAbsent(matcher.group(2), step -> new double[2]);
        both[matcher.group(1).equals("count") ? 0 : 1] = Double.parseDouble(matcher.group(3));
      }
    }
    return steps;
  }

  private static void encode(BareEncoder graph, int tokens) {
    try {
      graph.run(tokens);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private void repeated() throws InterruptedException {
    String same = "Always the same question: " + WORDS;
    String named = body(name, same);
    String routed = body("auto", same);
    List<Double> plain = new ArrayList<>();
    List<Double> repeated = new ArrayList<>();
    List<Double> decided = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      plain.add(load(n -> named).run(500, 8, time).p50());
      repeated.add(load(n -> routed).run(500, 8, time).p50());
      decided.add(new PacedLoad(port, "/v1/route", "", n -> routed).run(500, 8, time).p50());
    }
    System.out.printf(
        Locale.ROOT,
        "from a repeated prompt, 500/s, answer included: p50 %.3f ms; the same with a model named"
            + " %.3f ms; /v1/route alone %.3f ms%n",
        GatewayComparison.median(repeated),
        GatewayComparison.median(plain),
        GatewayComparison.median(decided));
  }

  private PacedLoad load(LongFunction<String> body) {
    return new PacedLoad(port, PATH, "", body);
  }

  static String body(String model, String text) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(model, text);
  }
}
