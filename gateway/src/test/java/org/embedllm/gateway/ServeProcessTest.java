package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The gateway as a process: what outlives a crash, what it logs, how it follows its files, how it
/// stops.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("process")
class ServeProcessTest {
  private static final String KEY = KeyRing.freshKey(new SecureRandom());
  private static final String[] BEARER = {"authorization", "Bearer " + KEY};

  private Path trained;
  private StubUpstream a;
  private StubUpstream b;

  @BeforeAll
  void train(@TempDir Path folder) throws IOException {
    trained = TestArtifacts.write(folder.resolve("pool.safetensors"), List.of("a", "b"));
  }

  @AfterAll
  void forget() throws IOException {
    Files.deleteIfExists(trained);
  }

  @BeforeEach
  void open() throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  private Path model(Path folder) throws IOException {
    return Files.copy(trained, folder.resolve("pool.safetensors"));
  }

  private String upstreams() {
    return "upstreams:\n  - {model: a, url: \"%s\", price: {input: 1, output: 1}}\n  - {model: b, url: \"%s\"}\n"
        .formatted(a.url(), b.url());
  }

  private String withKey(String store) {
    return "keys:\n  - {name: alice, sha256: %s, budget: {usd: 0.00004, per: 3650d}}\n%s%s"
        .formatted(KeyRing.hash(KEY), store, upstreams());
  }

  /// Answers, takes feedback, and is killed as soon as that has been acknowledged.
  private static List<String> useAndKill(Path model, String yaml) throws Exception {
    var acknowledged = new ArrayList<String>();
    try (ServeProcess gateway = ServeProcess.start(model, yaml)) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer =
            gateway.post("/chat/completions", GatewayFixture.chat("auto", "question " + i), BEARER);
        assertThat(answer.statusCode()).isEqualTo(200);
        String id = answer.headers().firstValue("x-embedllm-decision").orElse("");
        HttpResponse<String> kept =
            gateway.post("/feedback", "{\"decision\":\"" + id + "\",\"score\":0.75}", BEARER);
        assertThat(kept.statusCode()).isEqualTo(200);
        acknowledged.add(id);
      }
      gateway.kill();
    }
    return acknowledged;
  }

  private static void assertKept(List<String> ids, StoreConfig config, Path fallback)
      throws StoreUnavailable {
    try (var store = new DecisionStore(config, fallback, Clock.systemUTC())) {
      assertThat(store.recent(10))
          .extracting(DecisionRecord::id)
          .containsExactlyInAnyOrderElementsOf(ids);
      for (DecisionRecord record : store.recent(10)) {
        assertThat(record.score()).contains(0.75);
        assertThat(record.request().answer().model()).contains("a");
        assertThat(record.request().cost()).isEqualTo(15e-6);
        assertThat(record.prompt()).isEmpty();
      }
    }
  }

  private static void assertBudgetIsStillSpent(Path model, String yaml) throws Exception {
    try (ServeProcess again = ServeProcess.start(model, yaml)) {
      HttpResponse<String> answer =
          again.post("/chat/completions", GatewayFixture.chat("auto", "one more"), BEARER);
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(GatewayFixture.json(answer).at("/error/code").asString())
          .isEqualTo("insufficient_quota");
      assertThat(again.terminate()).isTrue();
    }
  }

  @Test
  void killed_afterAcknowledgedFeedback_sqliteHasItAndTheBudget(@TempDir Path folder)
      throws Exception {
    Path model = model(folder);
    List<String> ids = useAndKill(model, withKey(""));
    assertKept(ids, StoreConfig.DEFAULT, folder.resolve("pool.safetensors.decisions.sqlite"));
    assertBudgetIsStillSpent(model, withKey(""));
  }

  /// PostgreSQL is stopped as by a crash too.
  @Test
  @Tag("database")
  @Tag("slow")
  void killed_afterAcknowledgedFeedback_postgresHasItAndTheBudget(@TempDir Path folder)
      throws Exception {
    Optional<Path> programs = Postgres.programs();
    Assumptions.assumeTrue(
        programs.isPresent(),
        "PostgreSQL is not tested: no initdb below /usr/lib/postgresql or on the PATH");
    try (Postgres postgres = Postgres.start(programs.get())) {
      Path model = model(folder);
      String yaml = withKey("store: {url: \"%s\"}\n".formatted(postgres.url()));
      List<String> ids = useAndKill(model, yaml);
      postgres.crash();
      assertKept(
          ids,
          new StoreConfig(
              Optional.of(postgres.url()),
              Optional.empty(),
              Optional.empty(),
              false,
              StoreConfig.DEFAULT.retention(),
              false),
          folder);
      assertBudgetIsStillSpent(model, yaml);
    }
  }

  @Test
  void start_wrongConfiguration_saysAllAtOnceALineEach(@TempDir Path folder) throws Exception {
    String yaml =
        "listen: 127.0.0.1:http\npolcy: best\n" + upstreams() + "limits: {maxAttemps: 2}\n";
    assertThatThrownBy(() -> ServeProcess.start(model(folder), yaml).close())
        .hasMessageStartingWith("status 2: embedllm: 3 problems in ")
        .hasMessageContaining(
            "\n" + folder.resolve("gateway.yaml") + ":1: listen must be HOST:PORT")
        .hasMessageContaining("gateway.yaml:2: there is no polcy. Did you mean \"policy\"?")
        .hasMessageContaining("gateway.yaml:6: there is no limits.maxAttemps.");
  }

  @Test
  void start_upstreamAtTheWrongPath_isDoubtedInTheLogAtOnce(@TempDir Path folder) throws Exception {
    String yaml = upstreams().replace(a.url(), a.url().replace("/v1", ""));
    try (ServeProcess gateway = ServeProcess.start(model(folder), yaml)) {
      String said = " answers 404 to GET " + a.url().replace("/v1", "") + "/models: check its url";
      Eventually.holds(() -> gateway.log().stream().anyMatch(line -> line.contains(said)));
      assertThat(gateway.log()).noneMatch(line -> line.contains(b.url()));
      assertThat(answeredBy(gateway)).isEqualTo("b");
    }
  }

  @Test
  void start_portTaken_saysSoAndEnds(@TempDir Path folder) throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String yaml = "listen: 127.0.0.1:" + taken.getLocalPort() + "\n" + upstreams();
      assertThatThrownBy(() -> ServeProcess.start(model(folder), yaml).close())
          .hasMessageStartingWith("status 2: ")
          .hasMessageEndingWith(
              "embedllm: listen 127.0.0.1:%d cannot be used: Address already in use\n",
              taken.getLocalPort());
    }
  }

  @Test
  void files_changedWhileItRuns_areFollowedOrRefusedWithEveryMistake(@TempDir Path folder)
      throws Exception {
    Path model = model(folder);
    Path config = folder.resolve("gateway.yaml");
    try (ServeProcess gateway = ServeProcess.start(model, upstreams())) {
      String wrong = Files.readString(config) + "polcy: best\nlimits: {maxAttemps: 2}\n";
      Files.writeString(config, wrong);
      Eventually.holds(() -> gateway.log().stream().anyMatch(l -> l.contains("2 problems in")));
      assertThat(String.join("\n", gateway.log()))
          .contains("kept what was there")
          .contains("gateway.yaml:5: there is no polcy. Did you mean \"policy\"?")
          .contains("gateway.yaml:6: there is no limits.maxAttemps. Did you mean \"maxAttempts\"?");
      assertThat(answeredBy(gateway)).isEqualTo("a");

      Files.writeString(
          config,
          wrong
              .replaceAll("(?s)polcy.*", "page: off\nlimits: {idleTimeout: 9s, maxAttempts: 2}\n")
              .replace("listen: 127.0.0.1:0", "listen: 127.0.0.1:1")
              .replace("model: b", "model: c"));
      Eventually.holds(
          () -> gateway.log().stream().anyMatch(l -> l.contains("upstream \"c\" has no vector")));
      assertThat(String.join("\n", gateway.log()))
          .contains("not before the next start: listen, page, limits.idleTimeout\n");

      Files.writeString(config, wrong.replaceAll("(?s)polcy.*", "policy: cheapest@0.4\n"));
      Eventually.holds(
          () -> answeredBy(gateway).equals("a") && taken(gateway, "gateway.yaml") == 2);

      Path other = TestArtifacts.write(folder.resolve("other"), List.of("b", "a"));
      Files.writeString(config, wrong.replaceAll("(?s)polcy.*", ""));
      Files.move(other, model, StandardCopyOption.ATOMIC_MOVE);
      Eventually.holds(
          () -> answeredBy(gateway).equals("b") && taken(gateway, "pool.safetensors") == 1);
      Files.writeString(model, "not a model");
      Eventually.holds(() -> gateway.log().getLast().contains("kept what was there"));
      assertThat(answeredBy(gateway)).isEqualTo("b");
    }
  }

  private static long taken(ServeProcess gateway, String file) throws IOException {
    return gateway.log().stream()
        .filter(l -> l.contains("took over the new") && l.endsWith(file))
        .count();
  }

  private static String answeredBy(ServeProcess gateway) {
    HttpResponse<String> answer =
        gateway.post("/chat/completions", GatewayFixture.chat("auto", "q"));
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.headers().firstValue("x-embedllm-model").orElse("");
  }

  @Test
  void jsonLog_everyLine_isAnObjectWithoutPromptsOrKeys(@TempDir Path folder) throws Exception {
    b.mood(StubUpstream.Mood.BROKEN);
    a.pace(200, 5);
    List<String> log;
    try (ServeProcess gateway =
            ServeProcess.start(
                model(folder),
                "observe: {log: json}\n"
                    + withKey("").replace("0.00004", "1").replace("a, url", "a, key: sk-up, url"),
                "--verbose");
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      gateway.post("/chat/completions", GatewayFixture.chat("b", "the secret of life"), BEARER);
      gateway.post(
          "/chat/completions", GatewayFixture.chat("auto", "another secret"), "authorization", "x");
      CompletableFuture<HttpResponse<String>> stream =
          CompletableFuture.supplyAsync(
              () ->
                  gateway.post(
                      "/chat/completions", GatewayFixture.streamed("a", "my secret"), BEARER),
              clients);
      Eventually.holds(() -> a.calls() == 1);
      boolean ended = gateway.terminate();
      assertThat(GatewayFixture.events(stream.join())).hasSize(7).endsWith("[DONE]");
      assertThat(ended).isTrue();
      log = gateway.log();
    }
    List<JsonNode> lines = log.stream().map(GatewayFixture::json).toList();
    assertThat(lines).allMatch(l -> l.isObject() && l.hasNonNull("time") && l.hasNonNull("level"));
    List<JsonNode> requests =
        lines.stream().filter(l -> l.path("message").asString().equals("request")).toList();
    JsonNode failed = requests.getFirst();
    assertThat(failed.path("status").asInt()).isEqualTo(502);
    assertThat(failed.path("caller").asString()).isEqualTo("alice");
    assertThat(failed.path("chosen").asString()).isEqualTo("b");
    assertThat(failed.path("error").asString()).isEqualTo("upstream_error");
    assertThat(failed.path("failed").asString()).endsWith(":server_error");
    assertThat(failed.path("level").asString()).isEqualTo("WARN");
    JsonNode last = requests.getLast();
    assertThat(last.path("status").asInt()).isEqualTo(200);
    assertThat(last.path("answerTokens").asInt()).isEqualTo(4);
    assertThat(last.path("ms").isNumber()).isTrue();
    assertThat(last.path("decision").asString()).startsWith("d-");
    assertThat(String.join("\n", log)).doesNotContain("secret", KEY, "sk-up");
  }

  @Test
  void jsonLog_promptsAskedFor_areInIt(@TempDir Path folder) throws Exception {
    try (ServeProcess gateway =
        ServeProcess.start(
            model(folder), "observe: {log: json, prompts: true}\n" + upstreams(), "--verbose")) {
      String text = "say \"hello\"\nand good bye";
      gateway.post("/chat/completions", GatewayFixture.chat("auto", text));
      Eventually.holds(() ->
          gateway.log().stream()
              .map(GatewayFixture::json)
              .anyMatch(l -> l.path("prompt").asString("").equals(text)));
    }
  }
}
