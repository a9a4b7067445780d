package org.embedllm.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.gateway.FakeForecaster;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.store.DecisionStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("seconds")
class OpenApiTest {
  @TempDir private Path folder;

  @Test
  void description_paths_areExactlyThoseServed() throws IOException {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(
        file, "listen: 127.0.0.1:0\nupstreams:\n  - {model: a, url: http://127.0.0.1:1}\n");
    GatewayConfig config = new ConfigReader(Map.of()).read(file);
    var store =
        new DecisionStore(config.store(), folder.resolve("store.sqlite"), Clock.systemUTC());
    Map<String, String> served;
    try (Gateway gateway =
        new Gateway(
            config,
            new FakeForecaster().with("a", 0.5),
            store,
            Optional.empty(),
            List.of(),
            Clock.systemUTC())) {
      served = gateway.methods();
    }
    Map<String, String> described = new TreeMap<>();
    try (InputStream in = Gateway.class.getResourceAsStream("openapi.json")) {
      assertThat(in).isNotNull();
      JsonNode paths = ChatJson.mapper().readTree(in.readAllBytes()).path("paths");
      for (String path : paths.propertyNames()) {
        for (String method : paths.path(path).propertyNames()) {
          String name = method.toUpperCase(Locale.ROOT);
          described.merge(
              path.replaceAll("\\{[a-z]+}$", "*"),
              name.equals("GET") ? "GET, HEAD" : name,
              (first, second) -> first + ", " + second);
        }
      }
    }
    assertThat(served).isEqualTo(described);
  }
}
