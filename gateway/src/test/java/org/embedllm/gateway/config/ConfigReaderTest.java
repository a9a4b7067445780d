package org.embedllm.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  @TempDir private Path folder;

  private GatewayConfig read(String yaml, Map<String, String> environment) throws IOException {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, yaml);
    return new ConfigReader(environment).read(file);
  }

  @Test
  void minimal_onlyUpstreams_hasTheDefaults() throws IOException {
    GatewayConfig config =
        read("upstreams:\n  - {model: m, url: http://127.0.0.1:9001/v1/}\n", Map.of());

    assertThat(config.listen()).isEqualTo(ListenConfig.DEFAULT);
    assertThat(config.policy()).isEqualTo(new RoutingPolicy.Best());
    assertThat(config.learn()).isTrue();
    assertThat(config.text()).isEqualTo(TextRule.DEFAULT);
    assertThat(config.conversations()).isEqualTo(ConversationRule.DEFAULT);
    assertThat(config.limits()).isEqualTo(Limits.DEFAULT);
    assertThat(config.store()).isEqualTo(StoreConfig.DEFAULT);
    assertThat(config.observe()).isEqualTo(ObserveConfig.DEFAULT);
    UpstreamConfig upstream = config.upstreams().getFirst();
    assertThat(upstream.name()).isEqualTo("m");
    assertThat(upstream.url()).hasToString("http://127.0.0.1:9001/v1");
    assertThat(upstream.timeouts()).isEqualTo(UpstreamConfig.Timeouts.DEFAULT);
    assertThat(upstream.health()).isEqualTo(UpstreamConfig.Health.DEFAULT);
    assertThat(upstream.circuit()).isEqualTo(UpstreamConfig.Circuit.DEFAULT);
    assertThat(config.page()).isEqualTo(PageConfig.DEFAULT);
  }

  @Test
  void full_everyKey_isRead() throws IOException {
    Files.writeString(folder.resolve("key.txt"), "sk-file\n");
    GatewayConfig config =
        read(
            """
            listen: 0.0.0.0:9000
            listenWithoutKeys: true
            policy: cheapest@0.75
            learn: false
            upstreams:
              - model: m
                url: https://api.example.com/v1
                name: m-there
                key: ${UP_KEY}
                headers: {x-team: blue}
                price: {input: 0.15, output: 0.60, call: 0.001}
                context: 8192
                abilities: [tools, images]
                concurrency: 8
                queue: 3
                requestsPerMinute: 90
                timeouts: {connect: 1s, firstByte: 20s, response: 40s, idle: 10s, total: 2m}
                streamUsage: false
                health: {path: /health, interval: 0}
                circuit: {slidingWindowSize: 50, minimumCalls: 10, failureRate: 0.25, openDuration: 20s, halfOpenCalls: 3}
              - {model: k, url: "http://127.0.0.1:1", keyFile: key.txt}
            keys:
              - name: alice
                sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                requestsPerMinute: 30
                budget: {usd: 5, per: 30d}
                models: [auto, m]
            text: {turns: 2, minCharacters: 10, fenceLines: 3, maxCharacters: 500, system: true}
            conversations: {sticky: false, switchingCost: 0.1, cacheDiscount: 0.2, ttl: 5m, maxSessions: 9}
            limits: {maxRequestBytes: 1MiB, maxHeaderBytes: 8KiB, maxConcurrentRequests: 10, maxConnections: 20, requestTimeout: 5s,
              writeTimeout: 6s, idleTimeout: 7s, deadline: 8s, maxAttempts: 2, encodeQueue: 1, promptCacheSize: 2, gracePeriod: 9s}
            store: {url: "jdbc:postgresql://db/x", user: u, password: "${PG:-secret}", prompts: true, retention: 7d}
            observe: {log: json, prompts: true, traces: "http://127.0.0.1:4318", sample: 0.5, headers: false}
            page: {dataset: key.txt}
            """,
            Map.of("UP_KEY", "sk-env"));

    assertThat(config.listen().host()).isEqualTo("0.0.0.0");
    assertThat(config.listen().withoutKeys()).isTrue();
    assertThat(config.policy()).isEqualTo(new RoutingPolicy.Cheapest(0.75));
    UpstreamConfig m = config.upstreams().getFirst();
    assertThat(m.key().orElseThrow().value()).isEqualTo("sk-env");
    assertThat(m.toString()).doesNotContain("sk-env");
    assertThat(m.price().orElseThrow()).isEqualTo(new UpstreamConfig.Price(0.15, 0.60, 0.001));
    assertThat(m.context()).hasValue(8192);
    assertThat(m.abilities()).containsExactlyInAnyOrder(Capability.TOOLS, Capability.IMAGES);
    assertThat(m.queue()).isEqualTo(3);
    assertThat(m.timeouts())
        .isEqualTo(
            new UpstreamConfig.Timeouts(
                Duration.ofSeconds(1),
                Duration.ofSeconds(20),
                Duration.ofSeconds(40),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2)));
    assertThat(m.streamUsage()).isFalse();
    assertThat(m.health().interval()).isZero();
    assertThat(m.circuit())
        .isEqualTo(new UpstreamConfig.Circuit(50, 10, 0.25, Duration.ofSeconds(20), 3));
    assertThat(config.page())
        .isEqualTo(new PageConfig(true, Optional.of(folder.resolve("key.txt").toAbsolutePath())));
    assertThat(config.upstreams().get(1).key().orElseThrow().value()).isEqualTo("sk-file");
    assertThat(config.keys().getFirst().budget().orElseThrow().per())
        .isEqualTo(Duration.ofDays(30));
    assertThat(config.learn()).isFalse();
    assertThat(config.text()).isEqualTo(new TextRule(2, 10, 3, 500, true));
    assertThat(config.conversations())
        .isEqualTo(new ConversationRule(false, 0.1, 0.2, Duration.ofMinutes(5), 9));
    assertThat(config.limits())
        .isEqualTo(
            new Limits(
                1 << 20,
                8 << 10,
                10,
                20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(6),
                Duration.ofSeconds(7),
                Duration.ofSeconds(8),
                2,
                1,
                2,
                Duration.ofSeconds(9),
                Limits.DEFAULT.keepAlive(),
                Limits.DEFAULT.drain(),
                Limits.DEFAULT.maxTotalRequestBytes()));
    assertThat(config.store().password().orElseThrow().value()).isEqualTo("secret");
    assertThat(config.observe().sample()).isEqualTo(0.5);
    assertThat(config.observe().headers()).isFalse();
  }

  @Test
  void everythingWrong_allAtOnce_isNamedWithLinesAndSuggestions() {
    assertThatThrownBy(() ->
            read(
                """
                listen: nowhere
                polcy: best
                policy: cheepest@0.8
                upstreams:
                  - model: m
                    url: ftp://x
                    pricee: {input: 1}
                    timeouts: {firstByte: soon}
                    abilities: [tool]
                  - url: http://127.0.0.1:1
                    key: ${NO_SUCH_KEY}
                limits: {maxAttempts: 0}
                """,
                Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("problems in")
        .hasMessageContaining("gateway.yaml:1: listen must be HOST:PORT")
        .hasMessageContaining("gateway.yaml:2: there is no polcy. Did you mean \"policy\"?")
        .hasMessageContaining(
            "gateway.yaml:3: policy is wrong: a policy must be best, cheapest@P (probability),")
        .hasMessageContaining("Did you mean \"cheapest\"?")
        .hasMessageContaining("gateway.yaml:6: upstreams[0].url must begin with http")
        .hasMessageContaining("gateway.yaml:7: there is no upstreams[0].pricee. Did you mean")
        .hasMessageContaining("gateway.yaml:8: upstreams[0].timeouts.firstByte must be a time")
        .hasMessageContaining("Did you mean \"tools\"?")
        .hasMessageContaining("gateway.yaml:10: upstreams[1].model is missing")
        .hasMessageContaining("gateway.yaml:11: upstreams[1].key takes the environment variable")
        .hasMessageContaining("gateway.yaml:12: limits.maxAttempts must be a whole number from 1");
  }

  @Test
  void keys_whatTheyMayName_isCheckedAgainstTheUpstreams() {
    assertThatThrownBy(() ->
            read(
                """
                upstreams:
                  - {model: gpt-4o-mini, url: "http://127.0.0.1:1"}
                keys:
                  - name: alice
                    sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                    models: [auto, "auto:dial@0.5", gpt-4o-mini, gtp-4o-mini]
                  - name: bob
                    sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                    models: ["auto:dail@2"]
                """,
                Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("3 problems in")
        .hasMessageContaining(
            "gateway.yaml:6: keys[0].models has \"gtp-4o-mini\", which no upstream offers. Did you"
                + " mean \"gpt-4o-mini\"?")
        .hasMessageContaining("gateway.yaml:8: keys[1].sha256 is the key of \"alice\" too")
        .hasMessageContaining(
            "gateway.yaml:9: keys[1].models has \"auto:dail@2\": a policy must be")
        .hasMessageContaining("Did you mean \"dial\"?");
  }

  @Test
  void models_thatNameNone_areNoRightToAll() {
    assertThatThrownBy(() ->
            read(
                """
                upstreams:
                  - {model: m, url: "http://127.0.0.1:1"}
                modelGroups:
                  small: []
                keys:
                  - name: alice
                    sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                    models: []
                """,
                Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("gateway.yaml:4: modelGroups.small has no model")
        .hasMessageContaining("gateway.yaml:8: keys[0].models has no name");
  }

  @Test
  void numbersOutOfRange_everyRule_isSaid() {
    assertThatThrownBy(() ->
            read(
                """
                upstreams:
                  - model: m
                    url: http://127.0.0.1:1
                    circuit: {slidingWindowSize: 4, minimumCalls: 5, failureRate: 1.5, openDuration: 0, halfOpenCals: 1}
                limits:
                  maxRequestBytes: 5GiB
                  maxHeaderBytes: 12B
                observe: {traces: "ftp://x"}
                page: {dataset: not-there}
                """,
                Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "circuit.minimumCalls must not be more than slidingWindowSize, which is 4; got 5")
        .hasMessageContaining("circuit.failureRate must be a number from 0.01 to 1; got \"1.5\"")
        .hasMessageContaining("circuit.openDuration must be longer than nothing")
        .hasMessageContaining(
            "there is no upstreams[0].circuit.halfOpenCals. Did you mean \"halfOpenCalls\"?")
        .hasMessageContaining(
            "gateway.yaml:6: limits.maxRequestBytes must be a size such as 512KiB or 20MiB, from 1KiB"
                + " to 1GiB; got \"5GiB\"")
        .hasMessageContaining("gateway.yaml:7: limits.maxHeaderBytes must be a size")
        .hasMessageContaining("gateway.yaml:8: observe.traces must be a URL")
        .hasMessageContaining("gateway.yaml:9: page.dataset is not there");
  }

  @Test
  void page_off_isOff() throws IOException {
    String upstream = "upstreams:\n  - {model: m, url: http://127.0.0.1:9001/v1}\n";
    assertThat(read(upstream + "page: off\n", Map.of()).page().shown()).isFalse();
    assertThat(read(upstream + "page:\n", Map.of()).page()).isEqualTo(PageConfig.DEFAULT);
  }

  /// What the documentation shows can be used as it stands.
  @Test
  void documentation_everyExample_isRead() throws IOException {
    Path document = Path.of("..", "docs", "gateway.md").toAbsolutePath().normalize();
    Files.createDirectory(folder.resolve("data"));
    String text = Files.readString(document);
    int examples = 0;
    for (String block : text.split("```yaml\n")) {
      int end = block.indexOf("```");
      if (block.startsWith("#") || end < 0 || !block.contains("upstreams:")) {
        continue;
      }
      String yaml =
          block
              .substring(0, end)
              .replace("64 hexadecimal digits", "ab".repeat(32))
              .replace("tls: {certificate: chain.pem, key: key.pem}", "");
      GatewayConfig config =
          read(
              yaml,
              Map.of("OPENAI_API_KEY", "sk", "ANTHROPIC_API_KEY", "sk", "PGPASSWORD", "secret"));
      assertThat(config.upstreams()).isNotEmpty();
      if (yaml.contains("limits:")) {
        assertDefaults(config);
      }
      examples++;
    }
    assertThat(examples).isEqualTo(4);
  }

  /// The example of every key shows the defaults.
  private static void assertDefaults(GatewayConfig config) {
    UpstreamConfig upstream = config.upstreams().getFirst();
    assertThat(upstream.timeouts()).isEqualTo(UpstreamConfig.Timeouts.DEFAULT);
    assertThat(upstream.health()).isEqualTo(UpstreamConfig.Health.DEFAULT);
    assertThat(upstream.circuit()).isEqualTo(UpstreamConfig.Circuit.DEFAULT);
    assertThat(config.listen()).isEqualTo(ListenConfig.DEFAULT);
    assertThat(config.text()).isEqualTo(TextRule.DEFAULT);
    assertThat(config.conversations()).isEqualTo(ConversationRule.DEFAULT);
    assertThat(config.limits()).isEqualTo(Limits.DEFAULT);
    assertThat(config.store().retention()).isEqualTo(StoreConfig.DEFAULT.retention());
    assertThat(config.policy()).isEqualTo(new RoutingPolicy.Best());
  }

  @Test
  void timeouts_firstByteAlone_countsForWholeAnswersToo() throws IOException {
    UpstreamConfig.Timeouts timeouts =
        read(
                "upstreams:\n  - {model: m, url: http://127.0.0.1:1/v1, timeouts: {firstByte: 7s}}\n",
                Map.of())
            .upstreams()
            .getFirst()
            .timeouts();
    assertThat(timeouts.firstByte()).isEqualTo(Duration.ofSeconds(7));
    assertThat(timeouts.response()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void fixedDifferences_whatAReloadCannotTakeOver_isNamed() throws IOException {
    String upstreams = "upstreams:\n  - {model: m, url: http://127.0.0.1:1/v1}\n";
    GatewayConfig started = read(upstreams, Map.of());
    GatewayConfig changed =
        read(
            upstreams
                + "listen: 127.0.0.1:9\npolicy: cheapest@0.5\nstore: {prompts: true}\npage: off\n"
                + "limits: {maxAttempts: 9, maxRequestBytes: 1GiB, maxHeaderBytes: 1KiB, maxConnections: 1, idleTimeout: 1s,"
                + " gracePeriod: 1s, encodeQueue: 1, promptCacheSize: 1}\n"
                + "observe: {log: json, prompts: true, sample: 0.5, traces: \"http://127.0.0.1:1\","
                + " headers: false}\n",
            Map.of());
    assertThat(started.fixedDifferences(started)).isEmpty();
    assertThat(
            started.fixedDifferences(read(upstreams + "limits: {maxRequestBytes: 1KiB}", Map.of())))
        .isEmpty();
    assertThat(started.fixedDifferences(changed))
        .containsExactly(
            "listen",
            "store",
            "page",
            "limits.maxRequestBytes",
            "limits.maxHeaderBytes",
            "limits.maxConnections",
            "limits.idleTimeout",
            "limits.gracePeriod",
            "limits.encodeQueue",
            "limits.promptCacheSize",
            "observe.log",
            "observe.prompts",
            "observe.traces",
            "observe.sample");
  }

  @Test
  void oldNames_areUnderstoodWithAWarningThatNamesTheNewOnes() throws IOException {
    GatewayConfig config =
        read(
            """
            upstreams:
              - model: m
                url: http://127.0.0.1:1/v1
                circuit: {calls: 50, least: 10, failures: 0.25, rest: 20s, trials: 3}
                health: {every: 0}
            limits: {attempts: 2, shutdown: 9s}
            """,
            Map.of());
    assertThat(config.upstreams().getFirst().circuit())
        .isEqualTo(new UpstreamConfig.Circuit(50, 10, 0.25, Duration.ofSeconds(20), 3));
    assertThat(config.upstreams().getFirst().health().interval()).isZero();
    assertThat(config.limits().maxAttempts()).isEqualTo(2);
    assertThat(config.limits().gracePeriod()).isEqualTo(Duration.ofSeconds(9));
    assertThat(config.warnings())
        .hasSize(8)
        .anyMatch(w -> w.endsWith(":4: upstreams[0].circuit.least is now called minimumCalls"))
        .anyMatch(w -> w.endsWith(":6: limits.shutdown is now called gracePeriod"));
  }

  @Test
  void oldAndNewName_together_areRefused() {
    String upstreams = "upstreams:\n  - {model: m, url: http://127.0.0.1:1/v1}\n";
    assertThatThrownBy(() -> read(upstreams + "limits: {attempts: 2, maxAttempts: 3}\n", Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("limits.attempts is the old name of maxAttempts");
  }

  @Test
  void brokenYaml_line_isNamed() {
    assertThatThrownBy(() -> read("upstreams:\n  - {model: m\nlisten: x", Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("gateway.yaml:3: is not YAML");
  }
}
