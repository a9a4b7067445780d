package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GatewayUpstreamsTest {
  @TempDir Path folder;

  private List<Integer> concurrency(String... options) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            upstreams:
              - {model: slow, url: "http://127.0.0.1:9/v1", concurrency: 2}
              - {model: fast, url: "http://127.0.0.1:9/v1", concurrency: 30}
            """);
    UpstreamFlags flags = CommandLine.populateCommand(new UpstreamFlags(), options);
    return GatewayUpstreams.read(file, Map.of(), flags).stream()
        .map(ChatEndpoint::concurrency)
        .toList();
  }

  @Test
  void concurrency_isTheLeastOfCommandAndConfiguration() throws IOException {
    assertThat(concurrency()).containsExactly(2, 8);
    assertThat(concurrency("--concurrency", "5")).containsExactly(2, 5);
    assertThat(concurrency("--concurrency", "40")).containsExactly(2, 30);
  }
}
