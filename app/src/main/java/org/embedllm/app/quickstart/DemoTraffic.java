package org.embedllm.app.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.embedllm.app.cli.JsonOutput;

/// Clients of a demonstration: they ask a gateway some questions a second, and say of every second
/// answer whether it was right.
public final class DemoTraffic implements AutoCloseable {
  private static final double MEAN_PAUSE = 400; // ms
  private static final double FEEDBACK = 0.5;

  private final SimulatedWorld world;
  private final String address;
  private final SplittableRandom random = new SplittableRandom(7);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  /// @param address of the gateway, such as `http://127.0.0.1:8080`
  public DemoTraffic(SimulatedWorld world, String address) {
    this.world = world;
    this.address = address;
    clients.execute(this::run);
  }

  private void run() {
    try {
      while (!clients.isShutdown()) {
        Thread.sleep(Math.round(-MEAN_PAUSE * Math.log(1 - random.nextDouble())));
        String question = world.question(random);
        boolean says = random.nextDouble() < FEEDBACK;
        clients.execute(() -> ask(question, says));
      }
    } catch (InterruptedException e) {
      // The demonstration ends.
      Thread.currentThread().interrupt();
    }
  }

  private void ask(String question, boolean says) {
    try {
      HttpResponse<Void> answer =
          client.send(
              post(
                  "/v1/chat/completions",
                  Map.of(
                      "model",
                      "auto",
                      "messages",
                      List.of(Map.of("role", "user", "content", question)))),
              HttpResponse.BodyHandlers.discarding());
      Optional<String> decision = answer.headers().firstValue("x-embedllm-decision");
      Optional<Boolean> right =
          answer.headers().firstValue("x-embedllm-model").flatMap(m -> world.right(m, question));
      if (says && decision.isPresent() && right.isPresent()) {
        client.send(
            post("/v1/feedback", Map.of("decision", decision.get(), "score", right.get() ? 1 : 0)),
            HttpResponse.BodyHandlers.discarding());
      }
    } catch (IOException e) {
      // The gateway stops, or is busy: the next question may reach it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpRequest post(String path, Object body) {
    return HttpRequest.newBuilder(URI.create(address + path))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(JsonOutput.bytes(body)))
        .build();
  }

  @Override
  public void close() {
    clients.shutdownNow();
    client.shutdownNow();
  }
}
