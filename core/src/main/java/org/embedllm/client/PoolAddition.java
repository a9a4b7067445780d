package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.artifact.FactPriors;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VectorSource;
import org.embedllm.artifact.VotePlacement;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.ModelOutputs;
import org.embedllm.facts.OutputMeans;
import org.embedllm.facts.OutputsTable;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;

/// Adds new models to the pool of a model file, by any evidence. Nothing that was trained changes.
/// [EmbedLlm#add] is the short way.
public final class PoolAddition {
  private final Path file;
  private final ModelArtifact artifact;
  private final TrainingQuestions questions;
  private final Surroundings surroundings;

  /// Where encoders come from, and who hears of the work.
  public interface Surroundings {
    /// Vectors by the encoder of the model file.
    ///
    /// @param directory of the data set whose questions they are, where it is one
    VectorSource vectors(Optional<Path> directory);

    /// The encoder of the model file without text features. It is closed after its use.
    QuestionEncoder sentences();

    /// Is told what was left out.
    default void warn(String text) {}

    /// Is told how many of all new models are added.
    default void added(int done, int total) {}

    /// Is told how many of all texts are encoded.
    default void encoded(int done, int total) {}
  }

  /// Models that were added.
  ///
  /// @param pool the pool with them
  /// @param voted whether votes moved their vectors
  /// @param priors what was known of them before their answers; empty without facts and texts
  /// @param models the models, in the order of the pool
  /// @param seconds that the placing of each took, in the same order
  public record Added(
      PoolTrainer.Trained pool,
      boolean voted,
      Optional<FactPriors> priors,
      List<ModelAddition.Added> models,
      List<Double> seconds) {
    public Added {
      models = List.copyOf(models);
      seconds = List.copyOf(seconds);
    }
  }

  /// Models that were added to a pool from votes.
  ///
  /// @param pool the pool with them
  /// @param models the models, in the order of the pool
  public record Voted(PoolTrainer.Trained pool, List<ModelAddition.Placed> models) {
    public Voted {
      models = List.copyOf(models);
    }
  }

  /// @param file the model file, for messages
  /// @param artifact what it holds
  /// @param questions the training questions kept beside it
  public PoolAddition(
      Path file, ModelArtifact artifact, TrainingQuestions questions, Surroundings surroundings) {
    this.file = file;
    this.artifact = artifact;
    this.questions = questions;
    this.surroundings = surroundings;
  }

  /// Adds models to a pool from scores.
  ///
  /// @param threads that share the work; they do not change the result
  /// @throws BadInputException when the pool learned from votes, nothing is said of a new model, or
  ///   a table is not usable
  public Added byAnswers(NewModels given, int threads) throws IOException {
    if (given.responses().isEmpty() && given.facts().isEmpty() && given.outputs().isEmpty()) {
      throw BadInputException.of("nothing is said of a new model: give answers, facts or texts");
    }
    var answers = new NewModelAnswers(file, artifact, given.responses());
    CorrectnessMatrix matrix = answers.ofNewModels();
    ModelAddition plain = new ModelAddition(artifact, questions);
    Map<String, Map<String, String>> known = given.facts().orElse(Map.of());
    Optional<Written> written = written(given, matrix, known);
    Optional<FactPriors> priors = priors(given, plain, matrix, known, written, threads);
    if (priors.isPresent()) {
      matrix = matrix.withModels(priors.get().models());
    }
    ModelAddition addition =
        priors.map(p -> new ModelAddition(artifact, questions, p.byModel())).orElse(plain);
    VectorSource source = surroundings.vectors(answers.directory());
    Optional<QuestionVectors> vectors = answers.unknown(addition, source, surroundings::warn);
    int count = matrix.modelCount();
    double[] seconds = new double[count];
    AtomicInteger done = new AtomicInteger();
    List<ModelAddition.Added> added =
        addition.placeAll(
            matrix,
            vectors,
            threads,
            System::nanoTime,
            (i, took) -> {
              seconds[i] = took;
              surroundings.added(done.incrementAndGet(), count);
            });
    if (answers.voted()) {
      added = new VotePlacement(artifact, questions, answers.data(), source).moved(added, threads);
    }
    PoolTrainer.Trained extended = addition.with(added);
    if (written.isPresent()) {
      extended = extended.with(extended.artifact().withTensors(written.get().means().tensors()));
    }
    extended =
        artifact
            .usage()
            .flatMap(usage -> answers.withUsage(usage, addition, questions, vectors))
            .map(extended::withUsage)
            .orElse(extended);
    return new Added(
        extended, answers.voted(), priors, added, Arrays.stream(seconds).boxed().toList());
  }

  /// Adds models to a pool from votes.
  ///
  /// @param threads that share the work; they do not change the result
  /// @throws BadInputException when something else than votes is given, or the votes are not usable
  public Voted byVotes(NewModels given, int threads) throws IOException {
    if (given.facts().isPresent() || given.outputs().isPresent()) {
      throw BadInputException.of(
          ("%s learned from votes, where facts and texts say nothing of a new model: give votes alone,"
                  + " and leave out facts (--facts) and texts (--outputs)")
              .formatted(file));
    }
    var answers = new NewModelAnswers(file, artifact, given.responses());
    List<ModelAddition.Placed> placed =
        new VotePlacement(
                artifact, questions, answers.data(), surroundings.vectors(answers.directory()))
            .byVotesAlone(answers.modelsOfVotesAlone(), threads);
    return new Voted(ModelAddition.extended(artifact, questions, placed), placed);
  }

  /// Whether the pool learned from votes, so that it takes votes alone.
  public boolean takesVotesAlone() {
    return artifact.quantity() == ForecastQuantity.PREFERENCE;
  }

  /// What models write: those of the pool, and below them the new ones.
  ///
  /// @param models names of the new models, those without answers last
  private record Written(List<String> models, OutputMeans means) {}

  /// What the pool's and the new models write; empty without texts.
  private Optional<Written> written(
      NewModels given, CorrectnessMatrix matrix, Map<String, Map<String, String>> known)
      throws IOException {
    if (given.outputs().isEmpty()) {
      return Optional.empty();
    }
    Map<String, List<ModelOutputs.Text>> texts = OutputsTable.read(given.outputs().get());
    List<String> names = names(matrix, known, texts.keySet());
    OutputMeans pool =
        OutputMeans.of(artifact.tensors())
            .filter(means -> means.overall().rows() == artifact.factorization().models().size())
            .orElseThrow(() ->
                BadInputException.in(
                    file,
                    "does not know what its models write: train it with outputs (train --outputs)"));
    try (QuestionEncoder encoder = surroundings.sentences()) {
      return Optional.of(
          new Written(
              names,
              ModelOutputs.beside(
                  pool,
                  names,
                  texts,
                  artifact.training().benchmarks(),
                  encoder,
                  surroundings::encoded)));
    }
  }

  /// Names of the new models, those without answers last.
  private List<String> names(
      CorrectnessMatrix matrix, Map<String, Map<String, String>> known, Set<String> writing) {
    List<String> pool = artifact.factorization().models();
    List<String> names = new ArrayList<>(matrix.models());
    List<String> named = new ArrayList<>(known.keySet());
    named.addAll(writing);
    named.stream()
        .filter(name -> !pool.contains(name) && !names.contains(name))
        .forEach(names::add);
    if (names.isEmpty()) {
      throw BadInputException.of(
          "there is no new model: all that are named are in %s".formatted(file));
    }
    return names;
  }

  /// Priors of the new models, those without answers among them; empty without facts and texts.
  private Optional<FactPriors> priors(
      NewModels given,
      ModelAddition addition,
      CorrectnessMatrix matrix,
      Map<String, Map<String, String>> known,
      Optional<Written> written,
      int threads) {
    if (given.facts().isEmpty() && written.isEmpty()) {
      return Optional.empty();
    }
    List<String> names =
        written.map(Written::models).orElseGet(() -> names(matrix, known, Set.of()));
    ModelFacts.mixed(known)
        .forEach((column, value) ->
            surroundings.warn(
                "facts: column %s is read as words, because \"%s\" is no number"
                    .formatted(column, value)));
    FactPriors priors =
        FactPriors.of(
            addition,
            artifact.factorization().models(),
            names,
            known,
            written.map(Written::means),
            threads);
    if (written.isPresent() && !priors.byTexts()) {
      surroundings.warn(
          "the texts are left out: names and facts explain the pool, and beside them texts do not help");
    }
    return Optional.of(priors);
  }
}
