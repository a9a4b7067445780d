package org.embedllm.artifact;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.factorization.Trainer;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.forecast.AttributeTable;
import org.embedllm.linalg.Kernels;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFamiliarity;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.storage.AtomicFile;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From answers and vectors to a model file: trains, stores what later tasks need, and records the
/// provenance. Sees training and validation questions only.
public final class PoolTrainer {
  /// Name of the tensor with the second moments of the projected training questions, `[d, d]`.
  public static final String SECOND_MOMENTS = "questions.second_moment";

  /// Name of the note with the number of neighbors chosen on validation.
  public static final String NEIGHBOR_COUNT = "knn_k";

  private static final Logger LOG = LoggerFactory.getLogger(PoolTrainer.class);

  private final Trainer trainer;
  private final String programVersion;

  /// @param trainer fits the forecaster
  /// @param programVersion kept in the provenance
  public PoolTrainer(Trainer trainer, String programVersion) {
    this.trainer = trainer;
    this.programVersion = programVersion;
  }

  /// What is trained on.
  ///
  /// @param train answers to the training questions
  /// @param validation answers to the validation questions, of the same models in the same order;
  ///   may have no questions
  /// @param vectors of all these questions, in any order
  /// @param dataDigest digest of the data they were taken from
  /// @param selection how they were taken from it, by name, for the provenance
  /// @param callCosts mean cost of one call in USD by model name where it is known
  public record Input(
      CorrectnessMatrix train,
      CorrectnessMatrix validation,
      QuestionVectors vectors,
      String dataDigest,
      Map<String, String> selection,
      Map<String, Double> callCosts) {
    public Input {
      selection = Map.copyOf(selection);
      callCosts = Map.copyOf(callCosts);
    }

    boolean validated() {
      return validation.cellCount() > 0;
    }
  }

  /// A trained pool.
  ///
  /// @param artifact the model file to be; without a digest of training questions
  /// @param questions the training questions to be kept beside it
  /// @param history of the training
  /// @param choices what the training chose for itself, by name, for people to read
  public record Trained(
      ModelArtifact artifact,
      TrainingQuestions questions,
      TrainingHistory history,
      Map<String, List<Double>> choices) {
    public Trained {
      choices = Map.copyOf(choices);
    }

    /// The same training with another model file to be, of the same models.
    public Trained with(ModelArtifact other) {
      return new Trained(other, questions, history, choices);
    }

    /// The same pool, which also forecasts what an answer takes.
    public Trained withUsage(UsageModel usage) {
      return new Trained(artifact.withUsage(usage), questions, history, choices);
    }

    /// The same pool, served by one of the kinds.
    public Trained servedBy(ServedForecaster.Kind kind) {
      return new Trained(artifact.servedBy(kind), questions, history, choices);
    }

    /// The same pool, which keeps the right answers to its training questions.
    ///
    /// @param references by a question's id, also of other questions
    public Trained withReferences(Map<String, Reference> references) {
      return new Trained(artifact, questions.withReferences(references), history, choices);
    }

    /// Writes the model file, and the training questions beside it when they are wanted.
    ///
    /// @throws org.embedllm.storage.BadInputException when another process is writing the file
    public void write(Path file, boolean withQuestions) throws java.io.IOException {
      artifact.write(file, withQuestions ? Optional.of(questions) : Optional.empty());
    }
  }

  /// Refuses a model file whose disk has no space for it, before the training.
  ///
  /// @param model file that will be written
  /// @param withQuestions whether the training questions are kept beside it
  /// @throws org.embedllm.storage.BadInputException where the disk has less space than the file
  ///   takes at least
  public void requireSpace(Path model, Input input, boolean withQuestions) {
    int q = input.vectors().encoder().dimension();
    CorrectnessMatrix train = input.train();
    long bytes = Float.BYTES * trainer.leastValues(train.questionCount(), q);
    AtomicFile.requireSpace(
        model, bytes + (withQuestions ? TrainingQuestions.leastBytes(train, q) : 0));
  }

  /// Trains.
  public Trained train(Input input, TrainingListener listener) {
    if (Kernels.best().vectorBits() == 0) {
      LOG.info(
          "training runs without vectors: the same result, up to twice the time; start Java with"
              + " --add-modules jdk.incubator.vector");
    }
    QuestionVectors trainVectors = input.vectors().of(input.train().questions());
    TrainingProblem problem = TrainingProblem.of(input.train(), trainVectors);
    if (input.validated()) {
      problem = problem.withValidation(input.validation(), input.vectors());
    }
    TrainingResult result = trainer.train(problem, listener);
    Map<String, FloatMatrix> tensors = new HashMap<>(result.tensors());
    tensors.put(
        SECOND_MOMENTS,
        ModelEmbeddings.secondMoments(
                result.model(),
                result
                    .model()
                    .attributes()
                    .beside(trainVectors.vectors(), input.train().questions()))
            .values());
    Map<String, String> notes = notes(input, trainVectors);
    notes.putAll(result.notes());
    Map<String, String> settings = new TreeMap<>(input.selection());
    settings.putAll(trainer.settings(problem));
    var artifact =
        new ModelArtifact(
            result.model(),
            AnswerCounts.of(input.train()),
            new Provenance(programVersion, input.dataDigest(), settings, trainer.seed()),
            input.callCosts(),
            Optional.empty(),
            tensors,
            notes);
    var kept = new TrainingQuestions(input.train(), trainVectors);
    ModelArtifact crossFitted = CrossFit.keep(artifact, kept, trainer.threads());
    ModelArtifact whole =
        TextFamiliarity.fit(input.train().questions().stream().map(Question::text).toList())
            .map(texts -> TextFamiliarityFormat.keep(crossFitted, texts))
            .orElse(crossFitted);
    return new Trained(
        AttributeTable.fit(input.train(), AttributeEncoding.fit(input.train().questions()))
            .map(table -> AttributeTableFormat.keep(whole, table))
            .orElse(whole),
        kept,
        result.history(),
        result.choices());
  }

  private Map<String, String> notes(Input input, QuestionVectors trainVectors) {
    Map<String, String> notes = new HashMap<>();
    if (input.validated()) {
      int k =
          NeighborCountChoice.choose(
                  input.train(),
                  TextFeatureVectors.sentenceVectors(trainVectors),
                  input.validation(),
                  TextFeatureVectors.sentenceVectors(
                      input.vectors().of(input.validation().questions())),
                  NeighborCountChoice.CANDIDATES,
                  trainer.threads())
              .k();
      notes.put(NEIGHBOR_COUNT, Integer.toString(k));
    }
    return notes;
  }
}
