package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.gateway.OtlpReceiver.Span;
import org.embedllm.gateway.StubUpstream.Mood;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a collector of traces receives.
@Tag("server")
class TracingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CLIENT = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + CLIENT + "-01";

  @TempDir private Path folder;
  private OtlpReceiver collector;
  private StubUpstream a;
  private StubUpstream b;

  @BeforeEach
  void open() throws IOException {
    collector = new OtlpReceiver();
    a = new StubUpstream("a");
    b = new StubUpstream("b");
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
    collector.close();
  }

  private GatewayFixture gateway(String observe) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9).with("b", 0.6),
        folder,
        "observe: {%s}\n".formatted(observe) + GatewayFixture.upstreams(GatewayFixture.of(a, b)));
  }

  private Span span(String name) {
    List<Span> found = collector.spans().stream().filter(s -> s.name().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  @Test
  void request_withClientsTrace_continuesItDownToTheUpstream() throws IOException {
    String decision;
    try (GatewayFixture gateway = gateway("traces: \"%s\"".formatted(collector.url()))) {
      decision =
          gateway
              .post(
                  "/v1/chat/completions",
                  GatewayFixture.chat("auto", "a secret"),
                  "traceparent",
                  PARENT)
              .headers()
              .firstValue("x-embedllm-decision")
              .orElse("");
    }
    Span request = span("POST /v1/chat/completions");
    Span decide = span("decide");
    Span upstream = span("chat a");
    assertThat(request.service()).isEqualTo("embedllm-gateway");
    assertThat(request.trace()).isEqualTo(TRACE);
    assertThat(request.parent()).isEqualTo(CLIENT);
    assertThat(request.kind()).isEqualTo(2);
    assertThat(request.failed()).isFalse();
    assertThat(request.attributes())
        .containsEntry("embedllm.decision", decision)
        .containsEntry("embedllm.policy", "best")
        .containsEntry("gen_ai.operation.name", "chat")
        .containsEntry("gen_ai.provider.name", "127.0.0.1")
        .containsEntry("gen_ai.request.model", "auto")
        .containsEntry("gen_ai.response.model", "a")
        .containsEntry("gen_ai.usage.input_tokens", 10L)
        .containsEntry("gen_ai.usage.output_tokens", 5L)
        .containsEntry("http.response.status_code", 200L);
    assertThat(decide.parent()).isEqualTo(request.id());
    assertThat(decide.attributes()).containsKeys("embedllm.encode_ms", "embedllm.route_ms");
    assertThat(upstream.parent()).isEqualTo(request.id());
    assertThat(upstream.kind()).isEqualTo(3);
    assertThat(upstream.nanos()).isPositive();
    assertThat(a.headers("traceparent"))
        .containsExactly("00-" + TRACE + "-" + upstream.id() + "-01");
    assertThat(collector.spans().toString()).doesNotContain("secret");
  }

  @Test
  void request_failedCandidates_areEventsAndTheErrorIsMarked() throws IOException {
    a.mood(Mood.BROKEN);
    b.mood(Mood.HTML);
    try (GatewayFixture gateway = gateway("traces: \"%s/v1/traces\"".formatted(collector.url()))) {
      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
    }
    Span upstream = span("upstream");
    assertThat(upstream.events()).hasSize(2);
    assertThat(upstream.events().getFirst()).contains("a@127.0.0.1").contains("server_error");
    assertThat(upstream.events().getLast()).contains("malformed");
    assertThat(upstream.failed()).isTrue();
    assertThat(span("POST /v1/chat/completions").failed()).isTrue();
  }

  @Test
  void sample_none_sendsNothingButPassesTheTraceOn() throws IOException {
    String unsampled = "00-" + TRACE + "-" + CLIENT + "-00";
    try (GatewayFixture gateway = gateway("traces: \"%s\", sample: 0".formatted(collector.url()))) {
      gateway.post(
          "/v1/chat/completions", GatewayFixture.chat("auto", "q"), "traceparent", unsampled);
      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
    }
    assertThat(collector.spans()).isEmpty();
    assertThat(a.headers("traceparent").getFirst()).startsWith("00-" + TRACE).endsWith("-00");
  }

  @Test
  void traces_notConfigured_traceparentGoesThroughUnchanged() throws IOException {
    try (GatewayFixture gateway = gateway("sample: 1.0")) {
      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"), "traceparent", PARENT);
      gateway.post(
          "/v1/chat/completions", GatewayFixture.chat("auto", "q"), "traceparent", "nonsense");
    }
    assertThat(a.headers("traceparent")).containsExactly(PARENT, "null");
    assertThat(collector.spans()).isEmpty();
  }

  @Test
  void collector_away_requestsAreServed() throws IOException {
    try (GatewayFixture gateway = gateway("traces: \"http://127.0.0.1:9\"")) {
      assertThat(
              gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q")).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void request_refusedByTheUpstream_hasItsWords() throws IOException {
    a.mood(Mood.BAD_REQUEST);
    try (GatewayFixture gateway = gateway("traces: \"%s/v1/traces\"".formatted(collector.url()))) {
      gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
    }
    assertThat(span("chat a").events().getFirst())
        .contains("a@127.0.0.1", "it answered 400: temperature is too hot");
  }
}
