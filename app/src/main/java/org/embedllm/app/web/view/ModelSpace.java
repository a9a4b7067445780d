package org.embedllm.app.web.view;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.app.task.VoteLeaderboard;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.forecast.Interval;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;

/// The page's view of one model file: the models as points, their answers, the cost of a call.
/// Immutable. Models are identified by their row, because names may be any text.
public final class ModelSpace {
  /// Expected length of an answer where only prices per token are known, as in the experiment
  /// `costs`.
  static final double OUTPUT_TOKENS = 300;

  private static final double CHARACTERS_PER_TOKEN = 4;
  private static final double TYPICAL_CHARACTERS = 400; // of a prompt, where no question is known

  private final Path file;
  private final ModelArtifact artifact;
  private final Optional<TrainingQuestions> questions;
  private final ModelEmbeddings embeddings;
  private final ModelPrices prices;
  private final Map<String, Integer> rows;
  private final double promptTokens;
  private final Map<Integer, VoteLeaderboard.Entry> preferred; // by row, in a pool from votes

  /// @param file the model file
  /// @param artifact what it holds
  /// @param questions the training questions beside it
  /// @param prices of calls, as far as they are known
  public ModelSpace(
      Path file,
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      ModelPrices prices) {
    this.file = file;
    this.artifact = artifact;
    this.questions = questions;
    this.embeddings = artifact.embeddings();
    this.prices = prices;
    this.preferred =
        artifact.quantity() == ForecastQuantity.PREFERENCE
            ? VoteLeaderboard.of(artifact, questions).entries().stream()
                .collect(Collectors.toMap(VoteLeaderboard.Entry::row, e -> e))
            : Map.of();
    this.rows = HashMap.newHashMap(models().size());
    for (int i = 0; i < models().size(); i++) {
      rows.put(models().get(i), i);
    }
    this.promptTokens =
        questions
                .map(q ->
                    q.matrix().questions().stream()
                        .mapToInt(question -> question.text().length())
                        .average()
                        .orElse(TYPICAL_CHARACTERS))
                .orElse(TYPICAL_CHARACTERS)
            / CHARACTERS_PER_TOKEN;
  }

  /// Opens a model file with its training questions.
  ///
  /// @param priceFile prices; where empty, the cost of a call from the logs
  /// @throws BadInputException where the model, its questions or the prices cannot be used
  public static ModelSpace open(Path file, Optional<Path> priceFile) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(file);
    ModelPrices prices =
        priceFile.isPresent()
            ? ModelPrices.read(priceFile.get())
            : ModelPrices.ofCalls(artifact.callCosts());
    return new ModelSpace(file, artifact, TrainingQuestions.beside(file, artifact), prices);
  }

  public Path file() {
    return file;
  }

  public ModelArtifact artifact() {
    return artifact;
  }

  public Optional<TrainingQuestions> questions() {
    return questions;
  }

  public ModelPrices prices() {
    return prices;
  }

  /// What calls cost.
  public CallCosts costs() {
    return prices.equals(ModelPrices.ofCalls(artifact.callCosts()))
        ? CallCosts.ofLogs(artifact.callCosts(), artifact.usage())
        : CallCosts.ofPrices(prices, artifact.usage(), OUTPUT_TOKENS);
  }

  /// Names of the m models, in row order.
  public List<String> models() {
    return artifact.factorization().models();
  }

  /// Row of a model of the pool; empty for an unknown name.
  public Optional<Integer> row(String name) {
    return Optional.ofNullable(rows.get(name));
  }

  ModelEmbeddings embeddings() {
    return embeddings;
  }

  /// How often each model was right on the training questions.
  AnswerCounts counts() {
    return artifact.training();
  }

  /// Accuracy of a model on all training questions it answered, with its interval. In a pool from
  /// votes its mean on the leaderboard.
  Accuracy accuracy(int model) {
    return accuracy(
        Optional.ofNullable(preferred.get(model)).map(VoteLeaderboard.Entry::overall),
        counts().correct(model),
        counts().cells(model));
  }

  /// The same on the training questions of a benchmark.
  Accuracy accuracy(int model, String benchmark) {
    return accuracy(
        Optional.ofNullable(preferred.get(model)).map(e -> e.perBenchmark().get(benchmark)),
        counts().correct(model, benchmark),
        counts().cells(model, benchmark));
  }

  private static Accuracy accuracy(
      Optional<VoteUpdate.MeanProbability> preferred, int correct, int cells) {
    return preferred
        .filter(mean -> !Double.isNaN(mean.value()))
        .map(mean -> new Accuracy(mean.value(), mean.low(), mean.high(), cells))
        .orElseGet(() -> Accuracy.of(correct, cells));
  }

  /// Mean accuracy of the models that answered at least one question of a benchmark.
  double poolAccuracy(String benchmark) {
    return IntStream.range(0, models().size())
        .filter(i -> counts().cells(i, benchmark) > 0)
        .mapToDouble(i -> accuracy(i, benchmark).value())
        .average()
        .orElse(Double.NaN);
  }

  /// Cost in USD of a call with a prompt of the training questions' mean length; NaN where unknown.
  double typicalCost(int model) {
    return prices.cost(models().get(model), promptTokens, OUTPUT_TOKENS);
  }

  /// Why there are no training questions, and what to do.
  ViewAnswer.Unavailable withoutQuestions() {
    return new ViewAnswer.Unavailable(
        artifact.questionsDigest().isEmpty()
            ? "the model was written without its training questions (--no-questions)"
            : "the folder " + TrainingQuestions.folder(file) + " is not there",
        "embedllm train DATASET --to " + file);
  }

  /// A share of right answers, or the mean probability of being preferred.
  ///
  /// @param value NaN where nothing was answered
  /// @param low lower end of its 95 % interval, of a share by Wilson
  /// @param high upper end
  /// @param cells answers
  record Accuracy(double value, double low, double high, int cells) {
    static Accuracy of(int correct, int cells) {
      double value = (double) correct / cells;
      Interval interval = Interval.ofShare(value, cells);
      return new Accuracy(value, interval.low(), interval.high(), cells);
    }
  }
}
