package org.embedllm.app.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.gateway.anthropic.MessagesProtocol;
import org.embedllm.gateway.anthropic.MessagesUpstream;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.SseEvent;
import org.embedllm.gateway.openai.SseReader;
import org.embedllm.gateway.openai.UpstreamProtocol;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.responses.ResponseStore;
import org.embedllm.gateway.responses.ResponsesProtocol;
import org.embedllm.gateway.responses.ResponsesUpstream;
import org.embedllm.routing.RoutingPolicies;
import tools.jackson.core.JacksonException;

/// What clients and upstreams send to the gateway, and its configuration.
final class GatewayTargets {
  private static final String CHAT =
      """
      {"model": "auto", "stream": true, "n": 2, "max_tokens": 9, "metadata": {"embedllm.a": "b"},
       "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": [
         {"type": "text", "text": "é"}, {"type": "image_url", "image_url": {"url": "u"}}]}],
       "tools": [{"type": "function", "function": {"name": "f"}}],
       "stream_options": {"include_usage": true}}
      """;
  private static final String RESPONSE =
      """
      {"model": "auto", "instructions": "s", "previous_response_id": "r", "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "q"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "o"}],
       "text": {"format": {"type": "json_schema", "name": "n", "schema": {}}},
       "tools": [{"type": "function", "name": "f", "parameters": {}}], "max_output_tokens": 5}
      """;
  private static final String MESSAGE =
      """
      {"model": "auto", "system": [{"type": "text", "text": "s"}], "max_tokens": 5, "messages": [
        {"role": "user", "content": "q"}, {"role": "assistant", "content": [
          {"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "o"}]}],
       "tools": [{"name": "f", "input_schema": {}}], "tool_choice": {"type": "tool", "name": "f"}}
      """;
  private static final String EVENTS =
      """
      : comment
      data: {"choices": [{"delta": {"content": "a"}, "finish_reason": null}]}

      event: message_start
      data: {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 3}}}

      event: content_block_delta
      data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "b"}}

      data: {"type": "response.output_text.delta", "delta": "c", "item_id": "i"}

      data: [DONE]

      """;
  private static final String CONFIG =
      """
      listen: 127.0.0.1:8080
      policy: cheapest@0.8
      learn: false
      upstreams:
        - &a {model: a, url: "http://127.0.0.1:9001/v1", price: {input: 0.15, output: 0.6, call: 0.1}}
        - model: b
          url: https://127.0.0.1:9002/v1
          key: ${KEY:-none}
          api: messages
          headers: {x-team: blue}
          context: 8192
          abilities: [tools, images]
          concurrency: 8
          timeouts: {connect: 1s, firstByte: 20s, total: 2m}
          health: {path: /health, interval: 0}
          circuit: {slidingWindowSize: 50, failureRate: 0.25, openDuration: 20s}
      alias: {c: a}
      keys:
        - name: k
          sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
          requestsPerMinute: 30
          budget: {usd: 5, per: 30d}
          models: [auto, a]
      text: {turns: 2, minCharacters: 10, fenceLines: 3, system: true}
      conversations: {sticky: false, switchingCost: 0.1, ttl: 5m}
      limits: {maxRequestBytes: 1MiB, requestTimeout: 5s, maxAttempts: 2, gracePeriod: 9s}
      store: {url: "jdbc:postgresql://db/x", user: u, password: "${PG:-p}", retention: 7d}
      observe: {log: json, prompts: true, sample: 0.5, headers: false}
      """;
  private static final String MINIMAL =
      "upstreams:\n  - {model: m, url: http://127.0.0.1:9001/v1/}\n";

  /// Knows one conversation.
  private record OneConversation() implements ResponseStore {
    @Override
    public void keep(String scope, String id, String items) {
      // It is not asked for again.
    }

    @Override
    public Optional<String> find(String scope, String id) {
      return id.equals("r")
          ? Optional.of("[{\"role\": \"user\", \"content\": \"before\"}]")
          : Optional.empty();
    }
  }

  private GatewayTargets() {}

  static List<FuzzTarget> all() {
    return List.of(
        FuzzTarget.ofTexts("chat", (folder, bytes) -> request(bytes), CHAT),
        FuzzTarget.ofTexts(
            "responses", client(new ResponsesProtocol(new OneConversation())), RESPONSE),
        FuzzTarget.ofTexts("messages", client(new MessagesProtocol()), MESSAGE),
        FuzzTarget.ofTexts(
            "responses-answer",
            answer(new ResponsesUpstream()),
            "{\"id\": \"r\", \"status\": \"completed\", \"output\": [{\"type\": \"message\", \"content\": [{\"type\": \"output_text\", \"text\": \"a\"}]}], \"usage\": {\"input_tokens\": 1, \"output_tokens\": 2}}"),
        FuzzTarget.ofTexts(
            "messages-answer",
            answer(new MessagesUpstream()),
            "{\"id\": \"m\", \"role\": \"assistant\", \"content\": [{\"type\": \"text\", \"text\": \"a\"}], \"stop_reason\": \"end_turn\", \"usage\": {\"input_tokens\": 1, \"output_tokens\": 2}}"),
        FuzzTarget.ofTexts("sse", (folder, bytes) -> events(bytes), EVENTS),
        FuzzTarget.ofTexts(
            "gateway-yaml",
            TableTargets.inFile("gateway.yaml", new ConfigReader(Map.of("KEY", "sk"))::read),
            CONFIG,
            MINIMAL),
        FuzzTarget.ofTexts(
            "policy",
            (folder, bytes) -> policy(new String(bytes, StandardCharsets.UTF_8)),
            "cheapest@0.8",
            "dial@0.5",
            "best",
            "budget@0.002"));
  }

  private static void request(byte[] bytes) {
    RequestBody body = RequestBody.parse(bytes);
    body.turns();
    body.promptText();
    body.maxTokens();
    // What goes on to an upstream is a request too.
    RequestBody.parse(body.forUpstream("other", true, Set.of("metadata")));
  }

  private static FuzzTarget.ByteReader client(ClientProtocol protocol) {
    return (folder, bytes) -> {
      ClientProtocol.Translated translated = protocol.translate(bytes, "scope");
      request(ChatJson.bytes(translated.chat()));
      translated.format().whole(ChatJson.bytes(translated.chat()));
    };
  }

  private static FuzzTarget.ByteReader answer(UpstreamProtocol protocol) {
    return (folder, bytes) -> {
      try {
        Usage.read(protocol.whole(bytes));
      } catch (JacksonException e) {
        throw new IOException("no JSON", e);
      }
    };
  }

  private static void events(byte[] bytes) throws IOException {
    var reader = new SseReader(new ByteArrayInputStream(bytes));
    List<UpstreamProtocol.Events> translations =
        List.of(new ResponsesUpstream().events(), new MessagesUpstream().events());
    for (Optional<SseEvent> event = reader.next(); event.isPresent(); event = reader.next()) {
      if (event.get().isComment()) {
        continue;
      }
      Usage.read(event.get().data());
      for (UpstreamProtocol.Events translation : translations) {
        translate(translation, event.get());
      }
    }
  }

  private static void translate(UpstreamProtocol.Events translation, SseEvent event) {
    try {
      translation.chat(event);
    } catch (JacksonException e) {
      // What an upstream says may be no JSON.
      return;
    }
  }

  /// The text form of a policy is read as it was written.
  private static void policy(String text) {
    RoutingPolicies.parse(text)
        .ifPresent(policy -> {
          String written = RoutingPolicies.format(policy);
          if (!RoutingPolicies.parse(written).equals(Optional.of(policy))) {
            throw new IllegalStateException(written + " is another policy than " + text);
          }
        });
  }
}
