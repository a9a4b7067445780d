package org.embedllm.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.embedllm.client.SmallPool;
import org.embedllm.client.StubModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The projects of `examples`, built outside the tree against installed artifacts, each between two
/// servers. The local repository is a new one, with links to what the default one has of others.
@Tag("slow")
@Tag("process")
class ConsumersTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin/java").toString();

  @TempDir private static Path folder;
  private static Path repository = Path.of("");
  private static Path model = Path.of("");
  private StubModel accountant;
  private StubModel ornithologist;

  @BeforeAll
  static void install() throws Exception {
    model = SmallPool.trained(folder);
    repository = Files.createDirectories(folder.resolve("repository"));
    Path shared = Path.of(System.getProperty("localRepository"));
    link(shared, repository, "org");
    link(shared.resolve("org"), Files.createDirectories(repository.resolve("org")), "embedllm");
    run(
        PROJECT,
        List.of(
            "mvn",
            "-B",
            "-q",
            "-ntp",
            "-Dquick",
            "-Dmaven.test.skip=true",
            "-Dspotless.check.skip=true",
            "-Dmaven.repo.local=" + repository,
            "-pl",
            ".,bom,core,onnx,langchain4j,spring",
            "install"));
  }

  @BeforeEach
  void start() throws IOException {
    accountant = new StubModel("accountant");
    ornithologist = new StubModel("ornithologist");
  }

  @AfterEach
  void stop() {
    accountant.close();
    ornithologist.close();
  }

  @Test
  void plain_java21_routesToTwoServers() throws Exception {
    String classPath = built("plain");
    assertThat(
            Files.readAllBytes(folder.resolve("plain/target/classes/example/RouteAndAsk.class"))[7])
        .as("class version of Java 21")
        .isEqualTo((byte) 65);
    assertRoutes(run(folder, command(classPath, "example.RouteAndAsk")));
  }

  @Test
  void langchain4j_routingChatModel_routesToTwoServers() throws Exception {
    assertRoutes(run(folder, command(built("langchain4j"), "example.RouteChatModels")));
  }

  @Test
  void springBoot4_chatModel_routesToTwoServers() throws Exception {
    String classPath = built("spring-boot");
    assertThat(classPath).contains("spring-boot-4.");
    assertApplicationRoutes(classPath);
  }

  @Test
  void springBoot3_router_routesToTwoServers() throws Exception {
    String classPath = built("spring-boot-3");
    assertThat(classPath).contains("spring-boot-3.5.");
    assertApplicationRoutes(classPath);
  }

  private List<String> command(String classPath, String main) {
    return List.of(
        JAVA,
        "-cp",
        classPath,
        main,
        model.toString(),
        "accountant=" + accountant.url(),
        "ornithologist=" + ornithologist.url(),
        SmallPool.SUM,
        SmallPool.BIRD);
  }

  private void assertRoutes(String output) {
    assertThat(output.lines().filter(line -> line.contains("accountant"))).isNotEmpty();
    assertAsked();
  }

  private void assertAsked() {
    assertThat(accountant.bodies()).singleElement().asString().contains("17 + 25");
    assertThat(ornithologist.bodies()).singleElement().asString().contains("red breast");
  }

  private void assertApplicationRoutes(String classPath) throws Exception {
    int port = freePort();
    List<String> command =
        new ArrayList<>(List.of(JAVA, "-cp", classPath, "example.RoutingApplication"));
    command.add("--server.port=" + port);
    command.add("--embedllm.model=" + model);
    command.add("--accountant.url=" + accountant.url());
    command.add("--ornithologist.url=" + ornithologist.url());
    Path log = folder.resolve("application-" + port + ".log");
    Process application =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      String root = "http://127.0.0.1:" + port;
      await(application, log, client, root + "/actuator/health");
      assertThat(get(client, root + "/ask?prompt=" + encoded(SmallPool.SUM)))
          .contains("accountant");
      assertThat(get(client, root + "/ask?prompt=" + encoded(SmallPool.BIRD)))
          .contains("ornithologist");
      assertAsked();
      assertThat(get(client, root + "/actuator/metrics/embedllm.route")).contains("\"value\":2.0");
    } finally {
      application.destroy();
      assertThat(application.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void await(Process application, Path log, HttpClient client, String url)
      throws Exception {
    for (int i = 0; i < 600; i++) {
      assertThat(application.isAlive()).as(Files.readString(log)).isTrue();
      try {
        if (get(client, url).contains("\"status\":\"UP\"")) {
          return;
        }
      } catch (IOException e) {
        Thread.sleep(200); // It does not listen yet.
      }
    }
    throw new AssertionError(Files.readString(log));
  }

  private static String get(HttpClient client, String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// Builds an example in a folder of its own.
  ///
  /// @return its class path
  private static String built(String example) throws Exception {
    Path from = PROJECT.resolve("examples").resolve(example);
    Path to = folder.resolve(example);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(f -> !f.toString().contains("/target/"))
              .toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Path classPath = to.resolve("classpath.txt");
    run(
        to,
        List.of(
            "mvn",
            "-B",
            "-q",
            "-ntp",
            "-Dmaven.repo.local=" + repository,
            "compile",
            "dependency:build-classpath",
            "-Dmdep.outputFile=" + classPath,
            "-Dmdep.includeScope=runtime"));
    return to.resolve("target/classes") + File.pathSeparator + Files.readString(classPath).strip();
  }

  /// Links to all entries of a folder but one.
  private static void link(Path from, Path to, String except) throws IOException {
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        if (!entry.getFileName().toString().equals(except)) {
          Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
        }
      }
    }
  }

  private static String run(Path directory, List<String> command) throws Exception {
    var builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
