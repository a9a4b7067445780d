package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.gateway.access.KeyRing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Aliases, a client's own fallback list, embeddings by their names, what keys see, and the check
/// of a configuration.
@Tag("server")
class NamedModelsTest {
  @TempDir private Path folder;
  private StubUpstream a;
  private StubUpstream b;

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

  private GatewayFixture gateway(String more) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9).with("b", 0.6),
        folder,
        more + GatewayFixture.upstreams(GatewayFixture.of(a, b)));
  }

  private static String model(HttpResponse<String> response) {
    return response.headers().firstValue("x-embedllm-model").orElse("");
  }

  @Test
  void alias_ofAModelOrAPolicy_isServedAndListed() throws IOException {
    try (GatewayFixture gateway = gateway("alias: {gpt-4o: auto, small: b}\n")) {
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("gpt-4o", "q"))))
          .isEqualTo("a");
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("small", "q"))))
          .isEqualTo("b");
      assertThat(b.lastBody().path("model").asString()).isEqualTo("b");
      var names = new ArrayList<String>();
      GatewayFixture.json(gateway.get("/v1/models"))
          .path("data")
          .forEach(m -> names.add(m.path("id").asString()));
      assertThat(names).contains("gpt-4o", "small");
      assertThat(gateway.get("/v1/models/small").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void models_ofTheClient_areAskedInTheirOrder() throws IOException {
    a.mood(StubUpstream.Mood.BROKEN);
    try (GatewayFixture gateway = gateway("")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/chat/completions",
              "{\"model\":\"a\",\"models\":[\"a\",\"b\"],\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}");
      assertThat(model(response)).isEqualTo("b");
      assertThat(b.lastBody().has("models")).isFalse();
    }
  }

  @Test
  void embeddings_tokensAndFewerDimensions_areTaken() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      JsonNode tokens =
          GatewayFixture.json(
              gateway.post("/v1/embeddings", "{\"model\":\"auto\",\"input\":[[15339,1917]]}"));
      assertThat(tokens.path("data").size()).isEqualTo(1);
      JsonNode vector =
          GatewayFixture.json(
                  gateway.post(
                      "/v1/embeddings", "{\"model\":\"auto\",\"input\":\"hi\",\"dimensions\":2}"))
              .at("/data/0/embedding");
      assertThat(vector.size()).isEqualTo(2);
      assertThat(
              gateway
                  .post("/v1/embeddings", "{\"model\":\"auto\",\"input\":\"hi\",\"dimensions\":99}")
                  .statusCode())
          .isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[999999999]]",
        "[999999999]",
        "[[15339,100256]]",
        "[[-1]]",
        "[[1.5]]",
        "[[15339,\"x\"]]",
        "[[15339,null]]",
        "[[99999999999999]]"
      })
  void embeddings_ofATokenThatIsNone_areRefused(String input) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      HttpResponse<String> response =
          gateway.post("/v1/embeddings", "{\"model\":\"auto\",\"input\":" + input + "}");
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(response).at("/error/message").asString())
          .contains("a token that cl100k_base does not know");
    }
  }

  @Test
  void embeddings_byAnAliasOfAuto_areTheEncoders() throws IOException {
    try (GatewayFixture gateway = gateway("alias: {text-embedding-3-small: auto}\n")) {
      HttpResponse<String> response =
          gateway.post("/v1/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":\"q\"}");
      assertThat(response.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void metrics_spendingOfClients_isForTheAdminAlone() throws IOException {
    String keys =
        "keys:\n  - {name: alice, sha256: %s}\n  - {name: root, sha256: %s, admin: true}\n"
            .formatted(KeyRing.hash("ek-alice"), KeyRing.hash("ek-root"));
    try (GatewayFixture gateway = gateway(keys)) {
      String[] alice = {"authorization", "Bearer ek-alice"};
      gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"), alice);
      assertThat(gateway.get("/metrics", alice).body())
          .doesNotContain("caller=\"alice\"")
          .contains("embedllm_request_duration_seconds_bucket{model=\"a\",upstream=\"a@")
          .contains("embedllm_time_to_first_token_seconds_count{model=\"a\",upstream=\"a@")
          .contains("embedllm_upstream_circuit_open{upstream=\"a@")
          .contains("embedllm_build_info{version=")
          .contains("jvm_memory_used_bytes")
          .contains("# HELP embedllm_requests_total Completions by status, model and client");
      assertThat(gateway.get("/metrics", "authorization", "Bearer ek-root").body())
          .contains("caller=\"alice\"");
    }
  }

  @Test
  void restrictedKey_seesOnlyWhatItMayName() throws IOException {
    String keys =
        "keys:\n  - {name: alice, sha256: %s, models: [a, auto]}\n"
            .formatted(KeyRing.hash("ek-alice"));
    String[] alice = {"authorization", "Bearer ek-alice"};
    try (GatewayFixture gateway = gateway(keys)) {
      assertThat(gateway.get("/v1/models/b", alice).statusCode()).isEqualTo(404);
      assertThat(gateway.get("/v1/models", alice).body()).doesNotContain("\"b\"");
      assertThat(gateway.post("/v1/route", "{\"prompt\":\"q\"}", alice).body())
          .doesNotContain("\"b\"");
      assertThat(gateway.get("/readyz", alice).body()).doesNotContain("\"b\"");
    }
  }

  private static final String ALICE = "ek-alice";

  /// A gateway with a key that may use these, and what it is asked with.
  private GatewayFixture restricted(String models, String more) throws IOException {
    return gateway(
        "keys:\n  - {name: alice, sha256: %s, models: [%s]}\n%s"
            .formatted(KeyRing.hash(ALICE), models, more));
  }

  private static HttpResponse<String> asAlice(GatewayFixture gateway, String path, String body) {
    return gateway.post(path, body, "authorization", "Bearer " + ALICE);
  }

  private static String named(String names) {
    return "{%s,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}".formatted(names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"})
  void fallback_thatTheKeyMayNotUse_isForbiddenInEachProtocol(String path) throws IOException {
    a.mood(StubUpstream.Mood.BROKEN);
    String body =
        switch (path) {
          case "/v1/responses" -> "\"input\":\"q\"";
          case "/v1/completions" -> "\"prompt\":\"q\"";
          default -> "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]";
        };
    try (GatewayFixture gateway = restricted("a, first", "alias: {first: a, other: b}\n")) {
      for (String model : List.of("a", "first", "auto")) {
        for (String fallback : List.of("b", "other")) {
          HttpResponse<String> response =
              asAlice(
                  gateway,
                  path,
                  "{\"model\":\"%s\",\"models\":[\"%s\"],%s}".formatted(model, fallback, body));
          assertThat(response.statusCode()).as("%s, then %s", model, fallback).isEqualTo(403);
          assertThat(response.body()).contains("this key may not use " + fallback);
        }
      }
      assertThat(a.calls() + b.calls()).isZero();
    }
  }

  @Test
  void fallback_byAnAliasOfTheKey_isAsked() throws IOException {
    a.mood(StubUpstream.Mood.BROKEN);
    try (GatewayFixture gateway = restricted("a, second", "alias: {second: b}\n")) {
      HttpResponse<String> response =
          asAlice(
              gateway, "/v1/chat/completions", named("\"model\":\"a\",\"models\":[\"second\"]"));
      assertThat(model(response)).isEqualTo("b");
    }
  }

  @Test
  void fallback_toAPolicy_staysAmongWhatTheKeyMayUse() throws IOException {
    a.mood(StubUpstream.Mood.BROKEN);
    try (GatewayFixture gateway = restricted("a, auto", "")) {
      HttpResponse<String> response =
          asAlice(gateway, "/v1/chat/completions", named("\"model\":\"a\",\"models\":[\"auto\"]"));
      assertThat(response.statusCode()).isEqualTo(502);
      assertThat(b.calls()).isZero();
    }
  }

  @Test
  void models_withoutModel_areTheOrder() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String path = "/v1/chat/completions";
      assertThat(model(gateway.post(path, named("\"models\":[\"b\",\"a\"]")))).isEqualTo("b");
      assertThat(gateway.post(path, named("\"models\":[\"nobody\"]")).statusCode()).isEqualTo(404);
      assertThat(model(gateway.post(path, named("\"models\":[]")))).isEqualTo("a");
    }
  }

  @Test
  void models_withAPolicyAmongThem_areItsChoices() throws IOException {
    try (GatewayFixture gateway = gateway("alias: {any: auto}\n")) {
      String path = "/v1/chat/completions";
      for (String policy : List.of("auto", "auto:cheapest@0.8", "auto:best", "any")) {
        String only = named("\"models\":[\"%s\"]".formatted(policy));
        assertThat(model(gateway.post(path, only))).as(policy).isEqualTo("a");
        String ranked =
            gateway.post("/v1/route", named("\"models\":[\"b\",\"%s\"]".formatted(policy))).body();
        assertThat(GatewayFixture.json(ranked).path("ranking").findValuesAsString("model"))
            .as(policy)
            .containsExactly("b", "a");
      }
      assertThat(
              gateway.post(path, named("\"model\":\"auto\",\"models\":[\"nobody\"]")).statusCode())
          .isEqualTo(404);
      assertThat(gateway.post(path, named("\"models\":[\"a\",\"auto:bset\"]")).body())
          .contains("invalid_policy");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"b\"", "5", "{}", "[5]", "[null]", "[[\"b\"]]"})
  void models_ofAWrongType_areRefused(String models) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", named("\"model\":\"a\",\"models\":" + models));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(response).at("/error/param").asString()).isEqualTo("models");
    }
  }

  @Test
  void models_moreThanThirtyTwo_areRefused() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String most = "\"b\"" + ",\"a\"".repeat(31);
      assertThat(
              model(gateway.post("/v1/chat/completions", named("\"models\":[%s]".formatted(most)))))
          .isEqualTo("b");
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", named("\"models\":[%s,\"a\"]".formatted(most)));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(response).at("/error/param").asString()).isEqualTo("models");
    }
  }

  @Test
  void alias_ofAForbiddenModel_doesNotTellWhatItMeans() throws IOException {
    try (GatewayFixture gateway = restricted("a", "alias: {nickname: b}\n")) {
      HttpResponse<String> response =
          asAlice(gateway, "/v1/chat/completions", GatewayFixture.chat("nickname", "q"));
      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(GatewayFixture.json(response).at("/error/message").asString())
          .isEqualTo("this key may not use nickname");
    }
  }

  @Test
  void alias_thatServesTheKey_isListedAndFound() throws IOException {
    try (GatewayFixture gateway = restricted("a", "alias: {any: auto, first: a, second: b}\n")) {
      String[] alice = {"authorization", "Bearer " + ALICE};
      for (String name : List.of("any", "first")) {
        assertThat(gateway.get("/v1/models/" + name, alice).statusCode()).as(name).isEqualTo(200);
        assertThat(gateway.get("/v1/models", alice).body()).contains("\"" + name + "\"");
      }
      assertThat(gateway.get("/v1/models/second", alice).statusCode()).isEqualTo(404);
      assertThat(gateway.get("/v1/models", alice).body()).doesNotContain("\"second\"");
    }
  }

  @Test
  void check_ofAConfiguration_reachesEachUpstreamAndShowsDecisions() throws IOException {
    Path model = TestArtifacts.write(folder.resolve("pool.safetensors"), List.of("a", "b"));
    Path config = folder.resolve("gateway.yaml");
    Files.writeString(config, GatewayFixture.upstreams(GatewayFixture.of(a, b)));
    var lines = new ArrayList<String>();
    var options =
        new GatewayProcess.Options(model, config, false, Map.of(), Optional.empty(), List.of());
    assertThat(GatewayCheck.run(options, lines::add)).isTrue();
    assertThat(lines).filteredOn(l -> l.startsWith("upstream: ")).hasSize(2);
    assertThat(lines).filteredOn(l -> l.contains(" would go to a ")).hasSize(3);
    Files.writeString(config, "upstreams:\n  - {model: a, url: \"http://127.0.0.1:1/v1\"}\n");
    lines.clear();
    assertThat(GatewayCheck.run(options, lines::add)).isFalse();
    assertThat(lines).anyMatch(l -> l.contains("a@127.0.0.1:1 cannot be reached"));
  }
}
