package org.embedllm.benchmarks.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.embedllm.artifact.ModelArtifact;

/// Prints what a shadow of 10 % of the requests costs clients: two gateways of which one has it, in
/// front of one stub that streams for 200 ms, in turns on the same machine, 50 requests a second.
///
/// Arguments: MODEL, and seconds for each measurement.
public final class ShadowComparison {
  private static final String PATH = "/v1/chat/completions";
  private static final int ROUNDS = 5;
  private static final int A_SECOND = 50;
  private static final int CONNECTIONS = 25;
  private static final int PROMPTS = 500;
  private static final Duration WARM_UP = Duration.ofSeconds(15);

  private ShadowComparison() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 2) {
      System.err.println("usage: ShadowComparison MODEL SECONDS");
      System.exit(2);
    }
    Path model = Path.of(arguments[0]);
    Duration time = Duration.ofSeconds(Integer.parseInt(arguments[1]));
    List<String> names = ModelArtifact.open(model).factorization().models();
    try (var without = new Programs(Files.createTempDirectory("without-shadow"));
        var with = new Programs(Files.createTempDirectory("with-shadow"))) {
      Programs.Started stub = without.stub(Duration.ofMillis(20), 10);
      String second =
          "  - {model: \"%s\", url: \"http://127.0.0.1:%d/v1\", concurrency: 4000}\n"
              .formatted(names.get(1), stub.port());
      String shadow =
          "shadow: {share: 0.1, budget: 1000, judge: {url: \"http://127.0.0.1:%d/v1\", name: judge}}\n"
              .formatted(stub.port());
      List<PacedLoad> loads =
          List.of(
              load(without.gateway(model, names.get(0), stub, second)),
              load(with.gateway(model, names.get(0), stub, second + shadow)));
      for (PacedLoad load : loads) {
        load.run(A_SECOND, CONNECTIONS, WARM_UP);
      }
      compare(loads, time);
    }
  }

  private static PacedLoad load(Programs.Started gateway) {
    return new PacedLoad(
        gateway.port(),
        PATH,
        "",
        n ->
            "{\"model\":\"auto\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted("What is six times " + n % PROMPTS + "?"));
  }

  private static void compare(List<PacedLoad> loads, Duration time) throws InterruptedException {
    List<List<Double>> p50 = List.of(new ArrayList<>(), new ArrayList<>());
    List<List<Double>> p99 = List.of(new ArrayList<>(), new ArrayList<>());
    long failed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (int k = 0; k < 2; k++) {
        int which = round % 2 == 0 ? k : 1 - k;
        PacedLoad.Result result = loads.get(which).run(A_SECOND, CONNECTIONS, time);
        p50.get(which).add(result.p50());
        p99.get(which).add(result.p99());
        failed += result.failed();
      }
    }
    for (int k = 0; k < 2; k++) {
      System.out.printf(
          Locale.ROOT,
          "%s: p50 %.2f ms, p99 %.2f ms (rounds %s)%n",
          k == 0 ? "without shadow" : "shadow of 10 %",
          GatewayComparison.median(p50.get(k)),
          GatewayComparison.median(p99.get(k)),
          p99.get(k).stream().map(x -> String.format(Locale.ROOT, "%.1f", x)).toList());
    }
    System.out.printf(
        Locale.ROOT,
        "shadow over none: p50 %.4f, p99 %.4f times; %d failed%n",
        GatewayComparison.median(p50.get(1)) / GatewayComparison.median(p50.get(0)),
        GatewayComparison.median(p99.get(1)) / GatewayComparison.median(p99.get(0)),
        failed);
  }
}
