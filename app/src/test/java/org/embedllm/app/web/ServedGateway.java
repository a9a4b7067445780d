package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.gateway.api.Gateway;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.TrainedForecaster;
import org.embedllm.gateway.demo.SimulatedUpstream;
import org.embedllm.gateway.observe.LiveEvent;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.observe.LiveSubscription;
import org.embedllm.gateway.store.DecisionStore;
import tools.jackson.databind.json.JsonMapper;

/// A gateway with the page beside it: the models of an invented space, answered for by a simulated
/// upstream, but the last one, behind which nobody is.
final class ServedGateway implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  // Held, since the platform forgets the levels of loggers nobody holds.
  private static final List<Logger> LOGGERS =
      List.of(
          Logger.getLogger("io.helidon"),
          Logger.getLogger("org.embedllm"),
          Logger.getLogger("embedllm"));

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final SimulatedUpstream upstream =
      new SimulatedUpstream((model, _) -> SimulatedUpstream.Reply.of(model));
  private final DecisionStore store;
  private final Gateway gateway;
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicReference<LiveFeed> feed = new AtomicReference<>();

  /// @param folder for the model file and the decisions
  /// @param more of the configuration
  ServedGateway(Path folder, ModelSpace space, String more) throws IOException {
    LOGGERS.forEach(logger -> logger.setLevel(Level.SEVERE));
    Path model = folder.resolve("invented.safetensors");
    space.artifact().write(model);
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, configuration(space.models(), upstream.url()) + more);
    GatewayConfig config = new ConfigReader(Map.of()).read(file);
    this.store = new DecisionStore(config.store(), folder.resolve("d.sqlite"), Clock.systemUTC());
    this.gateway =
        new Gateway(
            config,
            new TrainedForecaster(
                space.artifact(), new InventedSpace.WordEncoder(), space.questions(), 1, 16, 100),
            store,
            Optional.empty(),
            List.of(
                new ServedPage(model, System.getenv()), (routing, view) -> feed.set(view.feed())),
            Clock.systemUTC());
    gateway.start();
  }

  private static String configuration(List<String> models, String url) {
    var yaml = new StringBuilder("listen: 127.0.0.1:0\nlimits: {gracePeriod: 1s}\nupstreams:\n");
    for (String model : models) {
      boolean dead = model.equals(models.getLast());
      yaml.append("  - model: ").append(JSON.writeValueAsString(model)).append('\n');
      yaml.append("    url: ").append(dead ? "http://127.0.0.1:9/v1" : url).append('\n');
      yaml.append("    price: {input: 1, output: 2}\n");
    }
    return yaml.toString();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + gateway.port() + "/");
  }

  /// Sends a request and gives the id of its decision, once pages have been told of it: the gateway
  /// answers first and tells then.
  ///
  /// @param model `auto`, or a model's name
  String ask(String model, String prompt) {
    Object body =
        Map.of("model", model, "messages", List.of(Map.of("role", "user", "content", prompt)));
    HttpRequest request =
        HttpRequest.newBuilder(address().resolve("/v1/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    try (LiveSubscription told = feed.get().subscribe()) {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      String id = response.headers().firstValue("x-embedllm-decision").orElseThrow();
      Optional<LiveEvent> event;
      do {
        event = told.next(PATIENCE);
        assertThat(event).as("told of decision %s", id).isPresent();
      } while (!(event.get() instanceof LiveEvent.Decided d && d.decision().id().equals(id)));
      return id;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// Says how good a decision's answer was.
  void feedback(String decision, double score) {
    HttpRequest request =
        HttpRequest.newBuilder(address().resolve("/v1/feedback"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    JSON.writeValueAsString(Map.of("decision", decision, "score", score))))
            .build();
    try {
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    gateway.close();
    store.close();
    upstream.close();
    client.close();
  }
}
