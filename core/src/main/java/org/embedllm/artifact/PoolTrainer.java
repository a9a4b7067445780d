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
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.forecast.AttributeTable;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;

/// From answers and vectors to a model file: trains, takes down what later tasks need, and keeps
/// the provenance. Sees training and validation questions only.
public final class PoolTrainer {
  /// Name of the tensor with the second moments of the projected training questions, [d, d].
  public static final String SECOND_MOMENTS = "questions.second_moment";

  /// Name of the note with the number of neighbours chosen on validation.
  public static final String NEIGHBOR_COUNT = "knn_k";

  private final TrainingOptions options;
  private final Optional<KernelOptions> kernel;
  private final String programVersion;

  /// A trainer of the paper's factorization, with a linear question tower.
  ///
  /// @param programVersion kept in the provenance
  public PoolTrainer(TrainingOptions options, String programVersion) {
    this(options, Optional.empty(), programVersion);
  }

  /// A trainer of a factorization with a kernel tower, which forecasts better.
  ///
  /// @param programVersion kept in the provenance
  public PoolTrainer(KernelOptions kernel, String programVersion) {
    this(
        TrainingOptions.DEFAULT.withSeed(kernel.seed()).withThreads(kernel.threads()),
        Optional.of(kernel),
        programVersion);
  }

  private PoolTrainer(
      TrainingOptions options, Optional<KernelOptions> kernel, String programVersion) {
    this.options = options;
    this.kernel = kernel;
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
  /// @param history how the training went
  /// @param ridges λ chosen for each component of a kernel tower; empty with a linear tower
  public record Trained(
      ModelArtifact artifact,
      TrainingQuestions questions,
      TrainingHistory history,
      List<Double> ridges) {
    public Trained {
      ridges = List.copyOf(ridges);
    }

    /// Writes the model file, and the training questions beside it when they are wanted.
    public void write(Path file, boolean withQuestions) throws java.io.IOException {
      if (!withQuestions) {
        artifact.write(file);
        return;
      }
      artifact.withQuestionsDigest(questions.write(file)).write(file);
    }
  }

  /// Trains.
  ///
  /// @param checkpoint see [MatrixFactorizationTrainer#fit]
  public Trained train(Input input, TrainingListener listener, Optional<Path> checkpoint) {
    QuestionVectors trainVectors = aligned(input.vectors(), input.train());
    TrainingProblem problem = TrainingProblem.of(input.train(), trainVectors);
    if (input.validated()) {
      problem = problem.withValidation(input.validation(), input.vectors());
    }
    TrainingProblem ready = problem;
    Optional<KernelTraining> placed =
        kernel.map(k -> new KernelFactorizationTrainer(k).fit(ready, listener));
    TrainingResult result =
        placed
            .map(KernelTraining::result)
            .orElseGet(
                () -> new MatrixFactorizationTrainer(options).fit(ready, listener, checkpoint));
    MatrixFactorization fitted = result.model();
    Map<String, String> notes = notes(input, trainVectors);
    FloatMatrix moments =
        ModelEmbeddings.secondMoments(
                fitted,
                fitted.attributes().beside(trainVectors.vectors(), input.train().questions()))
            .values();
    ModelArtifact artifact =
        new ModelArtifact(
            fitted,
            AnswerCounts.of(input.train()),
            new Provenance(programVersion, input.dataDigest(), settings(input), options.seed()),
            input.callCosts(),
            Optional.empty(),
            Map.of(SECOND_MOMENTS, moments),
            notes);
    if (placed.isPresent()) {
      artifact = ModelPlacement.keep(artifact, placed.get());
    }
    Optional<AttributeTable> table =
        AttributeTable.fit(input.train(), AttributeEncoding.fit(input.train().questions()));
    if (table.isPresent()) {
      artifact = AttributeTableFormat.keep(artifact, table.get());
    }
    return new Trained(
        artifact,
        new TrainingQuestions(input.train(), trainVectors),
        result.history(),
        placed.map(KernelTraining::ridges).orElseGet(List::of));
  }

  private Map<String, String> notes(Input input, QuestionVectors trainVectors) {
    Map<String, String> notes = new HashMap<>();
    if (input.validated()) {
      int k =
          NeighborCountChoice.choose(
                  input.train(),
                  TextFeatureVectors.withoutForm(trainVectors),
                  input.validation(),
                  TextFeatureVectors.withoutForm(aligned(input.vectors(), input.validation())),
                  NeighborCountChoice.CANDIDATES,
                  options.threads())
              .k();
      notes.put(NEIGHBOR_COUNT, Integer.toString(k));
    }
    return notes;
  }

  /// Every setting that has an influence on the result: not the number of threads.
  private Map<String, String> settings(Input input) {
    Map<String, String> settings = new TreeMap<>(input.selection());
    if (kernel.isPresent()) {
      KernelOptions chosen = kernel.get();
      settings.put("tower", "kernel");
      settings.put("landmarks", Integer.toString(chosen.landmarks()));
      settings.put("k-means-rounds", Integer.toString(chosen.rounds()));
      settings.put("reach", Double.toString(chosen.reach()));
      settings.put("ridges", chosen.ridges().toString());
      settings.put("dimensions", chosen.dimensions().toString());
      settings.put("jitter", Double.toString(chosen.jitter()));
      settings.put("attributes-known", Double.toString(chosen.attributesKnown()));
      return settings;
    }
    settings.put("dimension", Integer.toString(options.dimension()));
    settings.put("epochs", Integer.toString(options.epochs()));
    settings.put("learning-rate", Double.toString(options.learningRate()));
    settings.put(
        "batch-questions",
        Integer.toString(
            options.questionsPerStep(input.train().questionCount(), input.train().cellCount())));
    settings.put("noise", Double.toString(options.noise()));
    settings.put("weight-decay", Double.toString(options.weightDecay()));
    settings.put("order", options.order().name().toLowerCase(java.util.Locale.ROOT));
    settings.put("model-bias", Boolean.toString(options.modelBias()));
    return settings;
  }

  /// Vectors of the questions of a matrix, in their order.
  ///
  /// @throws IllegalArgumentException when a question has no vector
  public static QuestionVectors aligned(QuestionVectors vectors, CorrectnessMatrix matrix) {
    Map<String, Integer> rows = HashMap.newHashMap(vectors.count());
    for (int j = 0; j < vectors.count(); j++) {
      rows.put(vectors.ids().get(j), j);
    }
    int[] which = new int[matrix.questionCount()];
    for (int j = 0; j < which.length; j++) {
      Question question = matrix.questions().get(j);
      Integer row = rows.get(question.id());
      if (row == null) {
        throw new IllegalArgumentException("question " + question.id() + " has no vector");
      }
      which[j] = row;
    }
    return vectors.select(which);
  }
}
