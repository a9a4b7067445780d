package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Optional;
import org.embedllm.gateway.StubUpstream.Mood;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is seen of faults, and that the gateway stays up meanwhile.
@Tag("server")
@Tag("database")
class FaultsTest {
  @TempDir private Path folder;

  private GatewayFixture gateway(StubUpstream stub, String more) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        Files.createTempDirectory(folder, "gateway"),
        more
            + "upstreams:\n  - {model: a, health: {interval: 0}, url: \"%s\"}\n"
                .formatted(stub.url()));
  }

  @Test
  void stream_cutByItsUpstream_isInMetricsAndStoreWithTheUpstreamsName() throws Exception {
    try (var stub = new StubUpstream("a").mood(Mood.CUT_AFTER_TWO);
        GatewayFixture gateway = gateway(stub, "")) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.streamed("a", "q"));
      String last = GatewayFixture.events(response).getLast();
      assertThat(GatewayFixture.json(last).at("/error/code").asString()).isEqualTo("upstream_cut");
      String upstream = "a@" + stub.url().replaceAll("http://|/v1", "");
      assertThat(gateway.get("/metrics").body())
          .contains(
              "embedllm_upstream_errors_total{kind=\"cut\",upstream=\"" + upstream + "\"} 1.0")
          .contains("embedllm_errors_total{code=\"upstream_cut\"} 1.0");
      Eventually.holds(() -> !gateway.store.recent(1).isEmpty());
      assertThat(gateway.store.recent(1).getFirst().request().answer().error())
          .contains("upstream_cut");
    }
  }

  @Test
  void canary_whoseAnswersBreakOff_stepsBack() throws Exception {
    try (var cut = new StubUpstream("a").mood(Mood.CUT_AFTER_TWO);
        var well = new StubUpstream("b");
        var gateway =
            new GatewayFixture(
                new FakeForecaster().with("a", 0.9).with("b", 0.6),
                folder,
                GatewayFixture.upstreams(GatewayFixture.of(cut, well))
                    + "mode: canary 50%\ndefault: b\nguards: {minimum: 5}\n")) {
      int asked = 0;
      while (cut.calls() < 5 && asked < 200) {
        gateway.post(
            "/v1/chat/completions", GatewayFixture.streamed("auto", "question " + asked++));
      }
      Eventually.holds(
          () -> gateway.get("/metrics").body().contains("embedllm_rollout_stepped_back 1"));
      int before = cut.calls();
      for (int i = 0; i < 20; i++) {
        HttpResponse<String> answer =
            gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "later " + i));
        assertThat(answer.headers().firstValue("x-embedllm-model")).contains("b");
      }
      assertThat(cut.calls()).isEqualTo(before);
    }
  }

  @Test
  void gateway_thatFailsItself_counts500() throws Exception {
    try (var stub = new StubUpstream("a");
        GatewayFixture gateway = gateway(stub, "")) {
      gateway.forecaster.breaks();
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(GatewayFixture.json(response).at("/error/code").asString())
          .isEqualTo("internal_error");
      assertThat(gateway.get("/metrics").body())
          .contains("embedllm_requests_total{caller=\"\",model=\"none\",status=\"500\"} 1.0");
    }
  }

  @Test
  void postgres_stoppedAndStarted_isServedWithoutAndFoundAgainWithoutTraffic() throws Exception {
    Optional<Path> programs = Postgres.programs();
    Assumptions.assumeTrue(programs.isPresent(), "PostgreSQL is not tested: there is no initdb");
    try (var postgres = Postgres.start(programs.get());
        var stub = new StubUpstream("a");
        GatewayFixture gateway =
            gateway(stub, "store: {url: \"%s\"}\n".formatted(postgres.url()))) {
      assertThat(ready(gateway, 200).path("store").asBoolean()).isTrue();
      postgres.stop();
      try {
        Eventually.holds(() -> {
          assertThat(
                  gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q")).statusCode())
              .isEqualTo(200);
          return !ready(gateway, 200).path("store").asBoolean();
        });
      } finally {
        postgres.start();
      }
      Eventually.holds(() -> ready(gateway, 200).path("store").asBoolean());
    }
  }

  @Test
  void postgres_awayAtTheStart_isFoundLaterAndItsKeysAreAskedForMeanwhile() throws Exception {
    Optional<Path> programs = Postgres.programs();
    Assumptions.assumeTrue(programs.isPresent(), "PostgreSQL is not tested: there is no initdb");
    try (var postgres = Postgres.start(programs.get());
        var stub = new StubUpstream("a")) {
      postgres.stop();
      String url = "store: {url: \"%s\"}\n".formatted(postgres.url());
      assertThatThrownBy(() -> gateway(stub, url))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("keys may be in it");

      String secret = KeyRing.freshKey(new SecureRandom());
      String keys = "keys: [{name: k, sha256: %s}]\n".formatted(KeyRing.hash(secret));
      try (GatewayFixture gateway = gateway(stub, url + keys)) {
        assertThat(ready(gateway, 200).path("store").asBoolean()).isFalse();
        HttpResponse<String> answer =
            gateway.post(
                "/v1/chat/completions",
                GatewayFixture.chat("a", "q"),
                "Authorization",
                "Bearer " + secret);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q")).statusCode())
            .isEqualTo(401);
        postgres.start();
        Eventually.holds(() -> ready(gateway, 200).path("store").asBoolean());
      }
    }
  }

  @Test
  void store_thatIsRequiredAndFails_makesTheGatewayNotReady() throws Exception {
    for (boolean required : new boolean[] {true, false}) {
      Path own = Files.createTempDirectory(folder, "gateway");
      try (var stub = new StubUpstream("a");
          var gateway =
              new GatewayFixture(
                  new FakeForecaster().with("a", 0.9),
                  own,
                  "store: {required: %s}\nupstreams:\n  - {model: a, health: {interval: 0}, url: \"%s\"}\n"
                      .formatted(required, stub.url()));
          Connection store =
              DriverManager.getConnection("jdbc:sqlite:" + own.resolve("decisions.sqlite"));
          Statement statement = store.createStatement()) {
        assertThat(ready(gateway, 200).path("status").asString()).isEqualTo("ready");
        statement.execute("ALTER TABLE decisions RENAME TO away");
        // A probe may find the store working until the next decision is lost.
        Eventually.holds(() -> {
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
          HttpResponse<String> response = gateway.get("/readyz");
          return !GatewayFixture.json(response).path("store").asBoolean()
              && response.statusCode() == (required ? 503 : 200);
        });
        statement.execute("ALTER TABLE away RENAME TO decisions");
        Eventually.holds(
            () -> GatewayFixture.json(gateway.get("/readyz")).path("store").asBoolean());
        assertThat(ready(gateway, 200).path("status").asString()).isEqualTo("ready");
      }
    }
  }

  private static JsonNode ready(GatewayFixture gateway, int status) {
    HttpResponse<String> response = gateway.get("/readyz");
    assertThat(response.statusCode()).isEqualTo(status);
    return GatewayFixture.json(response);
  }
}
