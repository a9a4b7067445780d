package org.embedllm.app.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks a page as a browser would.
final class PageClient implements AutoCloseable {
  // Held, since the platform forgets the level of a logger nobody holds.
  private static final Logger HELIDON = Logger.getLogger("io.helidon");
  private static final JsonMapper JSON = new JsonMapper();
  private static final int POLLS = 6_000;

  private final URI address;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofMinutes(1))
          .build();

  PageClient(URI address) {
    this.address = address;
  }

  /// Servers say nothing of their starts and ends.
  static void quietServers() {
    HELIDON.setLevel(Level.WARNING);
  }

  HttpResponse<byte[]> get(String path, String... headers) {
    return send(HttpRequest.newBuilder(address.resolve(path)).GET(), headers);
  }

  HttpResponse<byte[]> head(String path) {
    return send(HttpRequest.newBuilder(address.resolve(path)).HEAD());
  }

  HttpResponse<byte[]> post(String path, String body, String... headers) {
    return send(
        HttpRequest.newBuilder(address.resolve(path))
            .POST(HttpRequest.BodyPublishers.ofString(body)),
        headers);
  }

  HttpResponse<byte[]> postJson(String path, Map<String, Object> body) {
    return post(path, JSON.writeValueAsString(body), "content-type", "application/json");
  }

  static JsonNode json(HttpResponse<byte[]> response) {
    return JSON.readTree(response.body());
  }

  /// The answer of an endpoint, however long it takes.
  JsonNode ready(String path) {
    for (int poll = 0; poll < POLLS; poll++) {
      HttpResponse<byte[]> response = get(path);
      if (response.statusCode() != 202) {
        if (response.statusCode() != 200) {
          throw new AssertionError(response.statusCode() + " " + json(response));
        }
        return json(response);
      }
      pause();
    }
    throw new AssertionError(path + " is never there");
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder builder, String... headers) {
    if (headers.length > 0) {
      builder.headers(headers);
    }
    try {
      return client.send(
          builder.timeout(Duration.ofMinutes(5)).build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
