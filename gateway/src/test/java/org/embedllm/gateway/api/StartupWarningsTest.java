package org.embedllm.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.embedllm.gateway.FakeForecaster;
import org.embedllm.gateway.config.ConfigReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupWarningsTest {
  private static final String PRICED =
      "  - {model: a, url: \"http://127.0.0.1:1/v1\", price: {input: 1}}\n";
  private static final String UNPRICED = "  - {model: b, url: \"http://127.0.0.1:1/v1\"}\n";
  private static final String KEY =
      "keys:\n  - {name: alice, sha256: %s, budget: {usd: 1}}\n".formatted("ab".repeat(32));

  @TempDir private Path folder;

  private List<String> warnings(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), yaml);
    FakeForecaster forecaster = new FakeForecaster().with("a", 0.9).with("b", 0.6);
    return StartupWarnings.of(
        new ConfigReader(Map.of()).read(file), forecaster, "pool.safetensors");
  }

  @Test
  void everythingInOrder_isNotWorthAWord() throws IOException {
    assertThat(warnings("upstreams:\n" + PRICED + UNPRICED)).isEmpty();
  }

  @Test
  void upstream_withoutVector_isNamedWithTheCommandThatGivesOne() throws IOException {
    assertThat(
            warnings("upstreams:\n" + PRICED + "  - {model: bb, url: \"http://127.0.0.1:1/v1\"}\n"))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith("upstream \"bb\" has no vector in pool.safetensors")
                    .contains("Did you mean \"b\"?")
                    .contains("embedllm add pool.safetensors RESPONSES --to MODEL2"),
            second -> assertThat(second).isEqualTo("1 of the 2 models have no upstream"));
  }

  @Test
  void price_unknownWhereItMatters_isToldWithWhatFollows() throws IOException {
    assertThat(warnings("policy: cheapest@0.5\n" + KEY + "upstreams:\n" + PRICED + UNPRICED))
        .containsExactly(
            "no price is known of \"b\": policy cheapest@0.5 takes them for the dearest, and what they"
                + " answer is not counted in the budget of alice");
    assertThat(warnings(KEY + "upstreams:\n" + PRICED + PRICED.replace("model: a", "model: b")))
        .isEmpty();
  }
}
