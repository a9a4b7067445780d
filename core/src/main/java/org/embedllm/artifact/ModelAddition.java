package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.facts.OutputMeans;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// Adds new models to a trained pool, from their answers alone. Nothing that was trained changes.
public final class ModelAddition {
  private final ModelArtifact artifact;
  private final TrainingQuestions questions;
  private final ModelVectorProblem problem;
  private final TrainingQuestionIndex index;
  private final Map<String, AbilityPrior> priors;

  /// @param questions the training questions kept beside the artifact
  /// @throws BadInputException when the artifact lacks what adding a model needs
  public ModelAddition(ModelArtifact artifact, TrainingQuestions questions) {
    this(artifact, questions, Map.of());
  }

  /// @param questions the training questions kept beside the artifact
  /// @param priors what is known of new models before their first answer, by name
  /// @throws BadInputException when the artifact lacks what adding a model needs
  public ModelAddition(
      ModelArtifact artifact, TrainingQuestions questions, Map<String, AbilityPrior> priors) {
    this(
        artifact,
        questions,
        priors,
        ModelPlacement.of(artifact, questions)
            .orElseThrow(() ->
                BadInputException.of(
                    artifact.quantity() == ForecastQuantity.PREFERENCE
                        ? "the pool learned from votes: it takes votes and no scores, and has no plan of questions"
                        : "the model file has no prior for new models: train it without --published and without options of the linear factorization")));
  }

  private ModelAddition(
      ModelArtifact artifact,
      TrainingQuestions questions,
      Map<String, AbilityPrior> priors,
      ModelVectorProblem problem) {
    this.priors = Map.copyOf(priors);
    this.artifact = artifact;
    this.questions = questions;
    this.problem = problem;
    this.index = new TrainingQuestionIndex(questions.matrix().questions());
  }

  /// The same without priors; empty where the artifact lacks what adding a model needs.
  public static Optional<ModelAddition> of(ModelArtifact artifact, TrainingQuestions questions) {
    return ModelPlacement.of(artifact, questions)
        .map(problem -> new ModelAddition(artifact, questions, Map.of(), problem));
  }

  /// A model that was placed.
  ///
  /// @param model its name
  /// @param knownAnswers number of its answers to questions that the pool has answered
  /// @param otherAnswers number of its answers to other questions
  /// @param ability from the answers to known questions
  /// @param vector its vector
  public record Added(
      String model, int knownAnswers, int otherAnswers, Ability ability, LaplacePosterior vector) {}

  /// The same model with another vector.
  ///
  /// @param vector moved by further evidence
  public static Added moved(Added added, LaplacePosterior vector) {
    return new Added(
        added.model(), added.knownAnswers(), added.otherAnswers(), added.ability(), vector);
  }

  /// The problem that is solved.
  public ModelVectorProblem problem() {
    return problem;
  }

  /// What is known of the training questions.
  public ItemParameters known() {
    return problem.known();
  }

  /// The abilities of the pool's models by themselves ([Ability#alone]), in row order.
  ///
  /// @param threads that share the work
  public List<Double> poolAbilities(int threads) {
    List<ItemResponses> pool = ItemResponses.byModel(questions.matrix());
    double[] abilities = new double[pool.size()];
    try (Workers workers = new Workers(threads)) {
      workers.run(pool.size(), i -> abilities[i] = problem.known().ability(pool.get(i)).alone());
    }
    return Arrays.stream(abilities).boxed().toList();
  }

  /// Row of a known question, by id or else by text. A question without its own text (empty, or the
  /// id again) is found by its id alone.
  public Optional<Integer> known(Question question) {
    return index.find(question);
  }

  /// One model's answers to known questions.
  ///
  /// @param model row in `responses`
  public ItemResponses knownAnswers(CorrectnessMatrix responses, int model) {
    Map<Integer, MeanScore> means = new TreeMap<>();
    for (int j = 0; j < responses.questionCount(); j++) {
      float score = responses.score(model, j);
      Optional<Integer> row = known(responses.questions().get(j));
      if (!Float.isNaN(score) && row.isPresent()) {
        means
            .computeIfAbsent(row.get(), r -> new MeanScore())
            .add(score, responses.repeats(model, j), responses.variance(model, j));
      }
    }
    return ItemResponses.of(
        means.keySet().stream().mapToInt(r -> r).toArray(),
        means.values().stream().mapToDouble(MeanScore::mean).toArray(),
        means.values().stream().mapToDouble(MeanScore::repeats).toArray(),
        means.values().stream().mapToDouble(MeanScore::variance).toArray());
  }

  /// Solves for the vector of one model.
  ///
  /// @param model row in `responses`
  /// @param vectors of the questions that are not known, by their ids; may have others too
  public Added place(CorrectnessMatrix responses, int model, Optional<QuestionVectors> vectors) {
    ItemResponses answers = knownAnswers(responses, model);
    List<float[]> texts = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    vectors.ifPresent(v -> collect(responses, model, v, texts, scores));
    FloatMatrix inputs =
        texts.isEmpty()
            ? FloatMatrix.wrap(0, problem.dimension(), new float[0])
            : artifact.factorization().project(rows(texts));
    AbilityPrior prior = priors.getOrDefault(responses.models().get(model), AbilityPrior.POOL);
    Ability ability = problem.known().ability(answers, prior);
    LaplacePosterior vector =
        problem.solve(answers, ability, inputs, scores.stream().mapToDouble(s -> s).toArray());
    return new Added(
        responses.models().get(model), answers.count(), scores.size(), ability, vector);
  }

  /// Is told of models as they are added.
  @FunctionalInterface
  public interface PlacedListener {
    /// A model was added. Called by several threads at once.
    ///
    /// @param model row in the responses
    /// @param seconds it took
    void placed(int model, double seconds);
  }

  /// Solves for the vectors of all models of a matrix, several at once. Each is a problem of its
  /// own, so the number of threads has no influence on the result.
  ///
  /// @param vectors of the questions that are not known, by their ids; may have others too
  /// @param threads that share the work
  /// @param nanoClock monotonic nanoseconds
  /// @return in row order
  public List<Added> placeAll(
      CorrectnessMatrix responses,
      Optional<QuestionVectors> vectors,
      int threads,
      LongSupplier nanoClock,
      PlacedListener listener) {
    Map<Integer, Added> added = new ConcurrentHashMap<>();
    try (Workers workers = new Workers(threads)) {
      workers.run(
          responses.modelCount(),
          i -> {
            long start = nanoClock.getAsLong();
            added.put(i, place(responses, i, vectors));
            listener.placed(i, (nanoClock.getAsLong() - start) * 1e-9);
          });
    }
    return List.copyOf(new TreeMap<>(added).values());
  }

  private void collect(
      CorrectnessMatrix responses,
      int model,
      QuestionVectors vectors,
      List<float[]> texts,
      List<Double> scores) {
    Map<String, Integer> rows = HashMap.newHashMap(vectors.count());
    for (int j = 0; j < vectors.count(); j++) {
      rows.put(vectors.ids().get(j), j);
    }
    for (int j = 0; j < responses.questionCount(); j++) {
      float score = responses.score(model, j);
      Question question = responses.questions().get(j);
      Integer row = rows.get(question.id());
      if (!Float.isNaN(score) && row != null && known(question).isEmpty()) {
        texts.add(vectors.vectors().row(row));
        scores.add((double) score);
      }
    }
  }

  private static FloatMatrix rows(List<float[]> rows) {
    int q = rows.getFirst().length;
    float[] values = new float[rows.size() * q];
    for (int j = 0; j < rows.size(); j++) {
      System.arraycopy(rows.get(j), 0, values, j * q, q);
    }
    return FloatMatrix.wrap(rows.size(), q, values);
  }

  /// The artifact with the new models after the others, and the training questions with their
  /// answers.
  ///
  /// @throws BadInputException when a model of that name exists already
  public PoolTrainer.Trained with(List<Added> added) {
    return extended(
        artifact,
        questions,
        added.stream()
            .map(one -> new Placed(one.model(), one.vector(), one.ability().answers()))
            .toList());
  }

  /// A new model with its vector.
  ///
  /// @param model its name
  /// @param vector its vector
  /// @param answers to the training questions
  public record Placed(String model, LaplacePosterior vector, ItemResponses answers) {}

  /// An artifact with the new models after the others, and the training questions with their
  /// answers.
  ///
  /// @throws BadInputException when a model of that name exists already
  public static PoolTrainer.Trained extended(
      ModelArtifact artifact, TrainingQuestions questions, List<Placed> added) {
    MatrixFactorization old = artifact.factorization();
    List<String> names = new ArrayList<>(old.models());
    Set<String> taken = new HashSet<>(names);
    for (Placed one : added) {
      if (!taken.add(one.model())) {
        throw BadInputException.of(
            "the pool has a model \"%s\" already: give the new one another name"
                .formatted(one.model()));
      }
      names.add(one.model());
    }
    int d = old.dimension();
    FloatMatrix covariances =
        artifact
            .tensors()
            .getOrDefault(KernelTraining.COVARIANCES, FloatMatrix.wrap(0, 0, new float[0]));
    MatrixFactorization factorization =
        old.withModels(names, below(old.modelVectors(), added, LaplacePosterior::mean));
    CorrectnessMatrix matrix = matrix(questions.matrix(), added, names);
    ModelArtifact extended =
        new ModelArtifact(
            factorization,
            AnswerCounts.of(matrix),
            artifact.provenance(),
            artifact.callCosts(),
            Optional.empty(),
            artifact.tensors(),
            artifact.notes());
    if (covariances.columns() == d * d) {
      extended =
          extended.withTensor(
              KernelTraining.COVARIANCES, below(covariances, added, LaplacePosterior::covariance));
    }
    // No text of theirs is known, until someone says otherwise.
    extended =
        extended.withTensors(
            OutputMeans.of(artifact.tensors())
                .map(outputs -> outputs.extended(names.size()).tensors())
                .orElse(Map.of()));
    return new PoolTrainer.Trained(
        extended,
        new TrainingQuestions(matrix, questions.vectors(), questions.references()),
        new org.embedllm.factorization.TrainingHistory(
            List.of(),
            matrix.cellCount(),
            matrix.questionCount(),
            1,
            0,
            java.util.OptionalLong.empty()),
        Map.of());
  }

  /// The old cells, then the new models' cells of the same question.
  private static CorrectnessMatrix matrix(
      CorrectnessMatrix old, List<Placed> added, List<String> names) {
    int n = old.questionCount();
    int[] offsets = new int[n + 1];
    for (int j = 0; j < n; j++) {
      offsets[j + 1] = old.cellCount(j);
    }
    for (Placed one : added) {
      for (int a = 0; a < one.answers().count(); a++) {
        offsets[one.answers().question(a) + 1]++;
      }
    }
    for (int j = 0; j < n; j++) {
      offsets[j + 1] = Math.addExact(offsets[j + 1], offsets[j]);
    }
    int[] models = new int[offsets[n]];
    float[] scores = new float[offsets[n]];
    float[] repeats = new float[offsets[n]];
    float[] variances = new float[offsets[n]];
    int[] next = Arrays.copyOf(offsets, n);
    for (int j = 0; j < n; j++) {
      for (int c = old.firstCell(j); c < old.firstCell(j + 1); c++) {
        models[next[j]] = old.cellModel(c);
        repeats[next[j]] = old.cellRepeats(c);
        variances[next[j]] = old.cellVariance(c);
        scores[next[j]++] = old.cellScore(c);
      }
    }
    for (int i = 0; i < added.size(); i++) {
      ItemResponses answers = added.get(i).answers();
      for (int a = 0; a < answers.count(); a++) {
        int j = answers.question(a);
        models[next[j]] = old.modelCount() + i;
        repeats[next[j]] = (float) answers.repeats(a);
        variances[next[j]] = (float) answers.variance(a);
        scores[next[j]++] = (float) answers.score(a);
      }
    }
    return CorrectnessMatrix.ofCells(names, old.questions(), offsets, models, scores)
        .withRepeats(repeats, variances);
  }

  private static FloatMatrix below(
      FloatMatrix old, List<Placed> added, Function<LaplacePosterior, double[]> row) {
    int columns = old.columns();
    int rows = old.rows() + added.size();
    float[] values = Arrays.copyOf(old.sharedArray(), Math.multiplyExact(rows, columns));
    for (int i = 0; i < added.size(); i++) {
      double[] more = row.apply(added.get(i).vector());
      for (int k = 0; k < columns; k++) {
        values[(old.rows() + i) * columns + k] = (float) more[k];
      }
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
