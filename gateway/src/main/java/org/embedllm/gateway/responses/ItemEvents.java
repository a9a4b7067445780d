package org.embedllm.gateway.responses;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Ids;
import org.embedllm.gateway.responses.ResponsesFormat.EventLog;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The events of a response's items: each is opened, grows, and is closed before the next one.
final class ItemEvents {
  private enum Kind {
    REASONING,
    TEXT,
    REFUSAL
  }

  private final ResponseObject response;
  private final EventLog events;
  private Optional<Writing> writing = Optional.empty();

  /// Calls by their position in the chat, which may grow side by side.
  private final Map<Integer, Call> calls = new TreeMap<>();

  /// A text that grows.
  private record Writing(
      Kind kind, String id, int position, StringBuilder text, ArrayNode logprobs) {}

  /// A function call that grows, or a custom tool's.
  private record Call(
      boolean custom,
      String id,
      int position,
      String callId,
      String name,
      StringBuilder arguments) {
    ObjectNode item(String status, String given) {
      return custom
          ? ResponseObject.customCall(id, status, callId, name, given)
          : ResponseObject.call(id, status, callId, name, given);
    }

    /// What its events begin with.
    String events() {
      return custom ? "response.custom_tool_call_input." : "response.function_call_arguments.";
    }
  }

  ItemEvents(ResponseObject response, EventLog events) {
    this.response = response;
    this.events = events;
  }

  /// @param delta of a chat completion's choice
  /// @param logprobs of its tokens; an array, or missing
  void delta(JsonNode delta, JsonNode logprobs) {
    ArrayNode none = ChatJson.mapper().createArrayNode();
    grow(
        Kind.REASONING,
        delta.path("reasoning_content").asString(delta.path("reasoning").asString("")),
        none);
    grow(
        Kind.TEXT,
        delta.path("content").asString(""),
        logprobs instanceof ArrayNode tokens ? tokens : none);
    grow(Kind.REFUSAL, delta.path("refusal").asString(""), none);
    for (JsonNode call : delta.path("tool_calls")) {
      call(call);
    }
  }

  private void grow(Kind kind, String more, ArrayNode logprobs) {
    if (more.isEmpty()) {
      return;
    }
    if (writing.filter(w -> w.kind() == kind).isEmpty()) {
      close("completed");
      open(kind);
    }
    Writing w = writing.orElseThrow();
    w.text().append(more);
    w.logprobs().addAll(logprobs);
    String type =
        switch (kind) {
          case REASONING -> "response.reasoning_summary_text.delta";
          case TEXT -> "response.output_text.delta";
          case REFUSAL -> "response.refusal.delta";
        };
    events.add(
        type,
        e -> {
          place(e, w);
          e.put("delta", more);
          if (kind == Kind.TEXT) {
            e.set("logprobs", logprobs);
          }
        });
  }

  private static void place(ObjectNode event, Writing w) {
    event.put("item_id", w.id()).put("output_index", w.position());
    event.put(w.kind() == Kind.REASONING ? "summary_index" : "content_index", 0);
  }

  private void open(Kind kind) {
    var w =
        new Writing(
            kind,
            Ids.fresh(kind == Kind.REASONING ? "rs_" : "msg_"),
            response.next() + calls.size(),
            new StringBuilder(),
            ChatJson.mapper().createArrayNode());
    writing = Optional.of(w);
    ObjectNode item =
        kind == Kind.REASONING
            ? ResponseObject.reasoning(w.id(), "")
            : ResponseObject.message(w.id(), "in_progress");
    events.add(
        "response.output_item.added", e -> e.put("output_index", w.position()).set("item", item));
    events.add(
        kind == Kind.REASONING
            ? "response.reasoning_summary_part.added"
            : "response.content_part.added",
        e -> {
          place(e, w);
          e.set("part", part(w, ""));
        });
  }

  private static ObjectNode part(Writing w, String text) {
    return switch (w.kind()) {
      case REASONING ->
          ChatJson.mapper().createObjectNode().put("type", "summary_text").put("text", text);
      case TEXT -> {
        ObjectNode part = ResponseObject.part("output_text", text);
        part.set("logprobs", w.logprobs());
        yield part;
      }
      case REFUSAL -> ResponseObject.part("refusal", text);
    };
  }

  /// @param status of the item, where it is a message
  private void closeText(String status) {
    if (writing.isEmpty()) {
      return;
    }
    Writing w = writing.get();
    writing = Optional.empty();
    String text = w.text().toString();
    String[] types =
        switch (w.kind()) {
          case REASONING ->
              new String[] {
                "response.reasoning_summary_text.done", "response.reasoning_summary_part.done"
              };
          case TEXT -> new String[] {"response.output_text.done", "response.content_part.done"};
          case REFUSAL -> new String[] {"response.refusal.done", "response.content_part.done"};
        };
    events.add(
        types[0],
        e -> {
          place(e, w);
          e.put(w.kind() == Kind.REFUSAL ? "refusal" : "text", text);
          if (w.kind() == Kind.TEXT) {
            e.set("logprobs", w.logprobs());
          }
        });
    events.add(
        types[1],
        e -> {
          place(e, w);
          e.set("part", part(w, text));
        });
    ObjectNode item =
        w.kind() == Kind.REASONING
            ? ResponseObject.reasoning(w.id(), text)
            : ResponseObject.message(w.id(), status);
    if (w.kind() != Kind.REASONING) {
      item.withArray("content").add(part(w, text));
    }
    done(item, w.position());
  }

  private void done(ObjectNode item, int position) {
    response.add(item);
    events.add("response.output_item.done", e -> e.put("output_index", position).set("item", item));
  }

  private void call(JsonNode delta) {
    int index = delta.path("index").asInt(calls.size());
    if (!calls.containsKey(index)) {
      closeText("completed");
      boolean custom = delta.path("custom").isObject();
      var fresh =
          new Call(
              custom,
              Ids.fresh(custom ? "ctc_" : "fc_"),
              response.next() + calls.size(),
              delta.path("id").asString(Ids.fresh("call_")),
              delta.at(custom ? "/custom/name" : "/function/name").asString(""),
              new StringBuilder());
      calls.put(index, fresh);
      events.add(
          "response.output_item.added",
          e -> e.put("output_index", fresh.position()).set("item", fresh.item("in_progress", "")));
    }
    String more = delta.at("/function/arguments").asString(delta.at("/custom/input").asString(""));
    if (!more.isEmpty()) {
      Call call = Objects.requireNonNull(calls.get(index));
      call.arguments().append(more);
      events.add(
          call.events() + "delta",
          e -> e.put("item_id", call.id()).put("output_index", call.position()).put("delta", more));
    }
  }

  /// Closes what is open; an answer without any text is an empty one.
  ///
  /// @param status of what is closed: `completed` or `incomplete`
  void end(String status) {
    close(status);
    if (response.next() == 0) {
      open(Kind.TEXT);
      closeText(status);
    }
  }

  private void close(String status) {
    closeText(status);
    for (Call call : calls.values()) {
      String arguments = call.arguments().toString();
      events.add(
          call.events() + "done",
          e -> {
            e.put("item_id", call.id()).put("output_index", call.position());
            if (call.custom()) {
              e.put("input", arguments);
            } else {
              e.put("name", call.name()).put("arguments", arguments);
            }
          });
      done(call.item(status, arguments), call.position());
    }
    calls.clear();
  }
}
