package org.embedllm.benchmarks.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Mixed traffic at a fixed rate for a while, and whether the gateway's memory stays flat: after
/// each minute the heap that survives a full collection, the process's resident memory, its threads
/// and its open files.
///
/// Half of the requests name a model, a fifth of them are streams of two seconds with keep-alive
/// comments between their chunks, a fifth are routed from a repeated prompt and a tenth from new
/// text. The gateway's caches are configured small, so that they are full within the first minutes.
/// Linux only: all but the heap comes from `/proc`.
///
/// Arguments: MODEL, one of MODEL's names, minutes, requests a second.
public final class GatewaySoak {
  private static final String PATH = "/v1/chat/completions";
  private static final String SMALL_CACHES =
      """
      limits: {promptCacheSize: 1000, keepAlive: 100ms}
      conversations: {maxSessions: 10000}
      """;
  private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");

  private final Programs.Started gateway;
  private final String name;
  private final int rate;
  private final ExecutorService loads = Executors.newCachedThreadPool();

  private GatewaySoak(Programs.Started gateway, String name, int rate) {
    this.gateway = gateway;
    this.name = name;
    this.rate = rate;
  }

  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    if (arguments.length != 4) {
      System.err.println("usage: GatewaySoak MODEL MODEL-NAME MINUTES REQUESTS-A-SECOND");
      System.exit(2);
    }
    Path folder = Files.createTempDirectory("gateway-soak");
    try (var programs = new Programs(folder)) {
      Programs.Started stub = programs.stub(Duration.ofMillis(200), 10);
      Programs.Started gateway =
          programs.gateway(Path.of(arguments[0]), arguments[1], stub, SMALL_CACHES, "-Xmx512m");
      var soak = new GatewaySoak(gateway, arguments[1], Integer.parseInt(arguments[3]));
      soak.run(Integer.parseInt(arguments[2]));
      soak.loads.shutdown();
    }
  }

  private void run(int minutes) throws IOException, InterruptedException, ExecutionException {
    List<Double> heap = new ArrayList<>();
    List<Double> resident = new ArrayList<>();
    List<Double> threads = new ArrayList<>();
    List<Double> files = new ArrayList<>();
    System.out.println(
        "minute  requests  failed  named p50 ms  p99 ms  live heap MB  resident MB  threads  files");
    for (int minute = 1; minute <= minutes; minute++) {
      List<PacedLoad.Result> results = load(minute);
      heap.add(liveHeap());
      resident.add(status(RESIDENT) / 1e3);
      threads.add(status(THREADS));
      files.add(openFiles());
      System.out.printf(
          Locale.ROOT,
          "%6d  %8d  %6d  %12.2f  %6.1f  %12.1f  %11.1f  %7.0f  %5.0f%n",
          minute,
          results.stream().mapToInt(PacedLoad.Result::requests).sum(),
          results.stream().mapToLong(PacedLoad.Result::failed).sum(),
          results.getFirst().p50(),
          results.getFirst().p99(),
          heap.getLast(),
          resident.getLast(),
          threads.getLast(),
          files.getLast());
    }
    System.out.println(verdict("live heap", "MB", heap));
    System.out.println(verdict("resident memory", "MB", resident));
    System.out.println(verdict("threads", "", threads));
    System.out.println(verdict("open files", "", files));
  }

  /// One minute of traffic.
  private List<PacedLoad.Result> load(int minute) throws InterruptedException, ExecutionException {
    String long2000 = "Always the same long question. ".repeat(64);
    String stream =
        "{\"model\":\"%s\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .formatted(name);
    List<Callable<PacedLoad.Result>> parts =
        List.of(
            part(0.5, 8, n -> body(name, "What is six times seven, the " + n + "th time?")),
            part(0.2, 240, n -> stream),
            part(0.2, 8, n -> body("auto", long2000 + n % 50)),
            part(0.1, 8, n -> body("auto", "Question " + n + " of minute " + minute)));
    List<PacedLoad.Result> results = new ArrayList<>();
    for (Future<PacedLoad.Result> result : loads.invokeAll(parts)) {
      results.add(result.get());
    }
    return results;
  }

  private Callable<PacedLoad.Result> part(
      double share, int connections, LongFunction<String> body) {
    var load = new PacedLoad(gateway.port(), PATH, "", body);
    return () -> load.run(share * rate, connections, Duration.ofMinutes(1));
  }

  private static String body(String model, String text) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(model, text);
  }

  /// Megabytes of objects that survive a full collection.
  private double liveHeap() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(gateway.pid()),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String out = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    jcmd.waitFor();
    return number(TOTAL, out) / 1e6;
  }

  private double status(Pattern line) throws IOException {
    return number(line, Files.readString(Path.of("/proc/" + gateway.pid() + "/status")));
  }

  private double openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + gateway.pid() + "/fd"))) {
      return files.count();
    }
  }

  private static double number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + pattern + " in: " + text);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /// Flat is: over the second half, less than a hundredth a minute.
  private static String verdict(String what, String unit, List<Double> values) {
    if (values.size() < 4) {
      return what + ": too few minutes to say";
    }
    List<Double> half = values.subList(values.size() / 2, values.size());
    double mean = half.stream().mapToDouble(x -> x).average().orElse(Double.NaN);
    double middle = (half.size() - 1) / 2.0;
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < half.size(); i++) {
      covariance += (i - middle) * (half.get(i) - mean);
      variance += (i - middle) * (i - middle);
    }
    double slope = covariance / variance;
    return String.format(
        Locale.ROOT,
        "%s: %+.2f%s a minute over the last %d minutes, %s",
        what,
        slope,
        unit.isEmpty() ? "" : " " + unit,
        half.size(),
        slope < 0.01 * mean ? "flat" : "NOT FLAT");
  }
}
