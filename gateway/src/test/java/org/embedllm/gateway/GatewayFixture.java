package org.embedllm.gateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.embedllm.gateway.api.Gateway;
import org.embedllm.gateway.api.WebRoutes;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.observe.Traces;
import org.embedllm.gateway.store.DecisionStore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A gateway with stub upstreams, and a client that talks to it.
final class GatewayFixture implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  final FakeForecaster forecaster;
  final Gateway gateway;
  final DecisionStore store;
  private final Traces traces;
  private final boolean tls;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(30))
          .build();

  GatewayFixture(FakeForecaster forecaster, Path folder, String yaml) throws IOException {
    this(forecaster, folder, yaml, Optional.empty());
  }

  /// With another forecaster than the one of fixed opinions, which nobody asks then.
  GatewayFixture(PromptForecaster forecaster, Path folder, String yaml) throws IOException {
    this(new FakeForecaster(), forecaster, folder, yaml, Optional.empty());
  }

  /// @param more pages beside the API
  GatewayFixture(FakeForecaster forecaster, Path folder, String yaml, Optional<WebRoutes> more)
      throws IOException {
    this(forecaster, forecaster, folder, yaml, more);
  }

  private GatewayFixture(
      FakeForecaster told,
      PromptForecaster forecaster,
      Path folder,
      String yaml,
      Optional<WebRoutes> more)
      throws IOException {
    this.forecaster = told;
    GatewayConfig config = config(folder, yaml);
    this.store =
        new DecisionStore(config.store(), folder.resolve("decisions.sqlite"), Clock.systemUTC());
    this.tls = config.listen().tls().isPresent();
    this.traces = new Traces(config.observe());
    this.gateway =
        new Gateway(
            config, forecaster, store, traces.tracer(), more.stream().toList(), Clock.systemUTC());
    gateway.start();
  }

  /// Reads a configuration as the program does, listening on any free port.
  static GatewayConfig config(Path folder, String yaml) throws IOException {
    Path file = Files.createTempFile(folder, "gateway", ".yaml");
    Files.writeString(
        file,
        (yaml.contains("listen:") ? "" : "listen: 127.0.0.1:0\n")
            + (yaml.contains("limits:")
                ? yaml.replace("limits: {", "limits: {drain: 0s, ")
                : "limits: {gracePeriod: 1s, drain: 0s}\n" + yaml));
    return new ConfigReader(Map.of("TEST_KEY", "sk-upstream")).read(file);
  }

  static String upstreams(Map<String, StubUpstream> stubs) {
    return stubs.entrySet().stream()
        .map(e ->
            "  - {model: %s, health: {interval: 0}, url: \"%s\"}"
                .formatted(e.getKey(), e.getValue().url()))
        .collect(Collectors.joining("\n", "upstreams:\n", "\n"));
  }

  static Map<String, StubUpstream> of(StubUpstream a, StubUpstream b) {
    var map = new LinkedHashMap<String, StubUpstream>();
    map.put("a", a);
    map.put("b", b);
    return map;
  }

  String url() {
    return (tls ? "https" : "http") + "://127.0.0.1:" + gateway.port();
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return send(
        HttpRequest.newBuilder(URI.create(url() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .header("content-type", "application/json"),
        headers);
  }

  HttpResponse<String> get(String path, String... headers) {
    return send(HttpRequest.newBuilder(URI.create(url() + path)).GET(), headers);
  }

  private HttpResponse<String> send(HttpRequest.Builder builder, String... headers) {
    if (headers.length > 0) {
      builder.headers(headers);
    }
    try {
      return client.send(
          builder.timeout(Duration.ofMinutes(1)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// A chat request of one user message.
  static String chat(String model, String text) {
    return "{\"model\":%s,\"messages\":[{\"role\":\"user\",\"content\":%s}]}"
        .formatted(JSON.writeValueAsString(model), JSON.writeValueAsString(text));
  }

  static String streamed(String model, String text) {
    return "{\"model\":%s,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":%s}]}"
        .formatted(JSON.writeValueAsString(model), JSON.writeValueAsString(text));
  }

  static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  static JsonNode json(String text) {
    return JSON.readTree(text);
  }

  /// The data of a streamed answer's events.
  static List<String> events(HttpResponse<String> response) {
    var events = new ArrayList<String>();
    for (String line : response.body().split("\n")) {
      if (line.startsWith("data: ")) {
        events.add(line.substring(6));
      }
    }
    return events;
  }

  @Override
  public void close() {
    gateway.close();
    traces.close();
    client.shutdownNow();
  }
}
