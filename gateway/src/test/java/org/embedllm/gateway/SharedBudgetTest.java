package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.embedllm.gateway.access.KeyRing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Two gateways on one PostgreSQL count a key's rates and budget together.
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("database")
class SharedBudgetTest {
  private static final String KEY = KeyRing.freshKey(new SecureRandom());

  @TempDir private Path folder;
  private @Nullable Postgres postgres;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    Optional<Path> programs = Postgres.programs();
    Assumptions.assumeTrue(programs.isPresent(), "PostgreSQL is not tested: there is no initdb");
    postgres = Postgres.start(programs.get());
  }

  @AfterAll
  void stop() throws IOException {
    Postgres running = postgres;
    if (running != null) {
      running.close();
    }
  }

  private Postgres database() {
    return Optional.ofNullable(postgres).orElseThrow();
  }

  /// A call costs 0.015 dollars, 15 tokens.
  private GatewayFixture gateway(StubUpstream stub, String url, String limits) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        Files.createTempDirectory(folder, "replica"),
        """
        keys:
          - {name: alice, sha256: %s, %s}
        store: {url: "%s"}
        upstreams:
          - {model: a, health: {interval: 0}, url: "%s", price: {input: 1000, output: 1000}}
        """
            .formatted(KeyRing.hash(KEY), limits, url, stub.url()));
  }

  private static int ask(GatewayFixture gateway) {
    return gateway
        .post(
            "/v1/chat/completions",
            "{\"model\":\"a\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}",
            "authorization",
            "Bearer " + KEY)
        .statusCode();
  }

  @Test
  void budget_overTwoGateways_isOverspentByTheCallsUnderWayAtMost() throws Exception {
    String url = database().another("budget");
    try (var stub = new StubUpstream("a");
        GatewayFixture one = gateway(stub, url, "budget: {usd: 0.3, per: 3650d}");
        GatewayFixture two = gateway(stub, url, "budget: {usd: 0.3, per: 3650d}");
        var threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        GatewayFixture gateway = i % 2 == 0 ? one : two;
        answers.add(threads.submit(() -> ask(gateway)));
      }
      int served = 0;
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isIn(200, 429);
        served += answer.get() == 200 ? 1 : 0;
      }
      // 20 calls are paid for; 4 are under way at a time.
      assertThat(served).isBetween(16, 24);
      assertThat(ask(one)).isEqualTo(429);
      assertThat(ask(two)).isEqualTo(429);
    }
  }

  @Test
  void rate_overTwoGateways_isCountedTogetherAndOutlivesARestart() throws Exception {
    String url = database().another("rate");
    String limits = "requestsPerMinute: 4, budget: {usd: 100, per: 3650d}";
    try (var stub = new StubUpstream("a")) {
      int served = 0;
      long minute = System.currentTimeMillis() / 60_000;
      try (GatewayFixture one = gateway(stub, url, limits);
          GatewayFixture two = gateway(stub, url, limits)) {
        for (int i = 0; i < 4; i++) {
          served += ask(one) == 200 ? 1 : 0;
          served += ask(two) == 200 ? 1 : 0;
        }
      }
      try (GatewayFixture three = gateway(stub, url, limits)) {
        served += ask(three) == 200 ? 1 : 0;
      }
      // Where a minute ended meanwhile, the next one has its own four.
      long minutes = 1 + System.currentTimeMillis() / 60_000 - minute;
      assertThat(served).isBetween(4, (int) (4 * minutes));
    }
  }

  @Test
  void database_awayAndBack_isServedWithinTheStatedPartAndCountedAfterwards() throws Exception {
    String url = database().another("away");
    try (var stub = new StubUpstream("a");
        GatewayFixture gateway = gateway(stub, url, "budget: {usd: 0.6, per: 3650d}")) {
      assertThat(ask(gateway)).isEqualTo(200);
      database().stop();
      int served = 0;
      try {
        for (int i = 0; i < 12; i++) {
          int status = ask(gateway);
          assertThat(status).isIn(200, 503);
          served += status == 200 ? 1 : 0;
        }
      } finally {
        database().start();
      }
      // A tenth of the budget is four calls.
      assertThat(served).isBetween(3, 5);
      Eventually.holds(() -> ask(gateway) == 200);
    }
  }
}
