package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a request says of itself beside its text, and limits of time.
@Tag("server")
class AttributeHeadersTest {
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

  private GatewayFixture gateway(FakeForecaster forecaster, String more) throws IOException {
    return new GatewayFixture(
        forecaster, folder, more + GatewayFixture.upstreams(GatewayFixture.of(a, b)));
  }

  private static FakeForecaster forecaster() {
    return new FakeForecaster().with("a", 0.9).with("b", 0.6).onWord("law", "b", 0.97);
  }

  private static String model(HttpResponse<String> response) {
    return response.headers().firstValue("x-embedllm-model").orElse("");
  }

  @Test
  void attributes_inTheHeaderOrInMetadata_countForTheForecast() throws IOException {
    String metadata =
        """
        {"model": "auto", "messages": [{"role": "user", "content": "q"}],
         "metadata": {"embedllm.task": "law", "embedllm.level": 3, "other": "x"}}\
        """;
    try (GatewayFixture gateway = gateway(forecaster(), "")) {
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("a");
      assertThat(
              model(
                  gateway.post(
                      "/v1/chat/completions",
                      GatewayFixture.chat("auto", "q"),
                      "x-embedllm-attributes",
                      "task=law; level=3")))
          .isEqualTo("b");
      assertThat(model(gateway.post("/v1/chat/completions", metadata))).isEqualTo("b");
      assertThat(gateway.forecaster.told()).contains("level=3").doesNotContain("other=x");
      assertThat(b.lastBody().path("metadata")).hasToString("{\"other\":\"x\"}");
      // The header counts more than metadata.
      assertThat(
              model(
                  gateway.post(
                      "/v1/chat/completions", metadata, "x-embedllm-attributes", "task=poetry")))
          .isEqualTo("a");
    }
  }

  @ParameterizedTest
  @CsvSource({"/v1/responses,input", "/v1/messages,messages"})
  void attributes_inMetadataOfOtherApis_countAndAreNotSentOn(String path, String field)
      throws IOException {
    try (GatewayFixture gateway = gateway(forecaster(), "")) {
      String request =
          """
          {"model": "auto", "max_tokens": 9, "%s": [{"role": "user", "content": "q"}],
           "metadata": {"embedllm.task": "law", "other": "x"}}\
          """
              .formatted(field);
      assertThat(model(gateway.post(path, request))).isEqualTo("b");
    }
    assertThat(b.lastBody().has("metadata")).isFalse();
  }

  @Test
  void attributes_thatShowThemselves_haveReservedNames() throws IOException {
    try (GatewayFixture gateway = gateway(forecaster(), "")) {
      gateway.post(
          "/v1/route",
          """
          {"messages": [{"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Что это?"}],
           "tools": [{"type": "function", "function": {"name": "f"}}],
           "response_format": {"type": "json_object"}}\
          """);
      assertThat(gateway.forecaster.told())
          .containsExactlyInAnyOrder(
              "tools=1", "images=0", "turns=1", "json=yes", "system_prompt=yes", "script=cyrillic");
    }
  }

  @Test
  void header_withoutAValue_isRefused() throws IOException {
    try (GatewayFixture gateway = gateway(forecaster(), "")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/chat/completions",
              GatewayFixture.chat("auto", "q"),
              "x-embedllm-attributes",
              "law");
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(response).path("error").path("param").asString())
          .isEqualTo("x-embedllm-attributes");
    }
  }

  @Test
  void maxSeconds_leavesOutModelsThatAreExpectedToLastLonger() throws IOException {
    FakeForecaster forecaster = forecaster().lasting("a", 40).lasting("b", 2);
    try (GatewayFixture gateway = gateway(forecaster, "maxSeconds: 10\n")) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
      assertThat(model(response)).isEqualTo("b");
      assertThat(response.headers().firstValue("x-embedllm-reason").orElse(""))
          .contains("1 of 2 candidates are expected within");
    }
  }
}
