package org.embedllm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.embedllm.artifact.RightFrom;
import org.embedllm.client.AddedModel;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("training")
class ExamplesTest {
  @TempDir private Path folder;

  /// Two models: one knows birds, the other knows numbers.
  private Path answers() throws IOException {
    StringBuilder csv = new StringBuilder("model_name,prompt,label\n");
    for (int k = 1; k <= 40; k++) {
      String bird = "Which bird sings song number " + k + " at dawn in the old forest?";
      String sum = "What is the sum of " + k + " and " + (3 * k + 1) + "?";
      csv.append("ornithologist,").append(bird).append(",1\n");
      csv.append("ornithologist,").append(sum).append(",0\n");
      csv.append("accountant,").append(bird).append(",0\n");
      csv.append("accountant,").append(sum).append(",1\n");
    }
    return Files.writeString(folder.resolve("answers.csv"), csv);
  }

  @Test
  void routerTrainedOnATable_sendsPromptsToWhoKnows() throws IOException {
    Path model = folder.resolve("pool.safetensors");
    TrainRouter.train(answers(), model, TrainingOptions.DEFAULT.withDimension(16));
    try (PromptRouter routes = EmbedLlm.open(model).router()) {
      assertThat(routes.route("What is the sum of 91 and 17?").model()).isEqualTo("accountant");
      assertThat(routes.route("Which bird sings in the forest at night?").model())
          .isEqualTo("ornithologist");
    }
  }

  @Test
  void newModelAndOutcomes_onAPoolTrainedFromATable_areTakenIn() throws IOException {
    Path model = folder.resolve("kernel.safetensors");
    trainKernel(answers(), model);
    var ability =
        NewModel.measure(model, question -> question.text().contains("sum") ? 1 : 0, 0.02, 20);
    assertThat(ability.answers().count()).isBetween(1, 20);
    assertThat(ability.accuracy().value()).isBetween(0.2, 0.8);
    LearnFromUse use = new LearnFromUse(model, "accountant");
    assertThat(use.feedback(new float[384], 1)).isFalse();
    assertThat(use.count()).isEqualTo(1);
  }

  @Test
  void votes_onTwoKindsOfQuestions_givePreferencesForEachKind() throws IOException {
    StringBuilder csv = new StringBuilder("model_a,model_b,winner,prompt\n");
    for (int k = 1; k <= 60; k++) {
      String first = k % 2 == 0 ? "ornithologist,accountant," : "accountant,ornithologist,";
      csv.append(first + "ornithologist,Which bird sings song number " + k + " at dawn?\n");
      csv.append(first + "accountant,What is the sum of " + k + " and " + 3 * k + "?\n");
    }
    Path votes = Files.writeString(folder.resolve("votes.csv"), csv);
    var preferred =
        VotesAndFacts.preferences(
            votes, folder.resolve("votes.safetensors"), "What is the sum of 91 and 17?");
    assertThat(preferred.get("accountant")).isGreaterThan(0.5);
    assertThat(preferred.get("ornithologist")).isLessThan(0.5);
  }

  @Test
  void modelWithoutAnswers_isExpectedNearThePoolWithAWideInterval() throws IOException {
    Path model = folder.resolve("pool.safetensors");
    EmbedLlm.train(answers(), "minilm-l6", model);
    AddedModel added = addByFacts(model, "botanist", Map.of());
    assertThat(added.answers()).isZero();
    assertThat(added.expected()).isBetween(0.3, 0.7);
    assertThat(added.high() - added.low()).isGreaterThan(0.3);
  }

  @Test
  void facts_ofSizeThatAbilityFollows_moveWhatIsExpected() throws IOException {
    StringBuilder csv = new StringBuilder("model_name,prompt,label\n");
    for (int size = 1; size <= 8; size++) {
      for (int k = 0; k < 40; k++) {
        csv.append(
            "model%c-%db,What is the sum of %d and %d?,%d%n"
                .formatted('a' + size, size * size, k, 3 * k, (7 * k) % 10 < size ? 1 : 0));
      }
    }
    Path model = folder.resolve("sizes.safetensors");
    EmbedLlm.train(Files.writeString(folder.resolve("sizes.csv"), csv), "minilm-l6", model);
    AddedModel small = addByFacts(model, "new", Map.of("parameters", "1"));
    AddedModel large = addByFacts(model, "new", Map.of("parameters", "64"));
    assertThat(large.expected()).isGreaterThan(small.expected() + 0.2);
    assertThat(large.high()).isGreaterThan(large.expected());
  }

  private AddedModel addByFacts(Path model, String name, Map<String, String> facts)
      throws IOException {
    return VotesAndFacts.addByFacts(model, name, facts, folder.resolve("added.safetensors"));
  }

  @Test
  void answersOfANewModel_giveItAPlaceAndAForecast() throws IOException {
    Path model = folder.resolve("pool.safetensors");
    EmbedLlm.train(answers(), "minilm-l6", model);
    StringBuilder csv = new StringBuilder("model_name,prompt,label\n");
    for (int k = 1; k <= 20; k++) {
      csv.append("clerk,What is the sum of " + k + " and " + (3 * k + 1) + "?,1\n");
      csv.append("clerk,Which bird sings song number " + k + " at dawn in the old forest?,0\n");
    }
    csv.append("clerk,What is the sum of 200 and 300?,1\n"); // unknown to the pool
    Path target = folder.resolve("clerk.safetensors");
    Path table = Files.writeString(folder.resolve("clerk.csv"), csv);
    List<AddedModel> added = VotesAndFacts.addByAnswers(model, table, target);
    assertThat(added).extracting(AddedModel::model).containsExactly("clerk");
    assertThat(added.getFirst().answers()).isEqualTo(41);
    try (PromptRouter router = EmbedLlm.open(target).router()) {
      assertThat(router.models()).containsExactly("ornithologist", "accountant", "clerk");
      var sums = router.route("What is the sum of 91 and 17?").ranking();
      assertThat(sums.getLast().model()).isEqualTo("ornithologist");
    }
    assertThatThrownBy(() -> VotesAndFacts.addByAnswers(target, table, target))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("\"clerk\" already");
  }

  @Test
  void votesOnANewModel_giveItAPlaceInAPoolFromVotes() throws IOException {
    StringBuilder csv = new StringBuilder("model_a,model_b,winner,prompt\n");
    StringBuilder more = new StringBuilder("model_a,model_b,winner,prompt\n");
    for (int k = 1; k <= 60; k++) {
      String text = "Which bird sings song number " + k + " at dawn?";
      csv.append("weak,strong," + (k % 4 == 0 ? "weak," : "strong,") + text + "\n");
      csv.append("strong,weak," + (k % 4 == 1 ? "weak," : "strong,") + text + "\n");
      more.append("best,strong,best," + text + "\n");
    }
    Path model = folder.resolve("votes.safetensors");
    EmbedLlm.train(Files.writeString(folder.resolve("votes.csv"), csv), "minilm-l6", model);
    List<AddedModel> added =
        VotesAndFacts.addByAnswers(
            model,
            Files.writeString(folder.resolve("more.csv"), more),
            folder.resolve("best.safetensors"));
    assertThat(added).hasSize(1);
    assertThat(added.getFirst().answers()).isEqualTo(60);
    assertThat(added.getFirst().expected()).isGreaterThan(0.6);
    try (EmbedLlm pool = EmbedLlm.open(folder.resolve("best.safetensors"))) {
      assertThat(pool.quantity()).isEqualTo(ForecastQuantity.PREFERENCE);
    }
    assertThatThrownBy(() -> addByFacts(model, "other", Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("learned from votes");
  }

  @Test
  void gradedScores_fromAThreshold_areLabels() throws IOException {
    StringBuilder csv = new StringBuilder("model_name,prompt,score\n");
    for (int k = 1; k <= 40; k++) {
      csv.append("steady,What is the sum of " + k + " and 3?,0.7\n");
      csv.append("careless,What is the sum of " + k + " and 3?,0.6\n");
    }
    Path graded = Files.writeString(folder.resolve("graded.csv"), csv);
    Path model = folder.resolve("labels.safetensors");
    VotesAndFacts.labels(graded, 0.65, model);
    try (EmbedLlm pool = EmbedLlm.open(model)) {
      assertThat(pool.artifact().training().accuracy(0)).isEqualTo(1);
      assertThat(pool.artifact().training().accuracy(1)).isZero();
      assertThat(RightFrom.of(pool.artifact())).hasValue(0.65);
    }
    assertThatThrownBy(() -> VotesAndFacts.labels(graded, 65, model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 1");
  }

  @Test
  void modelsThatWriteLikeGoodOnes_areExpectedToBeBetter() throws IOException {
    StringBuilder jsonl = new StringBuilder();
    StringBuilder outputs = new StringBuilder("model_name,output\n");
    for (int k = 0; k < 60; k++) {
      for (int i = 0; i < 6; i++) {
        boolean right = (7 * k + 3 * i) % 10 < (i < 3 ? 8 : 3);
        jsonl.append(
            "{\"model_name\":\"%c\",\"prompt\":\"What is %d plus %d?\",\"score\":%d,\"output\":\"%s\"}%n"
                .formatted('a' + i, k, 3 * k, right ? 1 : 0, written(i < 3, k)));
      }
      outputs.append("deriving,\"" + written(true, k + 60) + "\"\n");
      outputs.append("sorry,\"" + written(false, k + 60) + "\"\n");
    }
    Path dataset = folder.resolve("data");
    Path answers = Files.writeString(folder.resolve("written.jsonl"), jsonl);
    var importer =
        new DatasetImporter(ImportOptions.DEFAULT.withOutputsKept(true), ImportProgress.NONE);
    DatasetDirectory.write(() -> importer.read(List.of(answers)), dataset, false);
    List<AddedModel> added =
        VotesAndFacts.addByOutputs(
            dataset,
            folder.resolve("written.safetensors"),
            Files.writeString(folder.resolve("outputs.csv"), outputs),
            folder.resolve("more.safetensors"));
    assertThat(added).extracting(AddedModel::model).containsExactly("deriving", "sorry");
    assertThat(added.getFirst().expected()).isGreaterThan(added.getLast().expected() + 0.2);
    assertThat(added.getFirst().answers()).isZero();
  }

  private static String written(boolean derives, int k) {
    return derives
        ? "Adding the tens and then the units of %d and %d gives the sum %d."
            .formatted(k, 3 * k, 4 * k)
        : "I am sorry, I would rather talk about gardens, cats and holidays, friend " + k + ".";
  }

  private static void trainKernel(Path csv, Path model) throws IOException {
    var dataset = org.embedllm.ingest.DatasetLoader.load(csv);
    var train = dataset.data().part(org.embedllm.correctness.SplitPart.TRAIN);
    var validation = dataset.data().part(org.embedllm.correctness.SplitPart.VALIDATION);
    var questions = new java.util.ArrayList<>(train.questions());
    questions.addAll(validation.questions());
    org.embedllm.question.QuestionVectors vectors;
    try (var encoder =
        org.embedllm.onnx.Encoders.open(
            org.embedllm.onnx.Encoders.DEFAULT,
            org.embedllm.onnx.EncoderSettings.of(System.getenv()))) {
      vectors =
          new org.embedllm.question.QuestionVectors(
              questions.stream().map(org.embedllm.correctness.Question::id).toList(),
              encoder.encode(
                  questions.stream().map(org.embedllm.correctness.Question::text).toList()),
              encoder.identity());
    }
    new org.embedllm.artifact.PoolTrainer(
            new org.embedllm.kernel.KernelFactorizationTrainer(
                org.embedllm.kernel.KernelOptions.DEFAULT),
            "my program 1.0")
        .train(
            new org.embedllm.artifact.PoolTrainer.Input(
                train,
                validation,
                vectors,
                dataset.data().digest(),
                java.util.Map.of(),
                java.util.Map.of()),
            epoch -> {})
        .write(model, true);
  }

  @Test
  void pricedRouting_oneModel_isNotRouted() {
    var question = new org.embedllm.correctness.Question("q", "t", "");
    var answers =
        org.embedllm.correctness.CorrectnessMatrix.ofDense(
            java.util.List.of("one"), java.util.List.of(question), new float[][] {{1}});
    var priced =
        new org.embedllm.routing.PricedForecasts(
            answers,
            org.embedllm.tensor.FloatMatrix.wrap(1, 1, new float[] {0.7f}),
            new double[] {0.01},
            org.embedllm.correctness.AnswerCounts.of(answers));
    assertThat(PricedRouting.verdict(priced, priced)).startsWith("do not route for cost");
    assertThat(PricedRouting.dial(priced, 1, 0.01).quality()).isEqualTo(1);
  }
}
