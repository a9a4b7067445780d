package org.embedllm.benchmarks.gateway;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// An upstream that answers at once, or as a stream of chunks with pauses. Prints its port.
///
/// Arguments: pause between the chunks of a stream in milliseconds, number of chunks.
public final class StubServer {
  private static final byte[] ANSWER =
      """
      {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,\
      "message":{"role":"assistant","content":"The answer is forty-two, as everybody knows. Score: 8."},\
      "finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":9,"total_tokens":21}}\
      """
          .getBytes(StandardCharsets.UTF_8);
  private static final byte[] CHUNK =
      """
      data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,\
      "delta":{"content":" word"},"finish_reason":null}]}

      """
          .getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] STREAM = "\"stream\":true".getBytes(StandardCharsets.UTF_8);

  private final long pauseMillis;
  private final int chunks;

  private StubServer(long pauseMillis, int chunks) {
    this.pauseMillis = pauseMillis;
    this.chunks = chunks;
  }

  public static void main(String[] arguments) throws InterruptedException {
    var stub = new StubServer(Long.parseLong(arguments[0]), Integer.parseInt(arguments[1]));
    WebServer server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .backlog(4_096)
            .routing(routing ->
                routing
                    .post("/v1/chat/completions", stub::answer)
                    .get("/v1/models", (request, response) -> response.send("{\"data\":[]}")))
            .build()
            .start();
    System.out.println("port " + server.port());
    Thread.currentThread().join();
  }

  private void answer(ServerRequest request, ServerResponse response) {
    byte[] body = request.content().as(byte[].class);
    if (!contains(body, STREAM)) {
      response.header(HeaderValues.CONTENT_TYPE_JSON);
      response.send(ANSWER);
      return;
    }
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream"));
    try (OutputStream out = response.outputStream()) {
      for (int i = 0; i < chunks; i++) {
        out.write(CHUNK);
        out.flush();
        Thread.sleep(pauseMillis);
      }
      out.write(DONE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean contains(byte[] data, byte[] word) {
    for (int i = 0; i + word.length <= data.length; i++) {
      if (java.util.Arrays.equals(data, i, i + word.length, word, 0, word.length)) {
        return true;
      }
    }
    return false;
  }
}
