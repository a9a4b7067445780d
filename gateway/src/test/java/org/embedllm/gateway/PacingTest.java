package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("server")
class PacingTest {
  @TempDir Path folder;

  private static String yaml(StubUpstream dear, StubUpstream cheap, String pacing) {
    Map<String, StubUpstream> stubs = new LinkedHashMap<>();
    stubs.put("a", dear);
    stubs.put("b", cheap);
    StringBuilder yaml = new StringBuilder("upstreams:\n");
    stubs.forEach((model, stub) ->
        yaml.append(
            "  - {model: %s, health: {interval: 0}, url: \"%s\", price: {call: %s}}\n"
                .formatted(model, stub.url(), model.equals("a") ? "1" : "0.001")));
    return yaml + pacing + "\n";
  }

  private static String answeredBy(GatewayFixture fixture) {
    HttpResponse<String> answer =
        fixture.post("/v1/chat/completions", GatewayFixture.chat("auto", "a question"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.headers().firstValue("x-embedllm-model").orElseThrow();
  }

  @Test
  void budget_thatIsSpent_leavesTheCheapModel_alsoAfterARestart() throws IOException {
    try (StubUpstream a = new StubUpstream("a");
        StubUpstream b = new StubUpstream("b")) {
      var forecaster = new FakeForecaster().with("a", 0.9).with("b", 0.5);
      String yaml = yaml(a, b, "pacing: {budget: 2.5}");
      try (var fixture = new GatewayFixture(forecaster, folder, yaml)) {
        fixture.post("/v1/chat/completions", GatewayFixture.chat("a", "named"));
        fixture.post("/v1/chat/completions", GatewayFixture.chat("a", "named"));
        assertThat(answeredBy(fixture)).isEqualTo("b");
        HttpResponse<String> route = fixture.post("/v1/route", "{\"prompt\": \"a question\"}");
        assertThat(GatewayFixture.json(route).get("reason").asString())
            .isEqualTo("keeps to the budget of $2.5 a day: the policy would choose a");
        assertThat(fixture.get("/metrics").body())
            .containsPattern("embedllm_pacing_spend(\\{\\})? 2\\.00");
      }
      var again = new FakeForecaster().with("a", 0.9).with("b", 0.5);
      try (var fixture = new GatewayFixture(again, folder, yaml)) {
        assertThat(answeredBy(fixture)).isEqualTo("b");
      }
      var free = new FakeForecaster().with("a", 0.9).with("b", 0.5);
      try (var fixture = new GatewayFixture(free, folder, yaml(a, b, ""))) {
        assertThat(answeredBy(fixture)).isEqualTo("a");
      }
    }
  }

  @Test
  void pacing_withoutABudget_isReportedWithItsLine() {
    assertThatThrownBy(() ->
            GatewayFixture.config(
                folder,
                "upstreams: [{model: a, url: \"http://127.0.0.1:1/v1\"}]\npacing: {day: 3}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("pacing")
        .hasMessageContaining("USD a day");
  }
}
