package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Embedding models of upstreams, beside the encoder that routes.
@Tag("server")
class EmbeddingModelsTest {
  private static final String VECTORS =
      "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5,1.0]}],\"model\":\"e3\",\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}";

  @TempDir private Path folder;

  @Test
  void embeddings_ofAnUpstreamsModel_goThroughUnchangedAndAreCharged() throws IOException {
    try (var server =
            new ScriptedServer((n, out) -> {
              ScriptedServer.write(out, ScriptedServer.json(VECTORS));
              return true;
            });
        var stub = new StubUpstream("a");
        var gateway =
            new GatewayFixture(
                new FakeForecaster().with("a", 0.9),
                folder,
                """
                upstreams:
                  - {model: a, health: {interval: 0}, url: "%s"}
                  - {model: embed, name: e3, api: embeddings, health: {interval: 0},
                     url: "http://127.0.0.1:%d/v1", price: {input: 1000000}}
                """
                    .formatted(stub.url(), server.port()))) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/embeddings",
              "{\"model\":\"embed\",\"input\":[[1,2],[3]],\"dimensions\":2,\"novel\":1}");
      assertThat(response.body()).isEqualTo(VECTORS);
      assertThat(server.requestLines().getLast()).startsWith("POST /v1/embeddings ");
      JsonNode sent = GatewayFixture.json(server.bodies().getLast());
      assertThat(sent.path("model").asString()).isEqualTo("e3");
      assertThat(sent.path("dimensions").asInt()).isEqualTo(2);
      assertThat(gateway.get("/metrics").body())
          .contains("embedllm_cost_usd_total{caller=\"\",model=\"embed\"} 4.0")
          .contains("gen_ai_operation_name=\"embeddings\"");

      assertThat(
              gateway.post("/v1/chat/completions", GatewayFixture.chat("embed", "q")).statusCode())
          .isEqualTo(400);
      assertThat(gateway.post("/v1/embeddings", "{\"model\":\"a\",\"input\":\"q\"}").statusCode())
          .isEqualTo(400);
      assertThat(
              GatewayFixture.json(
                      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q")))
                  .at("/choices/0/message/content")
                  .asString())
          .isEqualTo("I am a");
      assertThat(
              gateway.post("/v1/embeddings", "{\"model\":\"auto\",\"input\":\"q\"}").statusCode())
          .isEqualTo(200);
    }
  }
}
