package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is known of a question beside its text, from the data set to the forecast, as a user gives
/// it.
@Tag("training")
class AttributeCommandsTest {
  private static final String PROMPT = "Please help with the next one.";

  @TempDir static Path folder;
  private static Path tables = Path.of("");
  private static Path model = Path.of("");

  @BeforeAll
  static void train() throws IOException {
    tables = SimulatedAnswers.write(folder.resolve("tables"), false);
    model = folder.resolve("pool.safetensors");
    JsonNode trained = CommandRun.of("train", tables, "--to", model, "--json").json();
    assertThat(trained.get("attributes").get(0).asString()).isEqualTo("benchmark");
  }

  private static double probability(JsonNode forecast, String name) {
    for (JsonNode candidate : forecast.get("ranking")) {
      if (candidate.get("model").asString().equals(name)) {
        return candidate.get("probability").asDouble();
      }
    }
    throw new AssertionError("no forecast of " + name);
  }

  @Test
  void forecast_attributeFromFileOrCommandLine_countsAlike() throws IOException {
    Path prompts = folder.resolve("prompts.csv");
    Files.writeString(
        prompts, "prompt,benchmark\n%1$s,chemistry\n%1$s,geography\n%1$s,\n".formatted(PROMPT));
    JsonNode fromFile = CommandRun.of("forecast", model, "--file", prompts, "--json").json();
    JsonNode plain = CommandRun.of("forecast", model, PROMPT, "--json").json();
    JsonNode told =
        CommandRun.of("forecast", model, PROMPT, "--attribute", "benchmark=chemistry", "--json")
            .json();
    assertThat(told.get("ranking")).isEqualTo(fromFile.get(0).get("ranking"));
    assertThat(plain.get("ranking")).isEqualTo(fromFile.get(2).get("ranking"));
    if (!plain.get("abstain").asBoolean()) {
      assertThat(probability(told, "lab/chemist"))
          .isGreaterThan(probability(fromFile.get(1), "lab/chemist"));
    }
  }

  @Test
  void route_unknownAttribute_isRefusedWithThoseThatThereAre() {
    CommandRun refused = CommandRun.of("route", model, PROMPT, "--attribute", "tools=3");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("no attribute \"tools\"").contains("benchmark");
  }

  @Test
  void evaluate_knownAndWithheld_standSideBySideWithTheTableAndAsAsked() {
    JsonNode known = CommandRun.of("evaluate", model, tables, "--json").json();
    assertThat(known.get("attributes").get("used").get(0).asString()).isEqualTo("benchmark");
    JsonNode withheld = known.get("forecast").get("withheld");
    assertThat(withheld.get("accuracy").asDouble()).isGreaterThan(0.5);
    assertThat(known.get("forecast").get("baselines").get("table").asDouble()).isGreaterThan(0.5);
    assertThat(known.get("forecast").get("baselines").has("tableInterval")).isTrue();
    assertThat(known.get("routing").get("table").asDouble()).isGreaterThan(0.5);
    JsonNode asAsked = known.get("asAsked");
    assertThat(asAsked.get("sameChoice").asDouble()).isBetween(0.5, 1.0);
    assertThat(asAsked.get("forecast").get("accuracy").asDouble()).isGreaterThan(0.6);
    assertThat(asAsked.get("routing").get("router").asDouble()).isGreaterThan(0.6);

    JsonNode without =
        CommandRun.of("evaluate", model, tables, "--withhold-attributes", "--no-as-asked", "--json")
            .json();
    assertThat(without.get("attributes").get("used").isEmpty()).isTrue();
    assertThat(without.get("forecast").get("logLoss")).isEqualTo(withheld.get("logLoss"));
    assertThat(without.get("asAsked").isNull()).isTrue();
  }

  @Test
  void train_withoutAttributes_knowsNone() {
    Path plain = folder.resolve("plain.safetensors");
    JsonNode trained =
        CommandRun.of("train", tables, "--to", plain, "--no-attributes", "--json").json();
    assertThat(trained.get("attributes").isEmpty()).isTrue();
    CommandRun refused = CommandRun.of("forecast", plain, PROMPT, "--attribute", "benchmark=x");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("knows no attributes");
  }
}
