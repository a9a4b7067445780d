package org.embedllm.app.ask;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Secret;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;

/// The models of a gateway configuration as endpoints. Not loaded where the gateway is not
/// installed.
final class GatewayUpstreams {
  private GatewayUpstreams() {}

  /// One endpoint for each model: the first upstream that offers it as chat completions.
  ///
  /// @param flags the pace, where it is slower than the configuration's
  /// @throws BadInputException naming every problem of the file
  static List<ChatEndpoint> read(Path file, Map<String, String> environment, UpstreamFlags flags) {
    GatewayConfig config = new ConfigReader(environment).read(file);
    Map<String, ChatEndpoint> endpoints = new LinkedHashMap<>();
    Set<String> others = new LinkedHashSet<>();
    for (UpstreamConfig upstream : config.upstreams()) {
      switch (upstream.api()) {
        case CHAT -> endpoints.putIfAbsent(upstream.model(), endpoint(upstream, flags));
        case RESPONSES, MESSAGES -> others.add(upstream.model());
        case EMBEDDINGS -> {} // Answers no prompt.
      }
    }
    others.removeAll(endpoints.keySet());
    if (!others.isEmpty()) {
      throw BadInputException.in(
          file,
          "asks %s in another API; ask knows chat completions: give it an upstream of these"
              .formatted(String.join(", ", others)));
    }
    return List.copyOf(endpoints.values());
  }

  private static ChatEndpoint endpoint(UpstreamConfig upstream, UpstreamFlags flags) {
    OptionalDouble pace = flags.pace();
    boolean slower =
        pace.isPresent()
            && pace.getAsDouble() < upstream.requestsPerMinute().orElse(Double.POSITIVE_INFINITY);
    return new ChatEndpoint(
        upstream.url(),
        upstream.name(),
        upstream.model(),
        upstream.key().map(Secret::value),
        upstream.headers(),
        upstream.price().map(p -> new ModelPrices.Price(p.input(), p.output(), p.call())),
        Math.min(upstream.concurrency(), flags.concurrency()),
        slower ? pace : upstream.requestsPerMinute());
  }
}
