package org.embedllm.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;

/// The latency of a warm route in a program, in one thread: from a vector, one after the other;
/// then from a vector that was encoded just before, which pushes the model out of the caches, from
/// a text, and the encoder's part of the latter, alternating.
///
/// Arguments: a model file, rounds (default 2,000), and `short` for texts of some 15 instead of 55
/// tokens.
public final class LibraryLatency {
  private static final int WARM_UP = 1_000;
  private static final int WARM_UP_FROM_VECTORS = 20_000;

  private static final String REST =
      "? Give the smallest and the largest of them, say how you found out, and compare their number"
          + " with the estimate of the prime number theorem for the same two limits.";

  private LibraryLatency() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2_000;
    String rest = arguments.length > 2 && arguments[2].equals("short") ? "?" : REST;
    long[] vectors = new long[rounds]; // nanoseconds
    long[] encodings = new long[rounds];
    long[] texts = new long[rounds];
    try (PromptRouter router = EmbedLlm.open(Path.of(arguments[0])).router()) {
      EmbedLlm pool = router.pool();
      CorrectnessForecaster forecaster = pool.artifact().forecaster();
      var best = new Router(new RoutingPolicy.Best());
      int chosen = 0;
      long[] ready = new long[rounds]; // nanoseconds
      float[] any = pool.encoder().encodeAndCount(List.of("How many primes?")).vectors().row(0);
      for (int i = -WARM_UP_FROM_VECTORS; i < rounds; i++) {
        long start = System.nanoTime();
        chosen += best.route(forecaster.forecast(any).models(), m -> Double.NaN).ranking().size();
        if (i >= 0) {
          ready[i] = System.nanoTime() - start;
        }
      }
      print("vector to route", ready);
      for (int i = -WARM_UP; i < rounds; i++) {
        List<String> text = List.of("How many primes lie between " + i + " and " + 7 * i + rest);
        long start = System.nanoTime();
        float[] vector = pool.encoder().encodeAndCount(text).vectors().row(0); // [q]
        long encoded = System.nanoTime();
        chosen +=
            best.route(forecaster.forecast(vector).models(), m -> Double.NaN).ranking().size();
        long routed = System.nanoTime();
        chosen += router.route(text.getFirst()).ranking().size();
        long end = System.nanoTime();
        if (i >= 0) {
          encodings[i] = encoded - start;
          vectors[i] = routed - encoded;
          texts[i] = end - routed;
        }
      }
      System.out.printf(
          Locale.ROOT, "%d models, %d rounds (%d ranked)%n", pool.models().size(), rounds, chosen);
    }
    print("vector just encoded to route", vectors);
    print("encoding", encodings);
    print("text to route", texts);
    System.out.printf(
        Locale.ROOT,
        "text to route / encoding: %.3f%n",
        (double) texts[rounds / 2] / encodings[rounds / 2]);
  }

  private static void print(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%-28s median %7.1f µs, 99 %% %7.1f µs%n",
        what,
        nanos[nanos.length / 2] / 1e3,
        nanos[nanos.length * 99 / 100] / 1e3);
  }
}
