package org.embedllm.gateway.openai;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the chunks of one chat completion. Used by one thread.
public final class ChatChunks {
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final List<SseEvent> waiting = new ArrayList<>();
  private final long created = System.currentTimeMillis() / 1000;
  private String id = "";
  private String model = "";
  private boolean begun;

  /// What all chunks say.
  public void head(String answer, String name) {
    id = answer;
    model = name;
  }

  /// A piece of the answer; the first one says whose it is.
  public void delta(Consumer<ObjectNode> fields) {
    delta(fields, choice -> {});
  }

  private void delta(Consumer<ObjectNode> fields, Consumer<ObjectNode> choiceFields) {
    ObjectNode chunk = chunk();
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    ObjectNode delta = choice.putObject("delta");
    if (!begun) {
      begun = true;
      delta.put("role", "assistant");
    }
    fields.accept(delta);
    choiceFields.accept(choice);
    choice.putNull("finish_reason");
    add(chunk);
  }

  /// A piece of text in one field; nothing where it is empty.
  public void text(String field, String more) {
    if (!more.isEmpty()) {
      delta(d -> d.put(field, more));
    }
  }

  /// The same with the probabilities of its tokens.
  ///
  /// @param logprobs an array; none where it is missing or empty
  public void text(String field, String more, JsonNode logprobs) {
    if (logprobs.isEmpty()) {
      text(field, more);
    } else {
      delta(d -> d.put(field, more), c -> c.putObject("logprobs").set("content", logprobs));
    }
  }

  /// A function's call begins.
  public void call(int index, String callId, String name) {
    call(false, index, callId, name);
  }

  /// A tool call begins.
  ///
  /// @param custom whether the tool takes text; otherwise it is a function
  public void call(boolean custom, int index, String callId, String name) {
    String type = custom ? "custom" : "function";
    delta(d -> {
      ObjectNode call = d.putArray("tool_calls").addObject();
      call.put("index", index).put("id", callId).put("type", type);
      call.putObject(type).put("name", name).put(custom ? "input" : "arguments", "");
    });
  }

  /// A piece of a custom tool's input.
  public void input(int index, String more) {
    if (!more.isEmpty()) {
      delta(d -> {
        ObjectNode call = d.putArray("tool_calls").addObject().put("index", index);
        call.putObject("custom").put("input", more);
      });
    }
  }

  /// A piece of a tool call's arguments.
  public void arguments(int index, String more) {
    if (!more.isEmpty()) {
      delta(d -> {
        ObjectNode call = d.putArray("tool_calls").addObject().put("index", index);
        call.putObject("function").put("arguments", more);
      });
    }
  }

  private ObjectNode chunk() {
    ObjectNode chunk = ChatJson.mapper().createObjectNode();
    chunk.put("id", id).put("object", "chat.completion.chunk");
    return chunk.put("created", created).put("model", model);
  }

  private void add(JsonNode chunk) {
    waiting.add(SseEvent.of(ChatJson.bytes(chunk)));
  }

  /// Why it ends, and what it took.
  ///
  /// @param fields more fields of the choice
  public void finish(String reason, ObjectNode usage, Consumer<ObjectNode> fields) {
    ObjectNode last = chunk();
    ObjectNode choice = last.putArray("choices").addObject().put("index", 0);
    choice.putObject("delta");
    choice.put("finish_reason", reason);
    fields.accept(choice);
    add(last);
    usage(usage);
  }

  /// What it took.
  public void usage(ObjectNode usage) {
    ObjectNode used = chunk();
    used.putArray("choices");
    used.set("usage", usage);
    add(used);
  }

  public void end() {
    waiting.add(SseEvent.of(DONE));
  }

  /// The answer breaks off.
  ///
  /// @param error `{"message", "type", "code"}` or what the upstream has of it
  public void error(JsonNode error) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.set("error", error);
    add(root);
  }

  /// What has been written since the last time.
  public List<SseEvent> take() {
    List<SseEvent> taken = List.copyOf(waiting);
    waiting.clear();
    return taken;
  }
}
