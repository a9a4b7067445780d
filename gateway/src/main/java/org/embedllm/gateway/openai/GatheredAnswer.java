package org.embedllm.gateway.openai;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The whole answer that an event stream says in pieces: the reverse of [AnswerChunks].
public final class GatheredAnswer {
  private static final List<String> GROWING =
      List.of("content", "text", "refusal", "reasoning", "reasoning_content", "arguments", "input");

  private final ObjectNode root = ChatJson.mapper().createObjectNode();
  private final Map<Integer, ObjectNode> choices = new TreeMap<>();
  private boolean finished;

  private GatheredAnswer() {}

  /// Whether bytes begin as an event stream.
  public static boolean isEvents(byte[] body) {
    int most = Math.min(body.length, 64);
    String head = new String(body, 0, most, StandardCharsets.ISO_8859_1).stripLeading();
    return head.startsWith("data:") || head.startsWith("event:") || head.startsWith(":");
  }

  /// @param protocol with which events are read as chunks; empty where they are
  /// @return an answer, or the error that the stream turned into; empty where it broke off
  /// @throws tools.jackson.core.JacksonException where an event is not JSON
  public static Optional<byte[]> of(byte[] stream, Optional<UpstreamProtocol> protocol)
      throws IOException {
    var reader = new SseReader(new ByteArrayInputStream(stream));
    Optional<UpstreamProtocol.Events> events = protocol.map(UpstreamProtocol::events);
    var gathered = new GatheredAnswer();
    Optional<SseEvent> event = reader.next();
    while (event.isPresent()) {
      SseEvent each = event.get();
      if (!each.isComment()) {
        List<SseEvent> chunks = events.map(e -> e.chat(each)).orElse(List.of(each));
        for (SseEvent chunk : chunks) {
          String data = new String(chunk.data(), StandardCharsets.UTF_8);
          if (!data.equals("[DONE]")) {
            JsonNode said = ChatJson.mapper().readTree(data);
            if (said.hasNonNull("error")) {
              return Optional.of(chunk.data());
            }
            gathered.add(said);
          }
        }
      }
      event = reader.next();
    }
    return gathered.finished ? Optional.of(ChatJson.bytes(gathered.answer())) : Optional.empty();
  }

  private void add(JsonNode chunk) {
    for (Map.Entry<String, JsonNode> field : chunk.properties()) {
      if (!field.getKey().equals("choices") && !field.getValue().isNull()) {
        root.set(field.getKey(), field.getValue());
      }
    }
    for (JsonNode said : chunk.path("choices")) {
      int index = said.path("index").asInt(0);
      ObjectNode choice =
          choices.computeIfAbsent(index, i -> ChatJson.mapper().createObjectNode().put("index", i));
      for (Map.Entry<String, JsonNode> field : said.properties()) {
        merge(
            choice, field.getKey().equals("delta") ? "message" : field.getKey(), field.getValue());
      }
      finished |= said.hasNonNull("finish_reason");
    }
  }

  /// Texts and lists grow; what has a position grows there.
  private static void merge(ObjectNode into, String name, JsonNode more) {
    JsonNode there = into.path(name);
    if (more.isNull() && into.has(name)) {
      return;
    }
    switch (more) {
      case ObjectNode object -> {
        ObjectNode target = there instanceof ObjectNode known ? known : into.putObject(name);
        object.properties().forEach(field -> merge(target, field.getKey(), field.getValue()));
      }
      case ArrayNode array -> {
        ArrayNode target = there instanceof ArrayNode known ? known : into.putArray(name);
        array.forEach(element -> element(target, element));
      }
      default -> {
        boolean grows = there.isString() && more.isString() && GROWING.contains(name);
        if (grows) {
          into.put(name, there.asString() + more.asString());
        } else {
          into.set(name, more);
        }
      }
    }
  }

  private static void element(ArrayNode into, JsonNode more) {
    if (more.path("index").isInt() && more instanceof ObjectNode object) {
      for (JsonNode known : into) {
        if (known.path("index").equals(more.path("index")) && known instanceof ObjectNode target) {
          object.properties().forEach(field -> merge(target, field.getKey(), field.getValue()));
          return;
        }
      }
    }
    into.add(more.deepCopy());
  }

  private ObjectNode answer() {
    if (root.path("object").asString("").equals("chat.completion.chunk")) {
      root.put("object", "chat.completion");
    }
    ArrayNode all = root.putArray("choices");
    for (ObjectNode choice : new ArrayList<>(choices.values())) {
      for (JsonNode call : choice.at("/message/tool_calls")) {
        if (call instanceof ObjectNode object) {
          object.remove("index");
        }
      }
      all.add(choice);
    }
    return root;
  }
}
