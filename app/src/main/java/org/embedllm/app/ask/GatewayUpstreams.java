package org.embedllm.app.ask;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Secret;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.openai.Api;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;

/// The models of a gateway configuration as endpoints. Not loaded where the gateway is not
/// installed.
final class GatewayUpstreams {
  private GatewayUpstreams() {}

  /// One endpoint for each model: the first upstream that offers it.
  ///
  /// @throws org.embedllm.storage.BadInputException naming every problem of the file
  static List<ChatEndpoint> read(Path file, Map<String, String> environment) {
    GatewayConfig config = new ConfigReader(environment).read(file);
    Map<String, ChatEndpoint> endpoints = new LinkedHashMap<>();
    for (UpstreamConfig upstream : config.upstreams()) {
      if (upstream.api() != Api.CHAT) {
        throw BadInputException.in(
            file,
            "asks %s in another API; ask knows chat completions: give it an upstream of these"
                .formatted(upstream.model()));
      }
      endpoints.putIfAbsent(
          upstream.model(),
          new ChatEndpoint(
              upstream.url(),
              upstream.name(),
              upstream.model(),
              upstream.key().map(Secret::value),
              upstream.headers(),
              upstream.price().map(p -> new ModelPrices.Price(p.input(), p.output(), p.call())),
              Math.min(upstream.concurrency(), AskCommand.MOST_CONCURRENT),
              upstream.requestsPerMinute()));
    }
    return List.copyOf(endpoints.values());
  }
}
