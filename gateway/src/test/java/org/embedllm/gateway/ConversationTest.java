package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.embedllm.gateway.config.TextRule;
import org.embedllm.gateway.decide.PromptText;
import org.embedllm.gateway.openai.RequestBody;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is routed on, and when a conversation changes its model.
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConversationTest {
  private StubUpstream a;
  private StubUpstream b;
  private GatewayFixture gateway;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    gateway =
        new GatewayFixture(
            new FakeForecaster()
                .with("a", 0.80)
                .with("b", 0.70)
                .onWord("slightly", "b", 0.83)
                .onWord("clearly", "b", 0.95),
            folder,
            "conversations: {switchingCost: 0.05}\ntext: {minCharacters: 0}\n"
                + GatewayFixture.upstreams(GatewayFixture.of(a, b)));
  }

  @AfterAll
  void close() {
    gateway.close();
    a.close();
    b.close();
  }

  private String ask(String messages, String... headers) {
    return gateway
        .post(
            "/v1/chat/completions", "{\"model\":\"auto\",\"messages\":[" + messages + "]}", headers)
        .headers()
        .firstValue("x-embedllm-model")
        .orElse("");
  }

  private static String message(String role, String text) {
    return "{\"role\":\"%s\",\"content\":\"%s\"}".formatted(role, text);
  }

  @Test
  void conversation_smallGain_staysWithItsModel() {
    String first = message("user", "start of one");
    assertThat(ask(first)).isEqualTo("a");
    String second =
        first + "," + message("assistant", "yes") + "," + message("user", "slightly better at b");
    assertThat(ask(second)).isEqualTo("a");
    String third =
        second + "," + message("assistant", "yes") + "," + message("user", "clearly better at b");
    assertThat(ask(third)).isEqualTo("b");
    String fourth =
        third + "," + message("assistant", "yes") + "," + message("user", "nothing special");
    assertThat(ask(fourth)).isEqualTo("a");
  }

  @Test
  void freshConversation_smallGain_goesToTheBetterModel() {
    assertThat(ask(message("user", "slightly better at b, as a first question"))).isEqualTo("b");
  }

  @Test
  void session_namedByTheClient_staysTogether() {
    assertThat(ask(message("user", "alone"), "x-embedllm-session", "s1")).isEqualTo("a");
    assertThat(ask(message("user", "slightly, alone"), "x-embedllm-session", "s1")).isEqualTo("a");
    assertThat(ask(message("user", "slightly, alone"), "x-embedllm-session", "s2")).isEqualTo("b");
  }

  private static String text(String messages, TextRule rule) {
    return PromptText.of(
        RequestBody.parse(
            ("{\"messages\":[" + messages + "]}")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        rule);
  }

  @Test
  void text_longSystemPrompt_isLeftOut() {
    String messages =
        message("system", "You are a very long system prompt")
            + ","
            + message("user", "What is the boiling point of water?");
    assertThat(text(messages, TextRule.DEFAULT)).isEqualTo("What is the boiling point of water?");
    assertThat(text(messages, new TextRule(1, 0, 12, 8_000, true))).startsWith("You are");
  }

  @Test
  void text_shortLastTurn_takesTheOneBeforeToo() {
    String messages =
        message("user", "Explain the theorem of Noether to me")
            + ","
            + message("assistant", "It says …")
            + ","
            + message("user", "and why?");
    assertThat(text(messages, TextRule.DEFAULT))
        .isEqualTo("Explain the theorem of Noether to me\nand why?");
  }

  @Test
  void text_longFence_keepsItsEndsAndTheQuestion() {
    var code = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      code.append("line ").append(i).append("\\n");
    }
    String messages =
        message("user", "Why does this fail?\\n```java\\n" + code + "```\\nThank you.");
    String text = text(messages, new TextRule(1, 0, 4, 8_000, false));
    assertThat(text)
        .startsWith("Why does this fail?\n```java\nline 0\nline 1\n…\n")
        .endsWith("```\nThank you.")
        .doesNotContain("line 100");
  }

  @Test
  void text_parts_areJoinedAndImagesCounted() {
    RequestBody body =
        RequestBody.parse(
            """
            {"messages":[{"role":"user","content":[{"type":"text","text":"what is this"},
             {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}
            """
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(body.needs()).contains(org.embedllm.gateway.openai.Capability.IMAGES);
    assertThat(PromptText.of(body, TextRule.DEFAULT)).isEqualTo("what is this");
    assertThat(body.turns()).hasSize(1);
    assertThat(body.stream()).isFalse();
    assertThat(body.needs()).doesNotContain(org.embedllm.gateway.openai.Capability.TOOLS);
  }

  @Test
  void text_veryLong_isCutInTheMiddleAndNeverInsideACharacter() {
    String emoji = "😀".repeat(400);
    String text = text(message("user", emoji), new TextRule(1, 0, 4, 101, false));
    assertThat(text.length()).isLessThanOrEqualTo(101);
    assertThat(text.codePoints().filter(c -> c >= 0xD800 && c < 0xE000)).isEmpty();
  }
}
