package org.embedllm.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// An OpenAI-compatible server on loopback that answers with its name, whole or as a stream.
public final class StubModel implements AutoCloseable {
  private final HttpServer server;
  private final String name;
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  public StubModel(String name) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /// Requests so far, oldest first.
  public List<String> bodies() {
    return bodies;
  }

  public void failWith(int newStatus) {
    status = newStatus;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    bodies.add(body);
    boolean stream = body.replaceAll("\\s", "").contains("\"stream\":true");
    String usage = "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":2,\"total_tokens\":13}";
    String head = "{\"id\":\"1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",";
    String choice =
        "\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"%s\":{\"role\":\"assistant\",\"content\":\"%s\"}}],";
    String text =
        status != 200
            ? "{\"error\":{\"message\":\"broken\"}}"
            : stream
                ? "data: "
                    + head
                    + choice.formatted("delta", name)
                    + usage
                    + "}\n\ndata: [DONE]\n\n"
                : head + choice.formatted("message", name) + usage + "}";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String type = stream && status == 200 ? "text/event-stream" : "application/json";
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
