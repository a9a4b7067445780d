package org.embedllm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.factorization.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    Path model = folder.resolve("kernel.safetensors");
    trainKernel(answers(), model);
    var expected = VotesAndFacts.expected(model, "botanist", java.util.Map.of());
    assertThat(expected.value()).isBetween(0.3, 0.7);
    assertThat(expected.high() - expected.low()).isGreaterThan(0.3);
  }

  @Test
  void modelsThatWriteAlike_areMoreAlikeThanOthers() {
    try (var encoder =
        org.embedllm.onnx.Encoders.open(
            org.embedllm.onnx.Encoders.DEFAULT,
            org.embedllm.onnx.EncoderSettings.of(System.getenv()))) {
      var alike =
          VotesAndFacts.alike(
              java.util.List.of(
                  java.util.List.of("The sum is 12, since 5 and 7 make 12.", "3 times 4 is 12."),
                  java.util.List.of("Adding 8 and 9 gives 17.", "The product of 2 and 6 is 12."),
                  java.util.List.of("I am sorry, I cannot help.", "Sorry, I do not know birds.")),
              encoder);
      assertThat(alike.get(0, 1)).isGreaterThan(alike.get(0, 2)).isEqualTo(alike.get(1, 0));
      assertThat(alike.get(0, 2)).isNegative();
    }
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
    trainKernel(Files.writeString(folder.resolve("sizes.csv"), csv), model);
    var small = VotesAndFacts.expected(model, "new", facts("1"));
    var large = VotesAndFacts.expected(model, "new", facts("64"));
    assertThat(large.value()).isGreaterThan(small.value() + 0.2);
    assertThat(large.high()).isGreaterThan(large.value());
  }

  private static java.util.Map<String, java.util.Map<String, String>> facts(String parameters) {
    return java.util.Map.of("new", java.util.Map.of("parameters", parameters));
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
