package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.OnlineLearning;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VectorSource;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.EncoderProvider;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageForecast;
import org.embedllm.usage.UsageModel;

/// A model file and its encoder, opened.
///
/// ```java
/// try (PromptRouter router = EmbedLlm.open(path).router()) {
///   Route route = router.route(prompt);
/// }
/// ```
///
/// Keep one for the life of a program: the encoder loads in the background, and the first prompt
/// waits for it. Safe for use by several threads.
public final class EmbedLlm implements AutoCloseable {
  private static final double USUAL_TOKENS = 300; // of an answer whose length nothing forecasts

  private final ModelArtifact artifact;
  private final QuestionEncoder encoder;
  private final Optional<UsageModel> usage;
  private final Optional<OnlineLearning> learning; // its own lock
  private volatile ServedForecaster forecaster;

  private EmbedLlm(ModelArtifact artifact, QuestionEncoder encoder, ServedForecaster forecaster) {
    this.artifact = artifact;
    this.encoder = encoder;
    this.forecaster = forecaster;
    this.usage = artifact.usage();
    this.learning = OnlineLearning.of(artifact);
  }

  /// Opens a model file with the encoder it was trained with.
  ///
  /// @throws BadInputException when the file is no model file or is damaged, or its encoder is not
  ///   there or is another one by now
  /// @throws IOException when the file cannot be read
  public static EmbedLlm open(Path modelFile) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    EncoderIdentity wanted = artifact.encoder();
    return open(
        modelFile,
        artifact,
        encoder(wanted.name(), provider -> provider.open(wanted, System.getenv())));
  }

  /// Opens a model file with an encoder of your own. It is closed with this object.
  ///
  /// @throws BadInputException when the file is no model file or is damaged, or was trained with
  ///   another encoder
  /// @throws IOException when the file cannot be read
  public static EmbedLlm open(Path modelFile, QuestionEncoder encoder) throws IOException {
    return open(modelFile, ModelArtifact.open(modelFile), encoder);
  }

  private static EmbedLlm open(Path file, ModelArtifact artifact, QuestionEncoder encoder)
      throws IOException {
    try {
      artifact.requireEncoder(encoder.identity());
      return new EmbedLlm(artifact, encoder, artifact.served(file));
    } catch (RuntimeException | IOException e) {
      encoder.close();
      throw e;
    }
  }

  private static QuestionEncoder encoder(
      String name, Function<EncoderProvider, Optional<QuestionEncoder>> opening) {
    for (EncoderProvider provider : ServiceLoader.load(EncoderProvider.class)) {
      Optional<QuestionEncoder> opened = opening.apply(provider);
      if (opened.isPresent()) {
        return opened.get();
      }
    }
    throw BadInputException.of(
        "the encoder \"%s\" is needed, and no library on the class path has it: add org.embedllm:embedllm-onnx, or give an encoder of your own"
            .formatted(name));
  }

  /// Trains the default forecaster, as the command `train` does, and writes its model file.
  ///
  /// @param dataset a table of answers or of votes as CSV, JSON Lines or Parquet, or the directory
  ///   of a data set; test questions are not read
  /// @param encoder by name, such as `minilm-l6`
  /// @param modelFile to write; a file of that name is replaced
  /// @throws BadInputException when the data cannot be read, or no library has the encoder
  /// @throws IOException when the file cannot be written
  public static void train(Path dataset, String encoder, Path modelFile) throws IOException {
    train(dataset, encoder, modelFile, TrainingChoices.DEFAULT);
  }

  /// Trains the default forecaster with further choices: labels from graded scores, and what models
  /// write.
  ///
  /// @param dataset as for [#train(Path, String, Path)]; for what models write, a directory that
  ///   was imported with `--keep-outputs`
  /// @param encoder by name, such as `minilm-l6`
  /// @param modelFile to write; a file of that name is replaced
  /// @throws BadInputException when the data cannot be read or have no texts that were asked for,
  ///   or no library has the encoder
  /// @throws IOException when the file cannot be written
  public static void train(Path dataset, String encoder, Path modelFile, TrainingChoices choices)
      throws IOException {
    SingleWriter place = ModelArtifact.reserve(modelFile, true);
    try (QuestionEncoder opened = named(encoder)) {
      DatasetTraining.train(
              dataset, opened, identity -> named(identity.sentenceEncoder()), choices, modelFile)
          .write(modelFile, true);
    } finally {
      place.close();
    }
  }

  private static QuestionEncoder named(String name) {
    return encoder(name, provider -> provider.open(name, System.getenv()));
  }

  /// Adds new models to a pool, as the command `add` does, and writes a model file with them after
  /// the others. Nothing that was trained changes.
  ///
  /// @param modelFile what [#train] or the command wrote, with its questions beside it
  /// @param given what is known of the new models: of a pool that learned from votes, votes
  /// @param target to write; a file of that name is replaced
  /// @return the new models, in the order of the file
  /// @throws BadInputException when a file or table is not usable, nothing is said of a new model,
  ///   a model of that name exists already, or no library has the encoder
  /// @throws IOException when a file cannot be read or written
  public static List<AddedModel> add(Path modelFile, NewModels given, Path target)
      throws IOException {
    SingleWriter place = ModelArtifact.reserve(target, true);
    try {
      return added(modelFile, given, target);
    } finally {
      place.close();
    }
  }

  private static List<AddedModel> added(Path modelFile, NewModels given, Path target)
      throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    TrainingQuestions questions = TrainingQuestions.requireBeside(modelFile, artifact);
    int threads = Runtime.getRuntime().availableProcessors();
    var addition = new PoolAddition(modelFile, artifact, questions, new OwnEncoders(artifact));
    if (addition.takesVotesAlone()) {
      PoolAddition.Voted added = addition.byVotes(given, threads);
      added.pool().write(target, true);
      return added.models().stream().map(one -> AddedModel.voted(artifact, one)).toList();
    }
    PoolAddition.Added added = addition.byAnswers(given, threads);
    added.pool().write(target, true);
    return added.models().stream().map(one -> AddedModel.of(artifact, one, added.voted())).toList();
  }

  /// The encoders on the class path, for additions.
  private record OwnEncoders(ModelArtifact artifact) implements PoolAddition.Surroundings {
    @Override
    public VectorSource vectors(Optional<Path> directory) {
      return questions -> {
        EncoderIdentity wanted = artifact.encoder();
        try (QuestionEncoder opened =
            encoder(wanted.name(), provider -> provider.open(wanted, System.getenv()))) {
          return new QuestionVectors(
              questions.stream().map(Question::id).toList(),
              opened.encode(questions.stream().map(Question::text).toList()),
              opened.identity());
        }
      };
    }

    @Override
    public QuestionEncoder sentences() {
      return named(artifact.encoder().sentenceEncoder());
    }
  }

  /// Names of the models, in the order of the file.
  public List<String> models() {
    return forecaster.forecaster().models();
  }

  /// What the file holds.
  public ModelArtifact artifact() {
    return artifact;
  }

  /// The encoder of the file. It is closed with this object.
  public QuestionEncoder encoder() {
    return encoder;
  }

  /// What the probabilities of forecasts and routes are: of a right answer, or, where the pool
  /// learned from votes, of being preferred over an average model of the pool.
  public ForecastQuantity quantity() {
    return artifact.quantity();
  }

  /// Every model's probability on a prompt, of what [#quantity] says.
  public Forecast forecast(String prompt) {
    return forecast(prompt, Attributes.NONE);
  }

  /// The same on a prompt of which more is known than its text.
  ///
  /// @param known by name; names and values that training did not see have no influence
  public Forecast forecast(String prompt, Attributes known) {
    return encoded(prompt, known).forecast();
  }

  /// Takes in how well a model answered a prompt. Later forecasts go by it; the file stays as it
  /// is.
  ///
  /// @param score 1 for a right answer, 0 for a wrong one, or between
  /// @return whether it had an effect: the file must hold the uncertainty of its vectors, as the
  ///   default training writes it
  /// @throws BadInputException when the model file does not know the model, when its pool learned
  ///   from votes, or when the score is not in [0, 1]
  public boolean learn(String prompt, String model, double score) {
    requireModel(model);
    if (quantity() == ForecastQuantity.PREFERENCE) {
      throw BadInputException.of(
          "the pool learned from votes, which a score says nothing about: call learnVote");
    }
    if (!(score >= 0 && score <= 1)) {
      throw BadInputException.of("a score must be between 0 and 1; got " + score);
    }
    if (learning.isEmpty()) {
      return false;
    }
    FloatMatrix vector = vector(prompt);
    OnlineLearning learner = learning.get();
    synchronized (learner) {
      learner.learn(vector, model, score).ifPresent(next -> forecaster = forecaster.with(next));
    }
    return true;
  }

  /// Takes in a vote: which of two models answered a prompt better. It moves both vectors; the file
  /// stays as it is.
  ///
  /// @return whether it had an effect, as for [#learn]
  /// @throws BadInputException when the model file does not know one of the models, or they are the
  ///   same
  public boolean learnVote(String prompt, String better, String worse) {
    requireModel(better);
    requireModel(worse);
    if (better.equals(worse)) {
      throw BadInputException.of("a vote compares two models; got %s twice".formatted(better));
    }
    if (learning.isEmpty()) {
      return false;
    }
    FloatMatrix vector = vector(prompt);
    OnlineLearning learner = learning.get();
    synchronized (learner) {
      learner.compare(vector, better, worse).ifPresent(next -> forecaster = forecaster.with(next));
    }
    return true;
  }

  private void requireModel(String model) {
    if (!models().contains(model)) {
      throw BadInputException.of(
          "the model file does not know %s; it knows %s".formatted(model, models()));
    }
  }

  private FloatMatrix vector(String prompt) {
    float[] vector = encoder.encode(List.of(prompt)).row(0); // [q]
    return FloatMatrix.wrap(1, vector.length, vector);
  }

  /// A router to the model with the highest probability of what [#quantity] says.
  public PromptRouter router() {
    return router(new RoutingPolicy.Best());
  }

  /// A router by a policy. Costs are those that the logs reported, where they did.
  public PromptRouter router(RoutingPolicy policy) {
    return new PromptRouter(this, policy, CallCosts.ofLogs(artifact.callCosts(), usage));
  }

  /// A router by a policy and a price list.
  public PromptRouter router(RoutingPolicy policy, ModelPrices prices) {
    return new PromptRouter(this, policy, CallCosts.ofPrices(prices, usage, USUAL_TOKENS));
  }

  /// Closes the encoder. Routers of this object can no longer be used.
  @Override
  public void close() {
    encoder.close();
  }

  /// A prompt's forecast, its length in tokens, and what answers to it are expected to take.
  record Encoded(Forecast forecast, UsageForecast usage, int tokens) {}

  Encoded encoded(String prompt, Attributes known) {
    EncodedTexts texts = encoder.encodeAndCount(List.of(prompt));
    float[] vector = texts.vectors().row(0); // [q]
    return new Encoded(
        forecaster.forecast(prompt, vector, known),
        usage.map(model -> model.forecast(vector)).orElse(UsageForecast.UNKNOWN),
        texts.tokenCounts().getFirst());
  }
}
