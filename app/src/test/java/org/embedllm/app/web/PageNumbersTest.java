package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.embedllm.app.CommandRun;
import org.embedllm.app.SimulatedAnswers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The page over HTTP says what the commands say of the same model file, to the last digit.
@Tag("training")
class PageNumbersTest {
  private static final int[] BILLIONS = {7, 13, 70, 34, 8, 1};
  private static final String ENCODER = "minilm-l6-q";
  private static final String PROMPT = "Which river flows past the capital of Egypt?";

  @TempDir private static Path folder;
  private static Path dataset;
  private static Path model;
  private static Path prices;
  private static PageModels models;
  private static PageServer server;
  private static PageClient page;

  @BeforeAll
  static void open() throws IOException {
    dataset = folder.resolve("data");
    model = folder.resolve("model.safetensors");
    prices = folder.resolve("prices.csv");
    CommandRun.of("import", manyModels(), "--to", dataset, "--json").json();
    CommandRun.of("encode", dataset, "--encoder", ENCODER, "--json").json();
    CommandRun.of("train", dataset, "--to", model, "--json").json();
    StringBuilder csv = new StringBuilder("model,input,output,call\n");
    for (int i = 0; i < SimulatedAnswers.MODELS.size(); i++) {
      for (int v = 0; v < BILLIONS.length; v++) {
        csv.append(
            "%s,%d,%d,0%n"
                .formatted(name(SimulatedAnswers.MODELS.get(i), v), 1 + i + v, 2 + 3 * v));
      }
    }
    Files.writeString(prices, csv);
    models =
        new ExploreOptions(
                model,
                Optional.of(dataset),
                Optional.of(prices),
                Optional.empty(),
                Map.of("EMBEDLLM_CACHE", folder.resolve("cache").toString()))
            .models();
    PageClient.quietServers();
    server = new PageServer(0, new PageApi(models));
    server.start();
    page = new PageClient(server.address());
  }

  /// The simulated answers, each model in several sizes: the larger number in the list, the more of
  /// its answers are turned round.
  private static Path manyModels() throws IOException {
    Path few = SimulatedAnswers.write(folder.resolve("few"), false);
    Path many = Files.createDirectories(folder.resolve("many"));
    for (String part : new String[] {"train.csv", "val.csv", "test.csv"}) {
      try (CsvReader<NamedCsvRecord> rows =
              CsvReader.builder().ofNamedCsvRecord(few.resolve(part));
          CsvWriter csv = CsvWriter.builder().build(many.resolve(part))) {
        csv.writeRecord("prompt_id", "label", "prompt", "model_name", "category");
        for (NamedCsvRecord row : rows) {
          for (int v = 0; v < BILLIONS.length; v++) {
            String model = name(row.getField("model_name"), v);
            boolean turned =
                new Random((model + row.getField("prompt_id")).hashCode()).nextInt(40) < 2 * v;
            csv.writeRecord(
                row.getField("prompt_id"),
                turned == row.getField("label").equals("1") ? "0" : "1",
                row.getField("prompt"),
                model,
                row.getField("category"));
          }
        }
      }
    }
    return many;
  }

  private static String name(String model, int variant) {
    return model + "-" + BILLIONS[variant] + "b";
  }

  @AfterAll
  static void close() {
    page.close();
    server.close();
    models.close();
  }

  private static int id(String name) {
    for (JsonNode point : page.ready("/ui/api/map").path("models")) {
      if (point.path("name").asString().equals(name)) {
        return point.path("id").asInt();
      }
    }
    throw new AssertionError(name);
  }

  private static JsonNode experiment(String name, String encoder) throws IOException {
    Path to = folder.resolve("experiment");
    CommandRun.of(
            "experiment",
            name,
            dataset,
            "--to",
            to,
            "--prices",
            prices,
            "--encoder",
            encoder,
            "--json")
        .json();
    return new JsonMapper().readTree(Files.readString(to.resolve(name + ".json")));
  }

  @Test
  void evaluation_isThatOfTheCommand_withTheReliabilityDiagramBeside() {
    JsonNode command = CommandRun.of("evaluate", model, dataset, "--no-as-asked", "--json").json();
    ObjectNode shown = (ObjectNode) page.ready("/ui/api/evaluation?split=test");
    JsonNode bins = shown.path("reliability").path("bins");
    assertThat(bins.size()).isEqualTo(command.path("forecast").path("reliability").size());
    assertThat(bins.get(0).path("meanForecast"))
        .isEqualTo(command.path("forecast").path("reliability").get(0).path("meanProbability"));
    shown.remove("reliability");
    shown.remove("timing");
    ((ObjectNode) command).remove(List.of("timing", "trainingQuestions"));
    // What takes all answers, or other texts, the command alone measures.
    ((ObjectNode) command)
        .remove(
            List.of(
                "asAsked",
                "ceiling",
                "ceilingReason",
                "labels",
                "oneMoreAnswer",
                "oneMoreAnswerReason",
                "newBenchmarks",
                "newBenchmarksReason"));
    assertThat(shown).isEqualTo(command);
  }

  @Test
  void recommendation_isThatOfTheCommand_whichAsksInOtherFormsToo() {
    JsonNode command = CommandRun.of("evaluate", model, dataset, "--json").json();
    JsonNode shown = page.ready("/ui/api/recommendation");
    assertThat(shown.path("recommendation")).isEqualTo(command.path("recommendation"));
    assertThat(shown.path("asAsked").booleanValue()).isTrue();
    assertThat(shown.path("asAskedReason").isNull()).isTrue();
  }

  @Test
  void costs_areThoseOfTheExperiment_withTheParetoFrontMarked() throws IOException {
    JsonNode command = experiment("costs", ENCODER);
    ((ObjectNode) command).remove("kept");
    JsonNode shown = page.ready("/ui/api/costs");
    int front = 0;
    for (String list : new String[] {"points", "models"}) {
      for (JsonNode point : shown.path(list)) {
        front += point.path("pareto").asBoolean() ? 1 : 0;
        ((ObjectNode) point).remove("pareto");
        double low = ((ObjectNode) point).remove("low").asDouble();
        double high = ((ObjectNode) point).remove("high").asDouble();
        assertThat(point.path("quality").asDouble()).isBetween(low, high);
        assertThat(high - low).isBetween(0.01, 0.4);
      }
    }
    for (JsonNode single : shown.path("models")) {
      assertThat(((ObjectNode) single).remove("answered").asDouble()).isBetween(0.8, 1.0);
    }
    ((ObjectNode) shown.path("poolRouted")).remove(List.of("low", "high"));
    JsonNode everyone = ((ObjectNode) shown).remove("everyone");
    assertThat(everyone.valueStream().map(one -> one.path("name").asString()))
        .containsAll(
            shown.path("models").valueStream().map(one -> one.path("model").asString()).toList());
    assertThat(everyone.get(0).path("family").asString()).isNotEmpty();
    assertThat(front).isGreaterThanOrEqualTo(command.path("front").size()).isPositive();
    assertThat(shown).isEqualTo(command);
  }

  @Test
  void benchmarks_areThoseOfTheExperiment() throws IOException {
    JsonNode command = experiment("benchmarks", ENCODER);
    JsonNode shown = page.ready("/ui/api/benchmarks").path("benchmarks");
    assertThat(shown.size()).isEqualTo(command.size()).isEqualTo(3);
    for (int k = 0; k < command.size(); k++) {
      assertThat(shown.get(k).path("name")).isEqualTo(command.get(k).path("benchmark"));
      assertThat(shown.get(k).path("tau")).isEqualTo(command.get(k).path("tau"));
      assertThat(shown.get(k).path("mse")).isEqualTo(command.get(k).path("mse"));
      assertThat(shown.get(k).path("points").size())
          .isEqualTo(command.get(k).path("perModel").size())
          .isGreaterThan(10);
      assertThat(shown.get(k).path("tau").isNumber()).isTrue();
      for (JsonNode point : shown.get(k).path("points")) {
        assertThat(point.path("predicted").asDouble())
            .isBetween(point.path("low").asDouble(), point.path("high").asDouble());
      }
    }
  }

  @Test
  void contributions_areThoseOfTheExperiment() throws IOException {
    assertThat(page.ready("/ui/api/contributions")).isEqualTo(experiment("contributions", ENCODER));
  }

  @Test
  void communities_areThoseOfTheExperiment_andTheFamilies() throws IOException {
    Map<String, JsonNode> command = new HashMap<>();
    experiment("communities", ENCODER).forEach(c -> command.put(c.path("community").asString(), c));
    int compared = 0;
    for (JsonNode shown : page.ready("/ui/api/communities")) {
      if (shown.path("kind").asString().equals("paper")) {
        JsonNode same =
            Optional.ofNullable(command.get(shown.path("community").asString())).orElseThrow();
        assertThat(shown.path("models")).isEqualTo(same.path("models"));
        assertThat(shown.path("intra")).isEqualTo(same.path("intra"));
        assertThat(shown.path("inter")).isEqualTo(same.path("inter"));
        assertThat(shown.path("pValue")).isEqualTo(same.path("pValue"));
        compared++;
      }
    }
    assertThat(compared).isEqualTo(3);
    assertThat(page.ready("/ui/api/communities").toString()).contains("\"family\"");
  }

  @Test
  void model_hasTheNeighborsOfSimilar_andTheAccuraciesOfModels() {
    JsonNode pool = CommandRun.of("models", model, "--json").json();
    for (JsonNode row : pool) {
      String name = row.path("model").asString();
      JsonNode similar = CommandRun.of("similar", model, name, "--json").json();
      JsonNode card = page.ready("/ui/api/models/" + id(name));
      assertThat(card.path("accuracy")).isEqualTo(row.path("accuracy"));
      assertThat(card.path("cells")).isEqualTo(row.path("cells"));
      for (JsonNode benchmark : card.path("benchmarks")) {
        assertThat(benchmark.path("accuracy"))
            .isEqualTo(
                row.path("perBenchmark").path(benchmark.path("name").asString()).path("accuracy"));
      }
      for (int k = 0; k < card.path("neighbors").size(); k++) {
        JsonNode shown = card.path("neighbors").get(k);
        JsonNode told = similar.path("neighbors").get(k);
        assertThat(shown.path("name")).isEqualTo(told.path("model"));
        assertThat(shown.path("distance")).isEqualTo(told.path("distance"));
        assertThat(shown.path("sharedQuestions")).isEqualTo(told.path("sharedCells"));
        assertThat(shown.path("agreement")).isEqualTo(told.path("agreement"));
      }
    }
  }

  @Test
  void playground_routesAsTheCommand_underEveryPolicy() {
    assertSameRoute("best", "--policy", "best");
    assertSameRoute("cheapest@0.6", "--policy", "cheapest", "--target", "0.6");
    assertSameRoute("budget@0.002", "--policy", "budget", "--max-cost", "0.002");
    assertSameRoute("dial@0.7", "--policy", "dial@0.7");
  }

  private static void assertSameRoute(String policy, String... flags) {
    Object[] arguments = {
      "route", model, PROMPT, "--prices", prices, flags[0], flags[1], "--json", "", ""
    };
    if (flags.length > 2) {
      arguments[8] = flags[2];
      arguments[9] = flags[3];
    } else {
      arguments = java.util.Arrays.copyOf(arguments, 8);
    }
    JsonNode command = CommandRun.of(arguments).json();
    Map<String, Object> body = new HashMap<>();
    body.put("policy", policy);
    body.put("prompt", PROMPT);
    body.put("sequence", 41);
    JsonNode shown = PageClient.json(page.postJson("/ui/api/playground", body));
    assertThat(shown.path("sequence").asInt()).isEqualTo(41);
    assertThat(shown.path("reason")).isEqualTo(command.path("reason"));
    assertThat(shown.path("route").asInt()).isEqualTo(id(command.path("route").asString()));
    assertThat(shown.path("abstain")).isEqualTo(command.path("abstain"));
    assertThat(shown.path("ranking").size()).isEqualTo(command.path("ranking").size());
    for (int k = 0; k < shown.path("ranking").size(); k++) {
      JsonNode one = shown.path("ranking").get(k);
      JsonNode other = command.path("ranking").get(k);
      assertThat(one.path("name")).isEqualTo(other.path("model"));
      for (String key : new String[] {"probability", "low", "high", "cost"}) {
        assertThat(one.path(key)).as(key).isEqualTo(other.path(key));
      }
    }
    assertThat(shown.path("curl").asString())
        .startsWith("./embedllm route ")
        .contains(policy.equals("best") ? "-- " : " --policy " + policy + " ")
        .endsWith("-- '" + PROMPT + "'");
  }

  @Test
  void playground_showsTheNearestQuestionsAsEvidence() {
    JsonNode shown =
        PageClient.json(
            page.postJson("/ui/api/playground", Map.of("prompt", PROMPT, "policy", "best")));
    JsonNode nearest = shown.path("nearest").get(0);
    assertThat(nearest.path("benchmark").asString()).isEqualTo("geography");
    assertThat(nearest.path("similarity").asDouble()).isBetween(0.3, 1.0);
    assertThat(nearest.path("scores").path("answered").asInt()).isBetween(24, 30);
    assertThat(nearest.path("routedModelRight").isBoolean()).isTrue();
  }
}
