package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.routing.Route;

/// Routing inside your own JVM: no gateway, no network, some milliseconds a prompt.
public final class RoutePrompts {
  private RoutePrompts() {}

  /// @param arguments the model file that `embedllm train` or [TrainRouter] wrote, and a prompt
  public static void main(String[] arguments) throws IOException {
    // Keep one for the life of your program; it is safe for use by several threads.
    try (PromptRouter router = EmbedLlm.open(Path.of(arguments[0])).router()) {
      Route route = router.route(arguments[1]);
      System.out.println(route.model() + ": " + route.reason());
    }
  }
}
