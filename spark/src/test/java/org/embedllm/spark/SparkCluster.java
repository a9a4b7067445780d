package org.embedllm.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A master and two workers of one core each, as processes on the loopback interface, started from
/// Spark's jars.
final class SparkCluster implements AutoCloseable {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final List<String> SMALL =
      List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final List<String> LARGE = List.of("-Xmx2g");

  private final Path folder;
  private final int port = freePort();
  private final int page = freePort();
  private final List<Process> workers = new ArrayList<>();
  private final Process master;

  SparkCluster(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    this.master =
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--webui-port",
            Integer.toString(page));
    await(() -> page().contains("\"aliveworkers\""));
    for (int i = 1; i <= 2; i++) {
      workers.add(
          start(
              "worker-" + i,
              "org.apache.spark.deploy.worker.Worker",
              "--host",
              "127.0.0.1",
              "--cores",
              "1",
              "--memory",
              "1g",
              "--webui-port",
              Integer.toString(freePort()),
              "--work-dir",
              folder.resolve("work-" + i).toString(),
              master()));
    }
    await(() -> page().replace(" ", "").contains("\"aliveworkers\":2"));
  }

  /// Address of the master.
  String master() {
    return "spark://127.0.0.1:" + port;
  }

  /// Starts a job with spark-submit's own class.
  ///
  /// @param on address of a master, or `local[2]`
  Process submit(String name, String on, String... arguments) throws IOException {
    return submit(name, on, SMALL, List.of(), List.of(arguments));
  }

  /// Runs a job on the cluster, with a driver for real data.
  ///
  /// @param settings further options of spark-submit
  void run(String name, List<String> settings, String... arguments)
      throws IOException, InterruptedException {
    Process job = submit(name, master(), LARGE, settings, List.of(arguments));
    if (job.waitFor() != 0) {
      throw new IllegalStateException(name + " failed: " + errors(name));
    }
  }

  private Process submit(
      String name, String on, List<String> java, List<String> settings, List<String> arguments)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--master",
                on,
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.executor.memory=600m"));
    all.addAll(settings);
    all.addAll(
        List.of(
            "--class",
            "org.embedllm.spark.EmbedLlmJob",
            TARGET.resolve("embedllm-spark.jar").toString()));
    all.addAll(arguments);
    return start(name, java, "org.apache.spark.deploy.SparkSubmit", all);
  }

  /// The jars that encode, for spark-submit's `--jars`.
  ///
  /// @param weights the jar with the weights of an encoder that the module does not bring
  static String encoderJars(Path weights) throws IOException {
    try (Stream<Path> files = Files.list(TARGET.resolve("lib"))) {
      return Stream.concat(files, Stream.of(weights))
          .map(Path::toString)
          .sorted()
          .collect(Collectors.joining(","));
    }
  }

  /// Kills a worker with `kill -9` as soon as its executor runs a task.
  void killAWorkerThatComputes() throws IOException, InterruptedException {
    await(() -> executorLogs().contains("Running task"));
    Process worker = workers.getFirst();
    List<ProcessHandle> executors = worker.descendants().toList();
    worker.destroyForcibly().waitFor();
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  /// What a process wrote to standard error.
  String errors(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".err"));
  }

  private String executorLogs() throws IOException {
    Path work = folder.resolve("work-1");
    if (!Files.isDirectory(work)) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.filter(f -> f.endsWith("stderr")).toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  private Process start(String name, String main, String... arguments) throws IOException {
    return start(name, SMALL, main, List.of(arguments));
  }

  private Process start(String name, List<String> java, String main, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("java-options.txt").toAbsolutePath()));
    command.addAll(java);
    command.addAll(List.of("-cp", TARGET.resolve("spark-home/jars") + "/*", main));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve(name + ".out").toFile())
            .redirectError(folder.resolve(name + ".err").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "SPARK_HOME",
                TARGET.resolve("spark-home").toString(),
                "SPARK_SCALA_VERSION",
                "2.13",
                "JAVA_HOME",
                System.getProperty("java.home")));
    return builder.start();
  }

  private String page() throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + page + "/json/")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (java.net.ConnectException e) {
      return "";
    }
  }

  private interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static void await(Condition condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the cluster did not get there within " + LIMIT);
      }
      Thread.sleep(200);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    workers.forEach(SparkCluster::stop);
    stop(master);
  }

  private static void stop(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
