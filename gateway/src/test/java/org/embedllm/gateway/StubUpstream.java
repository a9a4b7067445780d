package org.embedllm.gateway;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An upstream on this machine that answers as told, well or badly.
final class StubUpstream implements AutoCloseable {
  /// How it behaves.
  enum Mood {
    WELL,
    HANG,
    DRIP,
    STALL_AFTER_TWO,
    CUT_AFTER_TWO,
    CUT_AT_ONCE,
    ERROR_IN_STREAM,
    GARBAGE,
    HTML,
    NO_CHOICES,
    BUSY,
    BROKEN,
    BAD_REQUEST,
    REFUSING,
    UNAUTHORIZED
  }

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<Headers> heads = new CopyOnWriteArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final String name;
  private volatile int probeStatus = 200;
  private volatile Mood mood = Mood.WELL;
  private volatile int refusalStatus = 400;
  private volatile String refusal = "{}";
  private volatile long chunkMillis;
  private volatile int chunks = 4;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile Map.Entry<String, String> retryAfter = Map.entry("Retry-After", "7");

  StubUpstream(String name) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", this::answer);
    server.createContext("/v1/completions", this::answer);
    server.createContext(
        "/v1/models", e -> send(e, probeStatus, "application/json", "{\"data\":[]}"));
    server.start();
  }

  /// What probes are answered with from now on.
  void probes(int status) {
    probeStatus = status;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  StubUpstream mood(Mood next) {
    mood = next;
    return this;
  }

  /// Pause before each chunk of a stream, and number of chunks.
  void pace(long millis, int count) {
    chunkMillis = millis;
    chunks = count;
  }

  /// Nothing is answered from now on, of a stream nothing behind its first chunk, before
  /// [#release].
  void hold() {
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  /// Every call is refused with this.
  void refuse(int status, String body) {
    refusalStatus = status;
    refusal = body;
    mood = Mood.REFUSING;
  }

  /// The header that says when to come again where it is [Mood#BUSY].
  void retryAfter(String header, String value) {
    retryAfter = Map.entry(header, value);
  }

  int calls() {
    return calls.get();
  }

  int cancelled() {
    return cancelled.get();
  }

  List<String> bodies() {
    return bodies;
  }

  JsonNode lastBody() {
    return JSON.readTree(bodies.getLast());
  }

  /// A header of each call, `null` where it was not there.
  List<String> headers(String name) {
    return heads.stream().map(h -> String.valueOf(h.getFirst(name))).toList();
  }

  List<String> authorizations() {
    return authorizations;
  }

  private void answer(HttpExchange e) throws IOException {
    calls.incrementAndGet();
    String body = new String(e.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    bodies.add(body);
    heads.add(e.getRequestHeaders());
    authorizations.add(String.valueOf(e.getRequestHeaders().getFirst("Authorization")));
    JsonNode request = JSON.readTree(body);
    boolean stream = request.path("stream").asBoolean(false);
    switch (mood) {
      case HANG -> pause(60_000);
      case GARBAGE ->
          send(e, 200, stream ? "text/event-stream" : "application/json", "data: {oops\n\n");
      case HTML -> send(e, 200, "text/html", "<html>welcome</html>");
      case NO_CHOICES -> send(e, 200, stream ? "text/event-stream" : "application/json", "{}");
      case BUSY -> {
        e.getResponseHeaders().set(retryAfter.getKey(), retryAfter.getValue());
        send(e, 429, "application/json", "{\"error\":{\"message\":\"slow down\"}}");
      }
      case BROKEN -> send(e, 500, "application/json", "{\"error\":{\"message\":\"boom\"}}");
      case BAD_REQUEST ->
          send(e, 400, "application/json", "{\"error\":{\"message\":\"temperature is too hot\"}}");
      case REFUSING -> send(e, refusalStatus, "application/json", refusal);
      case UNAUTHORIZED ->
          send(e, 401, "application/json", "{\"error\":{\"message\":\"who are you\"}}");
      case CUT_AT_ONCE -> e.close();
      case WELL, DRIP, STALL_AFTER_TWO, CUT_AFTER_TWO, ERROR_IN_STREAM -> {
        if (stream) {
          stream(e, request);
        } else {
          whole(e, request);
        }
      }
    }
    e.close();
  }

  private void whole(HttpExchange e, JsonNode request) throws IOException {
    String text = JSON.writeValueAsString("I am " + name);
    boolean tools = request.has("tools");
    String message =
        tools
            ? "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Paris\\\"}\"}}]}"
            : "{\"role\":\"assistant\",\"content\":" + text + "}";
    String choice =
        request.has("prompt")
            ? "{\"index\":0,\"text\":" + text + ",\"finish_reason\":\"stop\"}"
            : "{\"index\":0,\"message\":"
                + message
                + ",\"finish_reason\":\""
                + (tools ? "tool_calls" : "stop")
                + "\"}";
    String json =
        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":"
            + JSON.writeValueAsString(request.path("model").asString(""))
            + ",\"choices\":["
            + choice
            + "],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}";
    if (mood == Mood.DRIP) {
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      e.getResponseHeaders().set("Content-Type", "application/json");
      e.sendResponseHeaders(200, bytes.length);
      for (byte b : bytes) {
        e.getResponseBody().write(b);
        e.getResponseBody().flush();
        pause(50);
      }
    } else {
      pause(chunkMillis);
      pass();
      send(e, 200, "application/json", json);
    }
  }

  private void stream(HttpExchange e, JsonNode request) throws IOException {
    e.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    e.sendResponseHeaders(200, 0);
    OutputStream out = e.getResponseBody();
    try {
      for (int i = 0; i < chunks; i++) {
        if (i == 2 && mood == Mood.CUT_AFTER_TWO) {
          e.close();
          return;
        }
        if (i == 2 && mood == Mood.STALL_AFTER_TWO) {
          pause(60_000);
        }
        if (i == 2 && mood == Mood.ERROR_IN_STREAM) {
          event(out, "{\"error\":{\"message\":\"out of memory\"}}");
          return;
        }
        pause(mood == Mood.DRIP ? 400 : chunkMillis);
        if (i == 1) {
          pass();
        }
        event(out, chunk(i));
      }
      event(
          out,
          "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
      if (request.path("stream_options").path("include_usage").asBoolean(false)) {
        event(
            out,
            "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}}");
      }
      event(out, "[DONE]");
    } catch (IOException broken) {
      cancelled.incrementAndGet();
      throw broken;
    }
  }

  private String chunk(int i) {
    String word = JSON.writeValueAsString(i == 0 ? name : " w" + i);
    return "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
        + (i == 0 ? "\"role\":\"assistant\"," : "")
        + "\"content\":"
        + word
        + "},\"finish_reason\":null}]}";
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void send(HttpExchange e, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    e.getResponseHeaders().set("Content-Type", type);
    e.sendResponseHeaders(status, bytes.length);
    e.getResponseBody().write(bytes);
    e.close();
  }

  private void pass() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits, but not beyond the end of the test.
  private void pause(long millis) {
    try {
      var ended = closing.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
      if (ended) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    release();
    server.stop(0);
    threads.shutdownNow();
  }
}
