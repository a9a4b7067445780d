package example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.routing.Route;

/// Sends each prompt to the model that will most likely answer it correctly.
///
/// Arguments: a model file, two models with the address of each (`NAME=http://host/v1`), prompts.
public final class RouteAndAsk {
  private RouteAndAsk() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> addresses =
        Map.ofEntries(entry(arguments[1]), entry(arguments[2])); // of each model
    try (PromptRouter router = EmbedLlm.open(Path.of(arguments[0])).router();
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 3; i < arguments.length; i++) {
        Route route = router.route(arguments[i], addresses.keySet());
        String body =
            """
            {"model": "%s", "messages": [{"role": "user", "content": "%s"}]}"""
                .formatted(route.model(), arguments[i].replace("\\", "\\\\").replace("\"", "\\\""));
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(addresses.get(route.model()) + "/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        System.out.println(
            route.model() + ": " + client.send(request, BodyHandlers.ofString()).body());
      }
    }
  }

  private static Map.Entry<String, String> entry(String argument) {
    String[] parts = argument.split("=", 2);
    return Map.entry(parts[0], parts[1]);
  }
}
