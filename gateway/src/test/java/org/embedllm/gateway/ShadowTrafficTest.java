package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("server")
class ShadowTrafficTest {
  @TempDir Path folder;
  private StubUpstream a;
  private StubUpstream b;
  private HttpServer judge;
  private final List<JsonNode> judged = new CopyOnWriteArrayList<>();
  private final AtomicInteger order = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    judge = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    judge.createContext(
        "/grade",
        exchange -> {
          JsonNode asked =
              GatewayFixture.json(
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          judged.add(asked);
          // The client's answer is graded first.
          byte[] score =
              (order.getAndIncrement() % 2 == 0 ? "{\"score\": 0.25}" : "{\"score\": 0.75}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, score.length);
          exchange.getResponseBody().write(score);
          exchange.close();
        });
    judge.start();
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
    judge.stop(0);
  }

  private String yaml(String shadow) {
    return GatewayFixture.upstreams(GatewayFixture.of(a, b))
        + "shadow: {share: 1, "
        + shadow.replace(
            "JUDGE",
            "judge: {webhook: \"http://127.0.0.1:%d/grade\"}"
                .formatted(judge.getAddress().getPort()))
        + "}\n";
  }

  private GatewayFixture gateway(String yaml) throws IOException {
    return new GatewayFixture(new FakeForecaster().with("a", 0.9).with("b", 0.6), folder, yaml);
  }

  private List<Comparison> comparisons() {
    return DecisionLog.read(folder.resolve("decisions.sqlite").toString()).comparisons();
  }

  @Test
  void shadow_asksTheOtherModel_andKeepsBothScores() throws Exception {
    try (GatewayFixture gateway = gateway(yaml("JUDGE"))) {
      HttpResponse<String> answer =
          gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "Why is it so?"));
      assertThat(answer.statusCode()).isEqualTo(200);
      Eventually.holds(() -> comparisons().size() == 1);
      Comparison found = comparisons().getFirst();
      assertThat(found.answered()).isEqualTo("a");
      assertThat(found.other()).isEqualTo("b");
      assertThat(found.candidates()).isEqualTo(1);
      assertThat(found.kind()).isEqualTo("arithmetic");
      assertThat(found.answeredScore()).isEqualTo(0.25);
      assertThat(found.otherScore()).isEqualTo(0.75);
      assertThat(found.decision())
          .isEqualTo(answer.headers().firstValue("x-embedllm-decision").orElseThrow());
      assertThat(b.lastBody().has("stream")).isFalse();
      assertThat(b.lastBody().path("model").asString()).isEqualTo("b");
      assertThat(judged).hasSize(2);
      for (JsonNode each : judged) {
        assertThat(each.propertyNames()).containsExactlyInAnyOrder("prompt", "answer");
        assertThat(each.get("prompt").asString()).isEqualTo("Why is it so?");
        assertThat(each.get("answer").asString()).isNotBlank();
      }
      Eventually.holds(() -> gateway.forecaster.learned().size() == 2);
      assertThat(gateway.forecaster.learned())
          .containsExactly("a 0.25 Why is it so?", "b 0.75 Why is it so?");
    }
  }

  private static String message(boolean stream) {
    return "{\"model\":\"auto\",\"max_tokens\":99,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}"
        .formatted(stream);
  }

  @Test
  void shadow_ofAnAnswerInTheClientsOwnApi_comparesItsText() throws Exception {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    try (var messages =
            new GatewayFixture(
                new FakeForecaster().with("a", 0.9),
                inner,
                GatewayFixture.upstreams(Map.of("a", a)));
        GatewayFixture gateway =
            gateway(
                yaml("JUDGE")
                    .replace(
                        "\"" + a.url() + "\"", "\"" + messages.url() + "/v1\", api: messages"))) {
      for (int i = 0; i < 2; i++) {
        int asked = 2 * i + 2;
        assertThat(gateway.post("/v1/messages", message(i == 1)).statusCode()).isEqualTo(200);
        Eventually.holds(() -> judged.size() == asked);
      }
    }
    assertThat(judged)
        .extracting(each -> each.get("answer").asString())
        .containsExactly("I am a", "I am b", "a w1 w2 w3", "I am b");
  }

  @Test
  void shadow_withoutBudgetOrShare_asksNobody() throws Exception {
    String priced =
        yaml("budget: 0, JUDGE").replace("health:", "price: {input: 1, output: 1}, health:");
    try (GatewayFixture gateway = gateway(priced)) {
      for (int i = 0; i < 5; i++) {
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "question " + i));
      }
    }
    assertThat(b.calls()).isZero();
    assertThat(judged).isEmpty();
  }

  @Test
  void shadow_endsWithItsBudget_alsoAfterARestart() throws Exception {
    String priced = yaml("budget: 0.02, JUDGE").replace("health:", "price: {call: 0.006}, health:");
    try (GatewayFixture gateway = gateway(priced)) {
      for (int i = 1; i <= 3; i++) {
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "question " + i));
        int asked = i;
        Eventually.holds(() -> comparisons().size() == asked);
      }
      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "one too many"));
    }
    try (GatewayFixture gateway = gateway(priced)) {
      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "once more"));
      assertThat(gateway.get("/metrics").body()).contains("embedllm_shadow_spend 0.018");
    }
    assertThat(b.calls()).isEqualTo(3);
  }

  @Test
  void shadow_asksNoMoreThanItsConcurrencyAtATime() throws Exception {
    b.hold();
    try (GatewayFixture gateway = gateway(yaml("concurrency: 2, JUDGE"))) {
      for (int i = 0; i < 6; i++) {
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "question " + i));
      }
      Eventually.holds(() -> b.calls() == 2);
      b.release();
      Eventually.holds(() -> comparisons().size() == 2);
    }
    assertThat(a.calls()).isEqualTo(6);
    assertThat(b.calls()).isEqualTo(2);
  }

  @Test
  void shadow_ofRequestsWithTools_isForThoseWhoWantIt() throws Exception {
    String tools = yaml("JUDGE").replace("health:", "abilities: [tools], health:");
    String body =
        GatewayFixture.chat("auto", "x")
            .replaceFirst("\\{", "{\"tools\":[{\"type\":\"function\"}],");
    try (GatewayFixture gateway = gateway(tools)) {
      gateway.post("/v1/chat/completions", body);
    }
    assertThat(b.calls()).isZero();
    // The stub answers a request with tools by a call, which is not compared; so an image.
    String json =
        """
        {"model": "auto", "messages": [{"role": "user", "content": [
          {"type": "text", "text": "What is this?"},
          {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]}
        """;
    String images = tools.replace("[tools]", "[images]");
    try (GatewayFixture gateway = gateway(images)) {
      gateway.post("/v1/chat/completions", json);
    }
    assertThat(b.calls()).isZero();
    String wanted = images.replace("share: 1,", "share: 1, special: true,");
    try (GatewayFixture gateway = gateway(wanted)) {
      gateway.post("/v1/chat/completions", json);
      Eventually.holds(() -> b.calls() == 1);
    }
  }

  @Test
  void shadow_withACheck_sendsNothingToAnybody() throws Exception {
    try (GatewayFixture gateway = gateway(yaml("judge: {check: \"regex:(?i)answer|b\"}"))) {
      gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "x"));
      Eventually.holds(() -> comparisons().size() == 1);
    }
    assertThat(judged).isEmpty();
  }

  @Test
  void configuration_ofAShadowWithoutJudge_isRefused() {
    assertThatThrownBy(() -> GatewayFixture.config(folder, yaml("concurrency: 1")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("shadow.judge is missing");
    assertThatThrownBy(() -> GatewayFixture.config(folder, yaml("judge: {check: yaml}")))
        .hasMessageContaining("json or regex");
    List<String> problems = new ArrayList<>();
    Map.of(
            "mode: canary 0%",
            "canary P%",
            "exploration: {share: 0.9}",
            "0.5",
            "default: nobody",
            "no upstream offers")
        .forEach((line, problem) -> {
          try {
            GatewayFixture.config(
                folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)) + line + "\n");
            problems.add(line);
          } catch (BadInputException e) {
            assertThat(e.getMessage()).contains(problem);
          } catch (IOException e) {
            problems.add(e.toString());
          }
        });
    assertThat(problems).isEmpty();
  }

  @Test
  void dryRun_answersWithTheDefaultModel_andLogsTheRouters() throws Exception {
    String yaml = GatewayFixture.upstreams(GatewayFixture.of(a, b)) + "mode: dry-run\ndefault: b\n";
    try (GatewayFixture gateway = gateway(yaml)) {
      HttpResponse<String> answer =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "x"));
      assertThat(answer.headers().firstValue("x-embedllm-model")).contains("b");
      Eventually.holds(() -> gateway.store.recent(1).size() == 1);
      var assignment = gateway.store.recent(1).getFirst().choice().assignment();
      assertThat(assignment.router()).isEqualTo("a");
      assertThat(assignment.candidates().getFirst().model()).isEqualTo("b");
      assertThat(assignment.candidates().getFirst().propensity()).isEqualTo(1);
      assertThat(assignment.candidates().getFirst().probability()).isEqualTo(0.6);
    }
  }
}
