package org.embedllm.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.Route;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteLikelihood;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VotePrior;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pool of two specialists and an encoder that puts sums, birds and all else in three directions.
class PromptRouterTest {
  private static final List<String> MODELS = List.of("accountant", "ornithologist");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void train() throws IOException {
    file = folder.resolve("pool.safetensors");
    var random = new SplittableRandom(3);
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[200][2];
    for (int j = 0; j < scores.length; j++) {
      boolean sum = j % 2 == 0;
      questions.add(new Question("q" + j, (sum ? "sum " : "bird ") + j, Question.NO_BENCHMARK));
      scores[j][0] = random.nextDouble() < (sum ? 0.95 : 0.1) ? 1 : 0;
      scores[j][1] = random.nextDouble() < (sum ? 0.1 : 0.8) ? 1 : 0;
    }
    train(CorrectnessMatrix.ofDense(MODELS, questions, scores));
  }

  private void train(CorrectnessMatrix matrix) throws IOException {
    List<Question> questions = matrix.questions();
    FloatMatrix vectors =
        new DirectionEncoder("0").encode(questions.stream().map(Question::text).toList());
    new PoolTrainer(
            new KernelFactorizationTrainer(KernelOptions.DEFAULT.withDimensions(List.of(2))),
            "test")
        .train(
            new PoolTrainer.Input(
                matrix,
                matrix.selectQuestions(new int[0]),
                new QuestionVectors(
                    questions.stream().map(Question::id).toList(),
                    vectors,
                    new DirectionEncoder("0").identity()),
                "00",
                Map.of(),
                Map.of()),
            report -> {})
        .write(file, true);
  }

  @Test
  void learnVote_againstTheForecast_movesBothModels() throws IOException {
    try (EmbedLlm pool = EmbedLlm.open(file, new DirectionEncoder("0"))) {
      double[] before = probabilities(pool);
      assertThat(pool.learnVote("sum 1", "ornithologist", "accountant")).isTrue();
      double[] after = probabilities(pool);
      assertThat(after[0]).isLessThan(before[0]);
      assertThat(after[1]).isGreaterThan(before[1]);
      assertThatThrownBy(() -> pool.learnVote("sum 1", "accountant", "accountant"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("two models");
      assertThatThrownBy(() -> pool.learnVote("sum 1", "accountant", "nobody"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("nobody");
    }
  }

  @Test
  void learn_scoreForAPoolFromVotes_isRefused(@TempDir Path other) throws IOException {
    Path voted = other.resolve("votes.safetensors");
    var votes = new VoteNotes(new VoteLikelihood(1, 0, 0), Optional.of(new VotePrior(1, 1)));
    ModelArtifact artifact = ModelArtifact.open(file);
    for (Map.Entry<String, String> note : votes.notes().entrySet()) {
      artifact = artifact.withNote(note.getKey(), note.getValue());
    }
    artifact.write(voted);
    try (EmbedLlm pool = EmbedLlm.open(voted, new DirectionEncoder("0"))) {
      assertThatThrownBy(() -> pool.learn("sum 1", "accountant", 0.7))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("learned from votes");
      assertThat(pool.learnVote("sum 1", "ornithologist", "accountant")).isTrue();
    }
  }

  @Test
  void repeatedAnswers_countTheModelsOwn() throws IOException {
    assertThatThrownBy(() -> RepeatedAnswers.of(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("differs from the next");
    var random = new SplittableRandom(4);
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[200][2];
    float[] repeats = new float[400];
    for (int j = 0; j < scores.length; j++) {
      questions.add(new Question("q" + j, "sum " + j, Question.NO_BENCHMARK));
      for (int i = 0; i < 2; i++) {
        double level = random.nextDouble(); // of this cell
        int n = 1 + (i + j) % 4;
        repeats[2 * j + i] = n;
        for (int t = 0; t < n; t++) {
          scores[j][i] += random.nextDouble() < level ? 1 : 0;
        }
        scores[j][i] /= n;
      }
    }
    train(CorrectnessMatrix.ofDense(MODELS, questions, scores).withRepeats(repeats));
    RepeatedAnswers answers = RepeatedAnswers.of(file);
    assertThat(answers.expected("sum 7")).isEqualTo(answers.expected("q7"));
    assertThat(answers.expected("no such question")).isEmpty();
    double ofRight = 0;
    double ofWrong = 0;
    for (int j = 0; j < scores.length; j++) {
      double expected = requireNonNull(answers.expected("q" + j).orElseThrow().get("accountant"));
      if (scores[j][0] == 1) {
        ofRight = Math.max(ofRight, expected);
      } else if (scores[j][0] == 0) {
        ofWrong = Math.max(ofWrong, expected);
      }
    }
    assertThat(ofRight).isBetween(ofWrong + 0.1, 0.99);
  }

  private static double[] probabilities(EmbedLlm pool) {
    return pool.forecast("sum 1").models().stream().mapToDouble(f -> f.probability()).toArray();
  }

  @Test
  void route_promptOfASkill_goesToItsSpecialist() throws IOException {
    try (PromptRouter router = EmbedLlm.open(file, new DirectionEncoder("0")).router()) {
      Route sum = router.route("sum of two and two");
      assertThat(sum.model()).isEqualTo("accountant");
      assertThat(sum.abstained()).isFalse();
      assertThat(sum.ranking()).hasSize(2);
      assertThat(router.route("bird with a red breast").model()).isEqualTo("ornithologist");
    }
  }

  @Test
  void route_availableModels_choosesAmongThemAlone() throws IOException {
    try (PromptRouter router = EmbedLlm.open(file, new DirectionEncoder("0")).router()) {
      Route route = router.route("sum of two and two", List.of("ornithologist"));
      assertThat(route.ranking())
          .extracting(Route.Candidate::model)
          .containsExactly("ornithologist");
      assertThatThrownBy(() -> router.route("sum", List.of("accountant", "poet")))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("poet");
      assertThatThrownBy(() -> router.route("sum", List.of()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("no model to choose from");
    }
  }

  @Test
  void route_promptFarFromTraining_abstainsAndGoesByTheRates() throws IOException {
    try (PromptRouter router = EmbedLlm.open(file, new DirectionEncoder("0")).router()) {
      Route route = router.route("something else altogether");
      assertThat(route.abstained()).isTrue();
      assertThat(route.model()).isEqualTo("accountant");
      assertThat(route.reason()).contains("unlike the training questions");
      assertThat(route.ranking().getFirst().probability()).isBetween(0.4, 0.65);
    }
  }

  @Test
  void route_pricesAndAPolicy_weighsThem() throws IOException {
    ModelPrices prices = ModelPrices.ofCalls(Map.of("accountant", 0.01, "ornithologist", 0.0001));
    try (EmbedLlm pool = EmbedLlm.open(file, new DirectionEncoder("0"))) {
      Route route =
          pool.router(new RoutingPolicy.Budget(0.001), prices).route("sum of two and two");
      assertThat(route.model()).isEqualTo("ornithologist");
      assertThat(route.ranking().getFirst().cost()).isEqualTo(0.0001);
    }
  }

  @Test
  void route_manyThreads_giveTheSameRoutes() throws IOException {
    try (PromptRouter router = EmbedLlm.open(file, new DirectionEncoder("0")).router()) {
      List<String> routes =
          IntStream.range(0, 64)
              .parallel()
              .mapToObj(i -> router.route((i % 2 == 0 ? "sum " : "bird ") + i).model())
              .toList();
      for (int i = 0; i < routes.size(); i++) {
        assertThat(routes.get(i)).isEqualTo(MODELS.get(i % 2));
      }
    }
  }

  @Test
  void learn_wrongAnswersOfASpecialist_lowerItsForecastThereAlone() throws IOException {
    try (EmbedLlm pool = EmbedLlm.open(file, new DirectionEncoder("0"))) {
      double before = probability(pool, "sum of two and two", "accountant");
      double birds = probability(pool, "bird with a red breast", "ornithologist");
      for (int i = 0; i < 30; i++) {
        assertThat(pool.learn("sum " + i, "accountant", 0)).isTrue();
      }
      assertThat(probability(pool, "sum of two and two", "accountant")).isLessThan(before - 0.1);
      assertThat(probability(pool, "bird with a red breast", "ornithologist")).isEqualTo(birds);
      assertThatThrownBy(() -> pool.learn("sum", "poet", 1))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("poet");
      assertThatThrownBy(() -> pool.learn("sum", "accountant", 2))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("between 0 and 1");
    }
  }

  private static double probability(EmbedLlm pool, String prompt, String model) {
    return pool.forecast(prompt).models().get(MODELS.indexOf(model)).probability();
  }

  @Test
  void open_anotherEncoder_isRefusedAndItIsClosed() {
    var other = new DirectionEncoder("1");
    assertThatThrownBy(() -> EmbedLlm.open(file, other))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("directions");
    assertThat(other.closed).isTrue();
  }

  @Test
  void open_noLibraryHasTheEncoder_saysWhatToAdd() {
    assertThatThrownBy(() -> EmbedLlm.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("embedllm-onnx");
  }

  private static final class DirectionEncoder implements QuestionEncoder {
    private final String digest;
    private boolean closed;

    DirectionEncoder(String digest) {
      this.digest = digest;
    }

    @Override
    public EncoderIdentity identity() {
      return new EncoderIdentity("directions", digest, 3, 0);
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      float[] values = new float[3 * texts.size()];
      for (int i = 0; i < texts.size(); i++) {
        int direction =
            texts.get(i).startsWith("sum") ? 0 : texts.get(i).startsWith("bird") ? 1 : 2;
        double angle = texts.get(i).hashCode() % 100 / 1000.0;
        values[3 * i + direction] = (float) Math.cos(angle);
        values[3 * i + (direction + 1) % 2] += (float) Math.sin(angle);
      }
      return FloatMatrix.wrap(texts.size(), 3, values);
    }

    @Override
    public int tokenCount(String text) {
      return text.length() / 4;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
