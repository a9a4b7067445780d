package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.Sha256;
import org.embedllm.storage.UserCache;
import org.embedllm.tensor.Safetensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// The commands of the main job on simulated answers, as a user would give them.
@Tag("training")
class TaskCommandsTest {
  private static final Object[] QUICK = {
    "--published", "--dimension", 8, "--epochs", 40, "--learning-rate", 0.01
  };

  @TempDir static Path folder;
  private static Path dataset = Path.of("");
  private static Path model = Path.of("");
  private static CommandRun imported = new CommandRun(-1, "", "");
  private static CommandRun trained = new CommandRun(-1, "", "");

  @BeforeAll
  static void importAndTrain() throws IOException {
    Path tables = SimulatedAnswers.write(folder.resolve("tables"), false);
    dataset = folder.resolve("dataset");
    model = folder.resolve("pool.safetensors");
    imported = CommandRun.of("import", tables, "--to", dataset, "--json");
    trained = train(dataset, model);
  }

  private static CommandRun train(Path from, Path to, Object... more) {
    List<Object> words = new ArrayList<>(List.of("train", from, "--to", to, "--json"));
    words.addAll(List.of(QUICK));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray());
  }

  @Test
  void importAndTrain_asJson_haveTheContractsKeys() throws IOException {
    assertThat(ContractKeys.missing("import", imported.json())).isEmpty();
    assertThat(ContractKeys.missing("train", trained.json())).isEmpty();
    assertThat(trained.json().get("epochs").asInt()).isEqualTo(40);
    assertThat(trained.json().get("trainLoss").size()).isEqualTo(40);
    assertThat(trained.err()).contains("train: 40 of 40 epochs").contains("validation");
    assertThat(folder.resolve("pool.safetensors.checkpoint")).doesNotExist();
    assertThat(folder.resolve("pool.safetensors.questions")).isDirectory();
  }

  @Test
  void evaluate_asJson_hasTheContractsKeysAndTheRightNumbers() throws IOException {
    JsonNode json = CommandRun.of("evaluate", model, dataset, "--json").json();
    assertThat(ContractKeys.missing("evaluate", json)).isEmpty();
    assertThat(json.get("split").asString()).isEqualTo("test");
    assertThat(json.get("questions").asInt()).isEqualTo(36);
    int cells = 0;
    int oracle = 0;
    for (int j = 114; j < 150; j++) {
      boolean some = false;
      for (int i = 0; i < SimulatedAnswers.MODELS.size(); i++) {
        boolean observed = SimulatedAnswers.observed(i, j);
        cells += observed ? 1 : 0;
        some |= observed && SimulatedAnswers.right(i, j);
      }
      oracle += some ? 1 : 0;
    }
    assertThat(json.get("cells").asInt()).isEqualTo(cells);
    JsonNode routing = json.get("routing");
    assertThat(routing.get("oracle").asDouble()).isCloseTo(oracle / 36.0, within(1e-9));
    // Three specialists in clearly different languages: the router finds each.
    assertThat(routing.get("router").asDouble())
        .isGreaterThan(routing.get("singleBest").get("accuracy").asDouble() + 0.2);
    assertThat(json.get("recommendation").get("use").asString()).isEqualTo("router");
    assertThat(json.get("recommendation").get("policy").asString()).isEqualTo("best");
    assertThat(json.get("usage").isNull()).isTrue();
    assertThat(json.get("forecast").get("accuracy").asDouble()).isGreaterThan(0.75);
  }

  @Test
  void evaluate_forPeople_saysWhatToUseInWords() {
    CommandRun run = CommandRun.of("evaluate", model, dataset);
    assertThat(run.out())
        .contains("Split test")
        .contains("oracle (the best model of each)")
        .contains("Route for quality with the router")
        .contains("geography")
        .contains("majority per model and benchmark");
  }

  @Test
  void evaluate_ofABareFile_usesAllItsRows() throws IOException {
    JsonNode json =
        CommandRun.of("evaluate", model, folder.resolve("tables/test.csv"), "--json").json();
    assertThat(json.get("split").asString()).isEqualTo("all");
    assertThat(json.get("questions").asInt()).isEqualTo(36);
  }

  @Test
  void evaluate_onQuestionsOfTheTraining_saysHowMany() throws IOException {
    CommandRun test = CommandRun.of("evaluate", model, dataset, "--json");
    assertThat(test.json().get("trainingQuestions").asInt()).isZero();
    assertThat(test.err()).doesNotContain("trained on");
    CommandRun all = CommandRun.of("evaluate", model, dataset, "--split", "all", "--json");
    int train =
        CommandRun.of("import", dataset, "--to", folder.resolve("again"), "--json")
            .json()
            .get("splits")
            .get("train")
            .asInt();
    assertThat(all.json().get("trainingQuestions").asInt()).isEqualTo(train);
    assertThat(all.err())
        .contains(
            "%d of these 150 questions are among those the model was trained on".formatted(train));
  }

  @Test
  void evaluate_withoutTheTrainingQuestions_answersNullWithAReason() throws IOException {
    Path lean = folder.resolve("lean.safetensors");
    train(dataset, lean, "--no-questions");
    assertThat(folder.resolve("lean.safetensors.questions")).doesNotExist();
    JsonNode json = CommandRun.of("evaluate", lean, dataset, "--json").json();
    JsonNode baselines = json.get("forecast").get("baselines");
    assertThat(baselines.get("knn").isNull()).isTrue();
    assertThat(baselines.get("knnReason").asString()).contains("--no-questions");
    assertThat(json.get("routing").get("knn").isNull()).isTrue();
    assertThat(json.get("trainingQuestions").isNull()).isTrue();
    assertThat(json.get("trainingQuestionsReason").asString()).contains("--no-questions");
  }

  @Test
  void evaluate_ofOtherModels_isRefusedWithASuggestion() throws IOException {
    Path other = folder.resolve("other.csv");
    Files.writeString(
        other, "model_name,prompt,label\nlab/addder,What is 1 + 1?,1\nlab/addder,And 2?,0\n");
    CommandRun run = CommandRun.of("evaluate", model, other);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("none of them in").contains("did you mean lab/adder");
  }

  @Test
  void train_whenTestLabelsChange_learnsTheSame() throws IOException {
    Path tables = SimulatedAnswers.write(folder.resolve("flipped"), true);
    Path flipped = folder.resolve("flipped.safetensors");
    assertThat(train(tables, flipped).status()).isZero();
    Safetensors before = Safetensors.open(model);
    for (var tensor : before.tensors().entrySet()) {
      if (tensor.getValue().type() == Safetensors.ElementType.F32) {
        assertThat(Safetensors.open(flipped).floats(tensor.getKey()))
            .as(tensor.getKey())
            .isEqualTo(before.floats(tensor.getKey()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"train,--to", "export,--to", "experiment,--to"})
  void target_thatCannotBeWritten_isRefusedBeforeTheWork(String command, String option)
      throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("in-the-way-" + command), "a file");
    Path target = inTheWay.resolve("out.csv");
    CommandRun run =
        command.equals("experiment")
            ? CommandRun.of(command, "table1", dataset, option, target)
            : CommandRun.of(command, dataset, option, target);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("cannot be written: " + inTheWay).hasLineCount(1);
  }

  @Test
  void train_withTheSameSeed_givesTheSameBytesWhateverTheThreads() throws IOException {
    Path again = folder.resolve("again.safetensors");
    train(dataset, again, "--threads", 1);
    assertThat(again).hasSameBinaryContentAs(model);
    Path other = folder.resolve("other-seed.safetensors");
    train(dataset, other, "--seed", 5);
    assertThat(Files.mismatch(other, model)).isNotEqualTo(-1);
  }

  @Test
  void train_withoutABenchmarkAndOnFewQuestions_countsOnlyThose() throws IOException {
    Path part = folder.resolve("part.safetensors");
    train(dataset, part, "--exclude-benchmark", "chemistry", "--train-questions", 40);
    JsonNode rows = CommandRun.of("models", part, "--json").json();
    assertThat(rows.get(0).get("perBenchmark").has("chemistry")).isFalse();
    assertThat(rows.get(0).get("cells").asInt()).isLessThanOrEqualTo(40);
    JsonNode options =
        CommandRun.of("inspect", part, "--json").json().get("metadata").get("options");
    assertThat(options.get("exclude-benchmark").asString()).isEqualTo("chemistry");
    CommandRun wrong = train(dataset, part, "--exclude-benchmark", "chemistri");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("did you mean chemistry?");
  }

  @Test
  void tune_asJson_choosesFromWhatItTried() throws IOException {
    JsonNode json =
        CommandRun.of(
                "tune",
                dataset,
                "--published",
                "--epochs",
                5,
                "--dimensions",
                "2,4",
                "--neighbors",
                "3,9",
                "--json")
            .json();
    assertThat(ContractKeys.missing("tune", json)).isEmpty();
    assertThat(json.get("chosen").get("d").asInt()).isIn(2, 4);
    assertThat(json.get("chosen").get("k").asInt()).isIn(3, 9);
  }

  @Test
  void tune_again_goesOnWhereItStopped() throws IOException {
    Object[] command = {
      "tune",
      dataset,
      "--published",
      "--epochs",
      3,
      "--dimensions",
      "3",
      "--neighbors",
      "3",
      "--json"
    };
    CommandRun.of(command).json();
    Path kept = UserCache.folder(System.getenv()).resolve("tune");
    try (Stream<Path> files = Files.walk(kept)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
        Files.writeString(
            file, "{\"sha256\":\"%s\",\"value\":0.125}".formatted(Sha256.of("0.125")));
      }
    }

    // The accuracy was read where it was kept.
    assertThat(CommandRun.of(command).json().at("/d/3").asDouble()).isEqualTo(0.125);
    AtomicDirectory.delete(kept);
  }

  @Test
  void route_ofOnePrompt_takesTheSpecialist() throws IOException {
    JsonNode json =
        CommandRun.of("route", model, "Which river flows past the capital of Chad?", "--json")
            .json();
    assertThat(ContractKeys.missing("route", json)).isEmpty();
    assertThat(json.get("route").asString()).isEqualTo("lab/traveller");
    assertThat(json.get("ranking").get(0).get("model").asString()).isEqualTo("lab/traveller");
    assertThat(json.get("ranking").get(0).get("cost").isNull()).isTrue();
    assertThat(json.get("reason").asString()).isNotBlank();
  }

  @Test
  void forecast_ofAFile_hasOneObjectAPrompt() throws IOException {
    Path lines = folder.resolve("prompts.txt");
    Files.writeString(lines, "Compute the sum 2 + 3 × 4.\n\nHow many electrons has helium?\n");
    JsonNode json = CommandRun.of("forecast", model, "--file", lines, "--json").json();
    assertThat(json.size()).isEqualTo(2);
    assertThat(ContractKeys.missing("forecast", json.get(0))).isEmpty();
    assertThat(json.get(0).get("ranking").get(0).get("model").asString()).startsWith("lab/adder");
    assertThat(json.get(1).get("ranking").get(0).get("model").asString()).isEqualTo("lab/chemist");

    Path jsonLines = folder.resolve("prompts.jsonl");
    Files.writeString(
        jsonLines,
        "{\"prompt\": \"Compute the sum 2 + 3 × 4.\"}\n\"How many electrons has helium?\"\n");
    JsonNode same = CommandRun.of("forecast", model, "--file", jsonLines, "--json").json();
    assertThat(same.get(1).get("prompt").asString()).isEqualTo("How many electrons has helium?");
    assertThat(same.get(0).get("ranking")).isEqualTo(json.get(0).get("ranking"));
  }

  @Test
  void results_ofManyPrompts_areWrittenPartByPart_asOneArray() throws IOException {
    Path lines = folder.resolve("many.txt");
    List<String> prompts = IntStream.range(0, 300).mapToObj("Compute 7 + %d."::formatted).toList();
    Files.write(lines, prompts);
    for (String command : List.of("forecast", "route")) {
      JsonNode json = CommandRun.of(command, model, "--file", lines, "--json").json();
      assertThat(json.valueStream().map(one -> one.get("prompt").asString()))
          .containsExactlyElementsOf(prompts);
    }
  }

  @Test
  void route_byPrice_needsPricesAndUsesThem() throws IOException {
    String prompt = "Which river flows past the capital of Chad?";
    CommandRun without = CommandRun.of("route", model, prompt, "--target", 0.1);
    assertThat(without.status()).isEqualTo(2);
    assertThat(without.err()).contains("--prices");
    Path prices = folder.resolve("prices.csv");
    Files.writeString(
        prices,
        "model,input,output,call\nlab/traveller,3,15,0\nlab/guesser,0.1,0.4,0\nlab/travelller,1,1,0\n");
    CommandRun cheapest =
        CommandRun.of(
            "route",
            model,
            prompt,
            "--policy",
            "cheapest",
            "--target",
            0.01,
            "--prices",
            prices,
            "--json");
    assertThat(cheapest.json().get("route").asString()).isEqualTo("lab/guesser");
    assertThat(cheapest.err()).contains("did you mean lab/traveller");
    JsonNode best = CommandRun.of("route", model, prompt, "--prices", prices, "--json").json();
    assertThat(best.get("ranking").get(0).get("cost").asDouble()).isGreaterThan(0.004);
  }

  @Test
  void route_withinAnAverageBudget_keepsItOverTheFileAndOverTraining() throws IOException {
    Path prices = folder.resolve("average-prices.csv");
    Files.writeString(prices, "model,call\nlab/traveller,3\nlab/adder,2\nlab/guesser,0.5\n");
    Path lines = folder.resolve("average-prompts.txt");
    Files.writeString(
        lines,
        "Which river flows past the capital of Chad?\nCompute the sum 2 + 3 × 4.\nHow many electrons has helium?\n");
    for (double budget : new double[] {0.5, 1.2, 1.9, 5}) {
      JsonNode json =
          CommandRun.of(
                  "route",
                  model,
                  "--file",
                  lines,
                  "--max-mean-cost",
                  budget,
                  "--prices",
                  prices,
                  "--json")
              .json();
      double mean = 0;
      for (JsonNode one : json) {
        assertThat(one.get("averagedOver").asString()).isEqualTo("prompts");
        assertThat(one.get("ranking").get(0).get("model")).isEqualTo(one.get("route"));
        mean += one.get("ranking").get(0).get("cost").asDouble() / json.size();
      }
      assertThat(mean).isLessThanOrEqualTo(budget + 1e-9);
      assertThat(json.get(0).get("meanCost").asDouble()).isCloseTo(mean, within(1e-9));
    }
    JsonNode single =
        CommandRun.of(
                "route",
                model,
                "Which river flows past the capital of Chad?",
                "--policy",
                "budget",
                "--max-mean-cost",
                1.5,
                "--prices",
                prices,
                "--json")
            .json();
    assertThat(ContractKeys.missing("route", single)).isEmpty();
    assertThat(single.get("averagedOver").asString()).isEqualTo("training questions");
    assertThat(single.get("meanCost").asDouble()).isLessThanOrEqualTo(1.5);
  }

  @Test
  void similar_toAModelWithATwin_isTheTwin() throws IOException {
    JsonNode json = CommandRun.of("similar", model, "lab/adder", "--json").json();
    assertThat(ContractKeys.missing("similar", json)).isEmpty();
    JsonNode nearest = json.get("neighbors").get(0);
    assertThat(nearest.get("model").asString()).isEqualTo("lab/adder-twin");
    assertThat(nearest.get("sharedCells").asInt()).isEqualTo(90);
    assertThat(nearest.get("agreement").asDouble()).isEqualTo(1);
  }

  @Test
  void models_listsThePoolWithWhatWasObserved() throws IOException {
    JsonNode json = CommandRun.of("models", model, "--json").json();
    assertThat(ContractKeys.missing("models", json)).isEmpty();
    assertThat(json.size()).isEqualTo(SimulatedAnswers.MODELS.size());
    for (JsonNode row : json) {
      int i = SimulatedAnswers.MODELS.indexOf(row.get("model").asString());
      int cells = 0;
      int right = 0;
      for (int j = 0; j < 90; j++) {
        cells += SimulatedAnswers.observed(i, j) ? 1 : 0;
        right += SimulatedAnswers.observed(i, j) && SimulatedAnswers.right(i, j) ? 1 : 0;
      }
      assertThat(row.get("cells").asInt()).isEqualTo(cells);
      assertThat(row.get("accuracy").asDouble()).isCloseTo((double) right / cells, within(1e-9));
    }
  }

  @Test
  void inspect_showsMetadataAndShapes() throws IOException {
    JsonNode json = CommandRun.of("inspect", model, "--json").json();
    assertThat(ContractKeys.missing("inspect", json)).isEmpty();
    assertThat(json.get("tensors").get("P.weight").get(0).asInt()).isEqualTo(5);
    assertThat(json.get("metadata").get("options").get("epochs").asString()).isEqualTo("40");
  }

  @Test
  void benchmark_ofUnansweredQuestions_foretellsWhoIsGoodAtThem() throws IOException {
    StringBuilder csv = new StringBuilder("id,prompt\n");
    for (int j = 300; j < 330; j += 3) {
      csv.append(j).append(',').append('"').append(SimulatedAnswers.text(j)).append("\"\n");
    }
    Path questions = folder.resolve("questions.csv");
    Files.writeString(questions, csv.toString());
    JsonNode json = CommandRun.of("benchmark", model, questions, "--json").json();
    assertThat(ContractKeys.missing("benchmark", json)).isEmpty();
    JsonNode adder = json.get("perModel").get("lab/adder");
    assertThat(adder.get("predictedAccuracy").asDouble()).isGreaterThan(0.6);
    assertThat(adder.get("low").asDouble()).isLessThan(adder.get("predictedAccuracy").asDouble());
    assertThat(json.get("perModel").get("lab/guesser").get("predictedAccuracy").asDouble())
        .isLessThan(0.5);
  }

  @ParameterizedTest
  @CsvSource({
    "similar|MODEL|lab/ader, did you mean lab/adder",
    "similar|absent.safetensors|x, does not exist",
    "evaluate|MODEL|DATASET|--split|tset, must be train; val; test or all",
    "route|MODEL|x|--policy|bets, Did you mean",
    "route|MODEL|x|--policy|cheapest@1.5, cheapest@P takes a probability from 0 to 1",
    "route|MODEL|x|--policy|dial@0.3|--dial|0.4, has its number",
    "route|MODEL|x|--policy|cheapest, needs --target",
    "route|MODEL|x|--target|1.5, a probability from 0 to 1",
    "route|MODEL|x|--max-mean-cost|-1, must not be negative",
    "route|MODEL|x|--max-mean-cost|1|--max-cost|2, leave out --max-cost",
    "route|MODEL|x|--max-mean-cost|1|--policy|best, for --policy budget",
    "route|MODEL|x|--max-mean-cost|1, needs prices",
    "forecast|MODEL|--file|absent.txt, absent.txt",
    "train|DATASET|--to|x.safetensors|--dimension|0, dimension must be",
    "train|DATASET|--to|DATASET, is a directory",
    "train|DATASET|--to|x.safetensors|--train-questions|100000, must be between 1 and the 90",
    "train|DATASET|--to|x.safetensors|--encoder|minilm, minilm",
  })
  void wrongUsage_isOneClearLineAndStatusTwo(String line, String expected) {
    Object[] words = List.of(line.split("\\|", -1)).toArray();
    for (int at = 0; at < words.length; at++) {
      words[at] =
          words[at].equals("MODEL") ? model : words[at].equals("DATASET") ? dataset : words[at];
    }
    CommandRun run = CommandRun.of(words);
    assertThat(run.status()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(expected.replace(';', ','));
    assertThat(run.out()).isEmpty();
    assertThat(run.err().strip().lines().count()).isLessThanOrEqualTo(2);
  }
}
