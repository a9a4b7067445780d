package org.embedllm.app.fuzz;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// A server whose answers to requests are given bytes. Started by the first request; ends with the
/// process.
public final class AnsweringServer {
  private static final Map<String, byte[]> ANSWERS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBER = new AtomicLong();

  private AnsweringServer() {}

  /// What asks the server.
  @FunctionalInterface
  public interface Client {
    /// @param base address of which every path has the answer
    void ask(URI base) throws IOException;
  }

  private static final class Started {
    static final HttpServer SERVER = start();

    private static HttpServer start() {
      try {
        HttpServer server =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
            "/",
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              String start = exchange.getRequestURI().getPath().split("/", -1)[1];
              byte[] answer = ANSWERS.getOrDefault(start, new byte[0]);
              exchange.getResponseHeaders().set("content-type", "application/json");
              exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
              exchange.getResponseBody().write(answer);
              exchange.close();
            });
        server.start();
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Lets a client ask for some bytes.
  public static void answering(byte[] answer, Client client) throws IOException {
    String start = "n" + NUMBER.incrementAndGet();
    ANSWERS.put(start, answer);
    try {
      client.ask(
          URI.create(
              "http://127.0.0.1:%d/%s".formatted(Started.SERVER.getAddress().getPort(), start)));
    } finally {
      ANSWERS.remove(start);
    }
  }
}
