package org.embedllm.gateway.responses;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.gateway.openai.Ids;
import org.embedllm.gateway.responses.ResponsesFormat.EventLog;
import tools.jackson.databind.JsonNode;
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
  private record Writing(Kind kind, String id, int position, StringBuilder text) {}

  /// A function call that grows.
  private record Call(
      String id, int position, String callId, String name, StringBuilder arguments) {}

  ItemEvents(ResponseObject response, EventLog events) {
    this.response = response;
    this.events = events;
  }

  /// @param delta of a chat completion's choice
  void delta(JsonNode delta) {
    grow(
        Kind.REASONING,
        delta.path("reasoning_content").asString(delta.path("reasoning").asString("")));
    grow(Kind.TEXT, delta.path("content").asString(""));
    grow(Kind.REFUSAL, delta.path("refusal").asString(""));
    for (JsonNode call : delta.path("tool_calls")) {
      call(call);
    }
  }

  private void grow(Kind kind, String more) {
    if (more.isEmpty()) {
      return;
    }
    if (writing.filter(w -> w.kind() == kind).isEmpty()) {
      close();
      open(kind);
    }
    Writing w = writing.orElseThrow();
    w.text().append(more);
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
            e.putArray("logprobs");
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
            new StringBuilder());
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
          e.set("part", part(kind, ""));
        });
  }

  private static ObjectNode part(Kind kind, String text) {
    return switch (kind) {
      case REASONING ->
          org.embedllm.gateway.openai.Json.mapper()
              .createObjectNode()
              .put("type", "summary_text")
              .put("text", text);
      case TEXT -> ResponseObject.part("output_text", text);
      case REFUSAL -> ResponseObject.part("refusal", text);
    };
  }

  private void closeText() {
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
            e.putArray("logprobs");
          }
        });
    events.add(
        types[1],
        e -> {
          place(e, w);
          e.set("part", part(w.kind(), text));
        });
    ObjectNode item =
        w.kind() == Kind.REASONING
            ? ResponseObject.reasoning(w.id(), text)
            : ResponseObject.message(w.id(), "completed");
    if (w.kind() != Kind.REASONING) {
      item.withArray("content").add(part(w.kind(), text));
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
      closeText();
      var fresh =
          new Call(
              Ids.fresh("fc_"),
              response.next() + calls.size(),
              delta.path("id").asString(Ids.fresh("call_")),
              delta.at("/function/name").asString(""),
              new StringBuilder());
      calls.put(index, fresh);
      events.add(
          "response.output_item.added",
          e ->
              e.put("output_index", fresh.position())
                  .set(
                      "item",
                      ResponseObject.call(
                          fresh.id(), "in_progress", fresh.callId(), fresh.name(), "")));
    }
    String more = delta.at("/function/arguments").asString("");
    if (!more.isEmpty()) {
      Call call = Objects.requireNonNull(calls.get(index));
      call.arguments().append(more);
      events.add(
          "response.function_call_arguments.delta",
          e -> e.put("item_id", call.id()).put("output_index", call.position()).put("delta", more));
    }
  }

  /// Closes what is open.
  void close() {
    closeText();
    for (Call call : calls.values()) {
      String arguments = call.arguments().toString();
      events.add(
          "response.function_call_arguments.done",
          e ->
              e.put("item_id", call.id())
                  .put("output_index", call.position())
                  .put("name", call.name())
                  .put("arguments", arguments));
      done(
          ResponseObject.call(call.id(), "completed", call.callId(), call.name(), arguments),
          call.position());
    }
    calls.clear();
  }

  /// An answer without any text.
  void empty() {
    open(Kind.TEXT);
    closeText();
  }
}
