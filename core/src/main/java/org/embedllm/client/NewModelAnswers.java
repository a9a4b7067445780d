package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.RightFrom;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VectorSource;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageModel;
import org.embedllm.usage.UsageTrainer;

/// The table of new models' answers and votes that is given to add models to a pool.
final class NewModelAnswers {
  private final Path pool;
  private final List<String> known;
  private final Optional<Path> file;
  private final Optional<Path> directory;
  private final EvaluationData data;

  /// @param pool the model file
  /// @param artifact what it holds; its threshold makes labels of graded scores
  /// @param file the table, or none
  NewModelAnswers(Path pool, ModelArtifact artifact, Optional<Path> file) {
    this.pool = pool;
    this.known = artifact.factorization().models();
    this.file = file;
    Optional<Dataset> read = file.map(DatasetLoader::loadByIds);
    this.directory = read.flatMap(Dataset::directory);
    this.data =
        read.map(dataset -> RightFrom.labeled(dataset.data(), RightFrom.of(artifact)))
            .orElseGet(() ->
                EvaluationData.of(
                    CorrectnessMatrix.ofDense(List.of(), List.of(), new float[0][]),
                    QuestionSplit.of(List.of()),
                    Map.of()));
  }

  /// What the table has.
  EvaluationData data() {
    return data;
  }

  /// The data set directory that it is, where it is one.
  Optional<Path> directory() {
    return directory;
  }

  /// Whether the table has votes.
  boolean voted() {
    return !data.votes().isEmpty();
  }

  /// The answers of the new models.
  ///
  /// @throws BadInputException when a model of the pool has answers, or there is no new model
  CorrectnessMatrix ofNewModels() {
    CorrectnessMatrix matrix = voted() ? newModels() : data.matrix();
    for (String name : matrix.models()) {
      if (known.contains(name)) {
        throw problem(
            "%s has a model \"%s\" already: give the new one another name, or update the old one with learn"
                .formatted(pool, name));
      }
    }
    return matrix;
  }

  /// Names of the new models of a table with votes alone.
  ///
  /// @throws BadInputException when it has scores, or no vote
  List<String> modelsOfVotesAlone() {
    if (!voted() || data.matrix().cellCount() > 0) {
      throw problem(
          "must have votes alone (model_a, model_b, winner): the pool learned from votes, and a"
              + " score is no preference");
    }
    return newModels().models();
  }

  /// The models of a table with votes that are not in the pool yet.
  private CorrectnessMatrix newModels() {
    CorrectnessMatrix all = data.matrix();
    int[] wanted =
        IntStream.range(0, all.modelCount())
            .filter(i -> !known.contains(all.models().get(i)) || answered(all, i))
            .toArray();
    if (wanted.length == 0) {
      throw problem("has no new model: all its models are in " + pool + "; update them with learn");
    }
    return all.selectModels(wanted);
  }

  private static boolean answered(CorrectnessMatrix matrix, int model) {
    return IntStream.range(0, matrix.cellCount()).anyMatch(c -> matrix.cellModel(c) == model);
  }

  /// Vectors of the questions that are none of the training questions.
  ///
  /// @param warnings is told where these questions are left out
  Optional<QuestionVectors> unknown(
      ModelAddition addition, VectorSource vectors, Consumer<String> warnings) throws IOException {
    List<Question> unknown =
        data.matrix().questions().stream()
            .filter(question -> addition.known(question).isEmpty())
            .toList();
    if (unknown.isEmpty()) {
      return Optional.empty();
    }
    List<Question> nameless = unknown.stream().filter(q -> q.text().isEmpty()).toList();
    if (!nameless.isEmpty()) {
      throw problem(
          "%d of its questions are not training questions, such as prompt_id %s, and have no text: add a column prompt"
              .formatted(nameless.size(), nameless.getFirst().id()));
    }
    try {
      return Optional.of(vectors.of(unknown));
    } catch (BadInputException e) {
      if (unknown.size() == data.matrix().questionCount()) {
        throw e;
      }
      warnings.accept(
          "%d of %d questions are not training questions and are left out: %s"
              .formatted(
                  unknown.size(), data.matrix().questionCount(), String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  /// Forecasts of what answers take, with the new models; empty where their answers say nothing.
  Optional<UsageModel> withUsage(
      UsageModel usage,
      ModelAddition addition,
      TrainingQuestions questions,
      Optional<QuestionVectors> unknown) {
    CorrectnessMatrix matrix = data.matrix();
    Map<String, float[]> others = new HashMap<>();
    unknown.ifPresent(vectors -> {
      for (int j = 0; j < vectors.count(); j++) {
        others.put(vectors.ids().get(j), vectors.vectors().row(j));
      }
    });
    List<Integer> which = new ArrayList<>();
    List<float[]> rows = new ArrayList<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      Question question = matrix.questions().get(j);
      Optional<float[]> row =
          addition
              .known(question)
              .map(at -> questions.vectors().vectors().row(at))
              .or(() -> Optional.ofNullable(others.get(question.id())));
      if (row.isPresent()) {
        which.add(j);
        rows.add(row.get());
      }
    }
    ObservedUsage observed =
        data.usage().selectQuestions(which.stream().mapToInt(j -> j).toArray());
    boolean inPool = matrix.models().stream().anyMatch(usage.models()::contains);
    if (inPool || usage.quantities().stream().noneMatch(observed::reports)) {
      return Optional.empty();
    }
    int q = usage.inputDimension();
    float[] vectors = new float[rows.size() * q];
    for (int j = 0; j < rows.size(); j++) {
      System.arraycopy(rows.get(j), 0, vectors, j * q, q);
    }
    return Optional.of(
        usage.withModels(
            matrix.models(),
            new UsageTrainer.Observed(observed, FloatMatrix.wrap(rows.size(), q, vectors))));
  }

  private BadInputException problem(String problem) {
    return file.map(f -> BadInputException.in(f, problem))
        .orElseGet(() -> BadInputException.of(problem));
  }
}
