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
import org.embedllm.gateway.openai.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A server on this machine that answers for every model, and says that it is simulated.
public final class SimulatedUpstream implements AutoCloseable {
  private static final Duration THINKING = Duration.ofMillis(30);

  private final WebServer server;

  public SimulatedUpstream() {
    this.server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .shutdownHook(false)
            .routing(routing ->
                routing
                    .post("/v1/chat/completions", SimulatedUpstream::answer)
                    .post("/v1/completions", SimulatedUpstream::answer)
                    .get("/v1/models", (request, response) -> response.send("{\"data\":[]}")))
            .build()
            .start();
  }

  /// Its base URL.
  public String url() {
    return "http://127.0.0.1:" + server.port() + "/v1";
  }

  private static void answer(ServerRequest request, ServerResponse response) {
    JsonNode body = Json.mapper().readTree(request.content().as(byte[].class));
    String model = body.path("model").asString("");
    boolean chat = body.has("messages");
    List<String> words =
        List.of(
            ("This is a simulated answer. A real " + model + " would stand behind this gateway.")
                .split("(?<= )"));
    pause();
    if (body.path("stream").asBoolean(false)) {
      stream(response, model, chat, words);
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
    usage(root, body, words);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Json.bytes(root));
  }

  private static ObjectNode start(String model, String kind) {
    ObjectNode root = Json.mapper().createObjectNode();
    return root.put("id", "simulated").put("object", kind).put("created", 0).put("model", model);
  }

  private static void usage(ObjectNode root, JsonNode body, List<String> words) {
    int prompt = body.toString().length() / 4;
    root.putObject("usage")
        .put("prompt_tokens", prompt)
        .put("completion_tokens", words.size())
        .put("total_tokens", prompt + words.size());
  }

  private static void stream(
      ServerResponse response, String model, boolean chat, List<String> words) {
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
        event(out, Json.bytes(root));
        pause();
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

  private static void pause() {
    try {
      Thread.sleep(THINKING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop();
  }
}
