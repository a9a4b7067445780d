package org.embedllm.gateway.demo;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A server on this machine that answers for every model, and says that it is simulated.
public final class SimulatedUpstream implements AutoCloseable {
  private final WebServer server;
  private final Behavior behavior;

  /// What models answer.
  @FunctionalInterface
  public interface Behavior {
    /// @param messages text of all messages, joined by line breaks
    Reply reply(String model, String messages);
  }

  /// An answer.
  ///
  /// @param text the answer
  /// @param tokens how many it counts as
  /// @param thinking how long it takes
  public record Reply(String text, int tokens, Duration thinking) {
    /// Of a model that can only say that it is simulated.
    public static Reply of(String model) {
      String text =
          "This is a simulated answer. A real " + model + " would stand behind this gateway.";
      return new Reply(text, text.split(" ").length, Duration.ofMillis(30));
    }
  }

  public SimulatedUpstream(Behavior behavior) {
    this.behavior = behavior;
    this.server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .shutdownHook(false)
            .routing(routing ->
                routing
                    .post("/v1/chat/completions", this::answer)
                    .post("/v1/completions", this::answer)
                    .get("/v1/models", (request, response) -> response.send("{\"data\":[]}")))
            .build()
            .start();
  }

  /// Its base URL.
  public String url() {
    return "http://127.0.0.1:" + server.port() + "/v1";
  }

  private void answer(ServerRequest request, ServerResponse response) {
    JsonNode body = ChatJson.mapper().readTree(request.content().as(byte[].class));
    String model = body.path("model").asString("");
    boolean chat = body.has("messages");
    Reply reply = behavior.reply(model, messages(body));
    List<String> words = List.of(reply.text().split("(?<= )"));
    pause(reply.thinking());
    if (body.path("stream").asBoolean(false)) {
      stream(response, model, chat, words, reply.thinking().dividedBy(words.size()));
      return;
    }
    ObjectNode root = start(model, chat ? "chat.completion" : "text_completion");
    ObjectNode choice = root.putArray("choices").addObject();
    choice.put("index", 0);
    String text = String.join("", words);
    if (chat) {
      choice.putObject("message").put("role", "assistant").put("content", text);
    } else {
      choice.put("text", text);
    }
    choice.put("finish_reason", "stop");
    usage(root, body, reply.tokens());
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(ChatJson.bytes(root));
  }

  private static String messages(JsonNode body) {
    StringBuilder text = new StringBuilder(body.path("prompt").asString(""));
    for (JsonNode message : body.path("messages")) {
      text.append(text.isEmpty() ? "" : "\n").append(message.path("content").asString(""));
    }
    return text.toString();
  }

  private static ObjectNode start(String model, String kind) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
    return root.put("id", "simulated").put("object", kind).put("created", 0).put("model", model);
  }

  private static void usage(ObjectNode root, JsonNode body, int tokens) {
    int prompt = body.toString().length() / 4;
    root.putObject("usage")
        .put("prompt_tokens", prompt)
        .put("completion_tokens", tokens)
        .put("total_tokens", prompt + tokens);
  }

  private static void stream(
      ServerResponse response, String model, boolean chat, List<String> words, Duration pause) {
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream"));
    try (OutputStream out = response.outputStream()) {
      for (int i = 0; i <= words.size(); i++) {
        ObjectNode root = start(model, chat ? "chat.completion.chunk" : "text_completion");
        ObjectNode choice = root.putArray("choices").addObject();
        choice.put("index", 0);
        String word = i < words.size() ? words.get(i) : "";
        if (chat) {
          choice.putObject("delta").put("content", word);
        } else {
          choice.put("text", word);
        }
        if (i == words.size()) {
          choice.put("finish_reason", "stop");
        } else {
          choice.putNull("finish_reason");
        }
        event(out, ChatJson.bytes(root));
        pause(pause);
      }
      event(out, "[DONE]".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void event(OutputStream out, byte[] data) throws IOException {
    out.write("data: ".getBytes(StandardCharsets.US_ASCII));
    out.write(data);
    out.write("\n\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop();
  }
}
