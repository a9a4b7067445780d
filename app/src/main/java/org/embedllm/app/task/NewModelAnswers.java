package org.embedllm.app.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Console;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.ImportReport;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.question.QuestionVectors;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageModel;
import org.embedllm.usage.UsageTrainer;

/// The table of new models' answers and votes that is given to add models to a pool.
public final class NewModelAnswers {
  private final ModelInput input;
  private final Optional<Path> file;
  private final Dataset dataset;

  private NewModelAnswers(ModelInput input, Optional<Path> file, Dataset dataset) {
    this.input = input;
    this.file = file;
    this.dataset = dataset;
  }

  /// @param input the pool; its threshold makes labels of graded scores
  /// @param file the table, or none
  public static NewModelAnswers of(ModelInput input, Optional<Path> file) {
    return new NewModelAnswers(
        input,
        file,
        file.map(f -> RightFrom.labelled(read(f), RightFrom.of(input.artifact())))
            .orElseGet(NewModelAnswers::nothing));
  }

  /// A table whose questions may be named by their ids alone.
  public static Dataset read(Path file) {
    return DatasetLoader.load(
        file, ImportOptions.DEFAULT.withTextRequired(false), ImportProgress.NONE);
  }

  /// No answers.
  private static Dataset nothing() {
    return new Dataset(
        EvaluationData.of(
            CorrectnessMatrix.ofDense(List.of(), List.of(), new float[0][]),
            QuestionSplit.of(List.of()),
            Map.of()),
        Map.of(),
        Map.of(),
        AnswerOutputs.NONE,
        new ImportReport(
            false, ConflictRule.MEAN, 0, 0, 0, 0, List.of(), List.of(), List.of(), List.of()),
        Optional.empty());
  }

  /// What the table has.
  public Dataset dataset() {
    return dataset;
  }

  /// Whether the table has votes.
  public boolean voted() {
    return !dataset.data().votes().isEmpty();
  }

  /// The answers of the new models.
  ///
  /// @throws BadInputException when a model of the pool has answers, or there is no new model
  public CorrectnessMatrix ofNewModels() {
    CorrectnessMatrix matrix = voted() ? newModels() : dataset.data().matrix();
    for (String name : matrix.models()) {
      if (input.models().contains(name)) {
        throw problem(
            "%s has a model \"%s\" already: give the new one another name, or update the old one with learn"
                .formatted(input.path(), name));
      }
    }
    return matrix;
  }

  /// Names of the new models of a table with votes alone.
  ///
  /// @throws BadInputException when it has scores, or no vote
  public List<String> modelsOfVotesAlone() {
    if (!voted() || dataset.data().matrix().cellCount() > 0) {
      throw problem(
          "must have votes alone (model_a, model_b, winner): the pool learned from votes, and a"
              + " score is no preference");
    }
    return newModels().models();
  }

  /// The models of a table with votes that are not in the pool yet.
  private CorrectnessMatrix newModels() {
    CorrectnessMatrix all = dataset.data().matrix();
    int[] wanted =
        IntStream.range(0, all.modelCount())
            .filter(i -> !input.models().contains(all.models().get(i)) || answered(all, i))
            .toArray();
    if (wanted.length == 0) {
      throw problem(
          "has no new model: all its models are in " + input.path() + "; update them with learn");
    }
    return all.selectModels(wanted);
  }

  private static boolean answered(CorrectnessMatrix matrix, int model) {
    return IntStream.range(0, matrix.cellCount()).anyMatch(c -> matrix.cellModel(c) == model);
  }

  /// Vectors of the questions that are none of the training questions.
  public Optional<QuestionVectors> unknown(
      ModelAddition addition, Optional<String> encoder, Console console) throws IOException {
    List<Question> unknown =
        dataset.data().matrix().questions().stream()
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
      return Optional.of(
          new DatasetVectors(dataset, console)
              .withEncoderAt(encoder)
              .of(unknown, input.artifact().encoder()));
    } catch (BadInputException e) {
      if (unknown.size() == dataset.data().matrix().questionCount()) {
        throw e;
      }
      console.warn(
          "%d of %d questions are not training questions and are left out: %s",
          unknown.size(), dataset.data().matrix().questionCount(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /// Forecasts of what answers take, with the new models; empty where their answers say nothing.
  public Optional<UsageModel> withUsage(
      UsageModel usage,
      ModelAddition addition,
      TrainingQuestions questions,
      Optional<QuestionVectors> unknown) {
    CorrectnessMatrix matrix = dataset.data().matrix();
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
        dataset.data().usage().selectQuestions(which.stream().mapToInt(j -> j).toArray());
    boolean known = matrix.models().stream().anyMatch(usage.models()::contains);
    if (known || usage.quantities().stream().noneMatch(observed::reports)) {
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
