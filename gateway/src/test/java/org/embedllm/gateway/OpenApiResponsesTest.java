package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Real answers held against the OpenAPI description that is served.
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiResponsesTest {
  private StubUpstream a;
  private StubUpstream b;
  private GatewayFixture gateway;
  private JsonNode description;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    gateway =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9).with("b", 0.6),
            folder,
            "upstreams:\n  - {model: a, url: \"%s\", abilities: []}\n  - {model: b, url: \"%s\"}\n"
                .formatted(a.url(), b.url()));
    description = GatewayFixture.json(gateway.get("/openapi.json"));
  }

  @AfterAll
  void close() {
    gateway.close();
    a.close();
    b.close();
  }

  private void assertDescribed(String method, String path, HttpResponse<String> response) {
    String status = Integer.toString(response.statusCode());
    JsonNode described =
        description.path("paths").path(path).path(method).path("responses").path(status);
    assertThat(described.isObject()).as(method + " " + path + " " + status).isTrue();
    var wrong = new ArrayList<String>();
    check(
        described.at("/content/application~1json/schema"),
        GatewayFixture.json(response),
        path + " " + status,
        wrong);
    assertThat(wrong).isEmpty();
  }

  /// As much of JSON Schema as the description uses; names that it does not know are wrong too.
  private void check(JsonNode schema, JsonNode value, String at, List<String> wrong) {
    if (schema.has("$ref")) {
      check(description.at(schema.path("$ref").asString().substring(1)), value, at, wrong);
      return;
    }
    if (schema.isMissingNode()) {
      wrong.add(at + ": not described");
      return;
    }
    if (schema.has("oneOf")) {
      long fits = schema.path("oneOf").valueStream().filter(one -> fits(one, value, at)).count();
      if (fits != 1) {
        wrong.add(at + ": fits " + fits + " of oneOf");
      }
      return;
    }
    if (schema.has("const") && !schema.path("const").equals(value)) {
      wrong.add(at + ": " + value);
    }
    if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
      wrong.add(at + ": " + value);
    }
    JsonNode type = schema.path("type");
    boolean typed =
        type.isMissingNode()
            || (type.isArray()
                ? type.valueStream().anyMatch(t -> is(t.asString(), value))
                : is(type.asString(), value));
    if (!typed) {
      wrong.add(at + ": " + value + " is not " + type);
    }
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.asString())) {
        wrong.add(at + ": " + name + " is missing");
      }
    }
    if (schema.has("properties")) {
      for (String name : value.propertyNames()) {
        check(schema.path("properties").path(name), value.path(name), at + "." + name, wrong);
      }
    }
    if (value.isArray() && schema.has("items")) {
      value.forEach(item -> check(schema.path("items"), item, at + "[]", wrong));
    }
  }

  private boolean fits(JsonNode schema, JsonNode value, String at) {
    var wrong = new ArrayList<String>();
    check(schema, value, at, wrong);
    return wrong.isEmpty();
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> false;
    };
  }

  @Test
  void route_everyShape_isDescribed() {
    String tools =
        "{\"tools\":[{\"type\":\"function\"}],\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
    HttpResponse<String> route = gateway.post("/v1/route", tools);
    assertThat(GatewayFixture.json(route).path("excluded")).hasSize(1);
    assertDescribed("post", "/v1/route", route);
    assertDescribed("post", "/v1/route", gateway.post("/v1/route", "{\"prompt\":\"q\"}"));
    assertDescribed("post", "/v1/route", gateway.post("/v1/route", GatewayFixture.chat("b", "q")));
    assertDescribed("post", "/v1/route", gateway.post("/v1/route", "{}"));
    assertDescribed(
        "post", "/v1/route", gateway.post("/v1/route", GatewayFixture.chat("nobody", "q")));
  }

  @Test
  void completions_errors_areDescribed() {
    for (String path : List.of("/v1/chat/completions", "/v1/completions")) {
      assertDescribed("post", path, gateway.post(path, "{}"));
      assertDescribed(
          "post",
          path,
          gateway.post(
              path, "{\"model\":\"nobody\",\"prompt\":\"q\",\"messages\":[{\"role\":\"user\"}]}"));
    }
    assertDescribed(
        "post",
        "/v1/chat/completions",
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q")));
  }

  @Test
  void feedback_keptOrNot_isDescribed() {
    String id =
        GatewayFixture.json(gateway.post("/v1/route", "{\"prompt\":\"q\"}"))
            .path("decision")
            .asString();
    String body = "{\"decision\":\"%s\",\"score\":1}";
    assertDescribed("post", "/v1/feedback", gateway.post("/v1/feedback", body.formatted(id)));
    assertDescribed("post", "/v1/feedback", gateway.post("/v1/feedback", body.formatted("d-none")));
    assertDescribed("post", "/v1/feedback", gateway.post("/v1/feedback", "{}"));
  }

  @Test
  void models_embeddingsAndHealth_areDescribed() {
    assertDescribed("get", "/v1/models", gateway.get("/v1/models"));
    assertDescribed("get", "/v1/models/{model}", gateway.get("/v1/models/a"));
    assertDescribed("get", "/v1/models/{model}", gateway.get("/v1/models/auto:dial@0.25"));
    assertDescribed("get", "/v1/models/{model}", gateway.get("/v1/models/nobody"));
    assertDescribed("get", "/v1/models/{model}", gateway.get("/v1/models/auto:dail@1"));
    for (String format : List.of("float", "base64")) {
      assertDescribed(
          "post",
          "/v1/embeddings",
          gateway.post(
              "/v1/embeddings",
              "{\"model\":\"auto\",\"input\":\"x\",\"encoding_format\":\"" + format + "\"}"));
    }
    assertDescribed(
        "post", "/v1/embeddings", gateway.post("/v1/embeddings", "{\"model\":\"auto\"}"));
    assertDescribed("get", "/healthz", gateway.get("/healthz"));
    assertDescribed("get", "/readyz", gateway.get("/readyz"));
  }

  @Test
  void headers_ofAnAnswer_areThoseDescribed() {
    HttpResponse<String> answer =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
    List<String> sent =
        answer.headers().map().keySet().stream().filter(h -> h.startsWith("x-embedllm")).toList();
    assertThat(
            description
                .at("/paths/~1v1~1chat~1completions/post/responses/200/headers")
                .propertyNames())
        .containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  void path_almostRight_isSuggested() {
    HttpResponse<String> response =
        gateway.post("/chat/completions", GatewayFixture.chat("auto", "q"));
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(GatewayFixture.json(response).at("/error/message").asString())
        .isEqualTo(
            "there is nothing at POST /chat/completions. Did you mean \"/v1/chat/completions\"?");
    assertThat(gateway.get("/readyz/", "accept", "*/*").statusCode()).isLessThan(500);
  }
}
