package org.embedllm.gateway.responses;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Ids;
import org.embedllm.gateway.openai.SseEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Chat completions as responses: whole, or as the semantic events in their order.
final class ResponsesFormat implements AnswerFormat {
  private final ResponseObject response;
  private final Consumer<ObjectNode> finished;
  private final EventLog events = new EventLog();
  private final ItemEvents items;
  private String reason = "stop";
  private boolean begun;

  /// @param finished is told the complete response
  ResponsesFormat(ResponseObject response, Consumer<ObjectNode> finished) {
    this.response = response;
    this.finished = finished;
    this.items = new ItemEvents(response, events);
  }

  @Override
  public byte[] whole(byte[] chat) {
    JsonNode answer = ChatJson.mapper().readTree(chat);
    JsonNode choice = answer.path("choices").path(0);
    JsonNode message = choice.path("message");
    model(answer);
    String thought =
        message.path("reasoning_content").asString(message.path("reasoning").asString(""));
    if (!thought.isEmpty()) {
      response.add(ResponseObject.reasoning(Ids.fresh("rs_"), thought));
    }
    String text = message.path("content").asString("");
    String reason = choice.path("finish_reason").asString("stop");
    boolean calls = !message.path("tool_calls").isEmpty();
    String refusal = message.path("refusal").asString("");
    if (!text.isEmpty() || !refusal.isEmpty() || !calls) {
      ObjectNode item =
          ResponseObject.message(
              Ids.fresh("msg_"), calls ? "completed" : ResponseObject.statusOf(reason));
      item.withArray("content")
          .add(
              refusal.isEmpty()
                  ? ResponseObject.part("output_text", text)
                      .setAll(logprobs(choice.at("/logprobs/content")))
                  : ResponseObject.part("refusal", refusal));
      response.add(item);
    }
    for (JsonNode call : message.path("tool_calls")) {
      response.add(call(call, ResponseObject.statusOf(reason)));
    }
    response.usage(answer.path("usage"));
    response.finish(reason);
    finished.accept(response.json());
    return ChatJson.bytes(response.json());
  }

  private static ObjectNode call(JsonNode call, String status) {
    String id = call.path("id").asString("");
    JsonNode custom = call.path("custom");
    return custom.isObject()
        ? ResponseObject.customCall(
            Ids.fresh("ctc_"),
            status,
            id,
            custom.path("name").asString(""),
            custom.path("input").asString(""))
        : ResponseObject.call(
            Ids.fresh("fc_"),
            status,
            id,
            call.at("/function/name").asString(""),
            call.at("/function/arguments").asString(""));
  }

  /// The field `logprobs`; a chat's tokens have the same shape.
  private static ObjectNode logprobs(JsonNode tokens) {
    ObjectNode field = ChatJson.mapper().createObjectNode();
    if (tokens.isArray()) {
      field.set("logprobs", tokens);
    }
    return field;
  }

  private void model(JsonNode answer) {
    if (answer.path("model").isString()) {
      response.model(answer.path("model").asString());
    }
  }

  @Override
  public List<SseEvent> event(SseEvent chat, boolean usageOnly) {
    JsonNode chunk = ChatJson.mapper().readTree(chat.data());
    if (!begun) {
      model(chunk);
      begin();
    }
    if (chunk.path("usage").isObject()) {
      response.usage(chunk.path("usage"));
    }
    JsonNode choice = chunk.path("choices").path(0);
    items.delta(choice.path("delta"), choice.at("/logprobs/content"));
    if (choice.path("finish_reason").isString()) {
      reason = choice.path("finish_reason").asString();
    }
    return events.take();
  }

  private void begin() {
    begun = true;
    events.add("response.created", e -> e.set("response", response.json().deepCopy()));
    events.add("response.in_progress", e -> e.set("response", response.json().deepCopy()));
  }

  @Override
  public List<SseEvent> end() {
    if (!begun) {
      begin();
    }
    items.end(ResponseObject.statusOf(reason));
    if (response.json().path("usage").isNull()) {
      response.usage(ChatJson.mapper().createObjectNode());
    }
    String name = response.finish(reason);
    events.add(name, e -> e.set("response", response.json().deepCopy()));
    finished.accept(response.json());
    return events.take();
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    String code = error.code().orElse("server_error");
    if (!begun) {
      begin();
    }
    events.add(
        "error",
        e -> {
          e.put("code", code).put("message", error.message());
          e.put("param", error.param().orElse(null));
        });
    response.fail(code, error.message());
    events.add("response.failed", e -> e.set("response", response.json().deepCopy()));
    return events.take();
  }

  /// Events in their order, numbered from 0.
  static final class EventLog {
    private final List<SseEvent> waiting = new ArrayList<>();
    private long number;

    void add(String type, Consumer<ObjectNode> fields) {
      ObjectNode event = ChatJson.mapper().createObjectNode().put("type", type);
      event.put("sequence_number", number++);
      fields.accept(event);
      waiting.add(SseEvent.of(java.util.Optional.of(type), ChatJson.bytes(event)));
    }

    List<SseEvent> take() {
      List<SseEvent> taken = List.copyOf(waiting);
      waiting.clear();
      return taken;
    }
  }
}
