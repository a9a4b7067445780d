package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.FactPriors;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.ModelOutputs;
import org.embedllm.app.task.OutputsTable;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.app.task.RightFrom;
import org.embedllm.app.task.VotePlacement;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.ImportReport;
import org.embedllm.facts.FactsFile;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.Ability;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.question.QuestionVectors;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VotePrior;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm add MODEL RESPONSES --to MODEL2`: new models without training again.
@Command(
    name = "add",
    description =
        "Adds new models to a trained pool from answers, votes or facts, without training again.",
    footer = {
      "",
      "plan names the questions whose answers say most about a model.",
      "",
      "Example: embedllm add pool.safetensors answers.csv --to pool2.safetensors",
      "Example: embedllm add pool.safetensors --facts facts.csv --to pool2.safetensors",
    })
public final class AddCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "RESPONSES",
      description =
          "Table with model_name, label or score, and prompt_id or prompt; votes with model_a,"
              + " model_b and winner; or both.")
  private @Nullable Path responses;

  @Option(
      names = "--facts",
      paramLabel = "CSV",
      description =
          "Facts of models (column model, then any such as parameters, family, date, price); new"
              + " models in it are added also without answers. Names give size and family.")
  private @Nullable Path facts;

  @Option(
      names = "--outputs",
      paramLabel = "TABLE",
      description =
          "Texts of the new models' answers (model_name, output), scored or not, for a pool trained"
              + " with --outputs.")
  private @Nullable Path outputs;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODEL2",
      description = "Model file to write, with the new models after the old ones.")
  private Path target = Path.of("");

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description =
          "The data set the model was trained on, where no questions are stored beside it.")
  private @Nullable Path trainedOn;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that add models. They do not change the result. Default: all cores.")
  private @Nullable Integer threads;

  @Override
  public Integer call() throws IOException {
    AtomicFile.requirePlace(target);
    ModelInput input = ModelInput.open(model);
    TrainingQuestions questions =
        PoolQuestions.of(input, Optional.ofNullable(trainedOn), console)
            .orElseThrow(() -> BadInputException.of(PoolQuestions.absent(input)));
    Path factsFile = facts;
    Path outputsFile = outputs;
    if (responses == null && factsFile == null && outputsFile == null) {
      throw BadInputException.of("add needs RESPONSES, --facts or --outputs");
    }
    Dataset dataset =
        responses == null
            ? nothing()
            : RightFrom.labelled(responses(responses), RightFrom.of(input.artifact()));
    boolean voted = !dataset.data().votes().isEmpty();
    if (input.artifact().quantity() == ForecastQuantity.PREFERENCE) {
      return addByVotesAlone(input, questions, dataset);
    }
    CorrectnessMatrix all = dataset.data().matrix();
    CorrectnessMatrix matrix = voted ? newModels(all, input) : all;
    requireNew(matrix.models(), input);
    ModelAddition addition = new ModelAddition(input.artifact(), questions);
    Optional<FactPriors> priors = Optional.empty();
    if (factsFile != null || outputsFile != null) {
      Map<String, Map<String, String>> known =
          factsFile == null ? Map.of() : FactsFile.read(factsFile);
      Map<String, List<String>> texts =
          outputsFile == null ? Map.of() : OutputsTable.read(outputsFile);
      List<String> named = new ArrayList<>(known.keySet());
      named.addAll(texts.keySet());
      matrix = withModelsOf(matrix, named, input);
      priors =
          Optional.of(
              FactPriors.of(
                  addition,
                  input.models(),
                  matrix.models(),
                  known,
                  outputsFile == null
                      ? Optional.empty()
                      : Optional.of(means(input, matrix.models(), texts)),
                  threads()));
      addition = new ModelAddition(input.artifact(), questions, priors.get().byModel());
    }
    Optional<QuestionVectors> vectors = unknown(addition, dataset, input);
    double[] seconds = new double[matrix.modelCount()];
    List<ModelAddition.Added> added;
    try (Progress progress = console.progress("add", matrix.modelCount(), "models")) {
      AtomicInteger done = new AtomicInteger();
      added =
          addition.placeAll(
              matrix,
              vectors,
              threads(),
              System::nanoTime,
              (i, took) -> {
                seconds[i] = took;
                progress.advanceTo(done.incrementAndGet());
              });
    }
    if (voted) {
      added = moved(added, new VotePlacement(input, questions, dataset, console));
    }
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    for (int i = 0; i < added.size(); i++) {
      Json json = json(added.get(i), seconds[i]);
      if (voted) {
        json.put("votes", votes(added.get(i)))
            .put(
                "byVector",
                json(VoteUpdate.MeanProbability.of(input.artifact(), added.get(i).vector())));
      }
      documents.add(json.document());
    }
    addition.with(added).write(target, true);
    Json result = new Json().put("added", documents);
    priors.ifPresent(p -> result.put("factsExplain", p.explained()));
    console.json(result.document());
    priors.ifPresent(p ->
        console.line(
            "Facts explain %s of the variance of the pool's abilities, each model left out.",
            TextTable.percent(p.explained())));
    print(added, voted);
    return ExitStatus.DONE;
  }

  /// With the new models that have facts and no answers.
  private CorrectnessMatrix withModelsOf(
      CorrectnessMatrix matrix, List<String> known, ModelInput input) {
    List<String> names = new ArrayList<>(matrix.models());
    known.stream()
        .filter(name -> !input.models().contains(name) && !names.contains(name))
        .forEach(names::add);
    if (names.isEmpty()) {
      throw BadInputException.of(
          "there is no new model: all that are named are in %s".formatted(model));
    }
    return matrix.withModels(names);
  }

  /// Mean vectors of what the pool's models and the new ones write.
  private FloatMatrix means(
      ModelInput input, List<String> models, Map<String, List<String>> texts) {
    FloatMatrix pool = input.artifact().tensors().get(OutputSimilarity.MEANS);
    if (pool == null || pool.rows() != input.models().size()) {
      throw BadInputException.in(
          model, "does not know what its models write: train it with --outputs");
    }
    Map<String, List<String>> own = new LinkedHashMap<>();
    models.forEach(name -> own.put(name, texts.getOrDefault(name, List.of())));
    FloatMatrix added = ModelOutputs.means(own, input.artifact().encoder(), console);
    float[] all = Arrays.copyOf(pool.toArray(), (pool.rows() + added.rows()) * pool.columns());
    System.arraycopy(
        added.sharedArray(), 0, all, pool.rows() * pool.columns(), added.sharedArray().length);
    return FloatMatrix.wrap(pool.rows() + added.rows(), pool.columns(), all);
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
        new ImportReport(false, ConflictRule.MEAN, 0, 0, 0, 0, List.of(), List.of(), List.of()),
        Optional.empty());
  }

  private Path responses() {
    return responses == null ? Path.of("") : responses;
  }

  /// The models of a table with votes that are not in the pool yet.
  private CorrectnessMatrix newModels(CorrectnessMatrix all, ModelInput input) {
    int[] wanted =
        IntStream.range(0, all.modelCount())
            .filter(i -> !input.models().contains(all.models().get(i)) || answered(all, i))
            .toArray();
    if (wanted.length == 0) {
      throw BadInputException.in(
          responses(),
          "has no new model: all its models are in " + model + "; update them with learn");
    }
    return all.selectModels(wanted);
  }

  private static boolean answered(CorrectnessMatrix matrix, int model) {
    return IntStream.range(0, matrix.cellCount()).anyMatch(c -> matrix.cellModel(c) == model);
  }

  private int votes(ModelAddition.Added one) {
    return one.vector().answers();
  }

  private List<ModelAddition.Added> moved(List<ModelAddition.Added> added, VotePlacement placement)
      throws IOException {
    List<LaplacePosterior> vectors =
        placement.placed(
            added.stream().map(ModelAddition.Added::model).toList(),
            added.stream().map(VotePlacement::gaussian).toList(),
            threads());
    return IntStream.range(0, added.size())
        .mapToObj(i -> ModelAddition.moved(added.get(i), vectors.get(i)))
        .toList();
  }

  /// Adds models to a pool from votes alone.
  private int addByVotesAlone(ModelInput input, TrainingQuestions questions, Dataset dataset)
      throws IOException {
    if (dataset.data().votes().isEmpty() || dataset.data().matrix().cellCount() > 0) {
      throw BadInputException.in(
          responses(),
          "must have votes alone (model_a, model_b, winner): the pool learned from votes, and a score is no preference");
    }
    List<String> models = newModels(dataset.data().matrix(), input).models();
    VotePrior prior = input.artifact().votes().flatMap(VoteNotes::prior).orElseThrow();
    VotePlacement placement = new VotePlacement(input, questions, dataset, console);
    long start = System.nanoTime();
    List<LaplacePosterior> vectors =
        placement.placed(
            models,
            models.stream()
                .map(m -> prior.gaussian(input.artifact().factorization().dimension()))
                .toList(),
            threads());
    double seconds = (System.nanoTime() - start) * 1e-9 / models.size();
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    List<ModelAddition.Placed> placed = new ArrayList<>();
    TextTable table = new TextTable("model", "votes", "preferred", "95 % interval");
    for (int i = 0; i < models.size(); i++) {
      LaplacePosterior vector = vectors.get(i);
      placed.add(new ModelAddition.Placed(models.get(i), vector, placement.shares(models.get(i))));
      var mean = VoteUpdate.MeanProbability.of(input.artifact(), vector);
      documents.add(
          QuantityText.json(new Json().put("model", models.get(i)), ForecastQuantity.PREFERENCE)
              .put("answers", vector.answers())
              .put("seconds", seconds)
              .put("accuracy", json(mean))
              .document());
      table.row(
          models.get(i),
          Integer.toString(vector.answers()),
          TextTable.percent(mean.value()),
          interval(mean.low(), mean.high()));
    }
    ModelAddition.extended(input.artifact(), questions, placed).write(target, true);
    console.json(new Json().put("added", documents).document());
    table.print(console);
    QuantityText.explain(ForecastQuantity.PREFERENCE, console);
    console.line("wrote %s", target);
    return ExitStatus.DONE;
  }

  private static String interval(double low, double high) {
    return "%s to %s".formatted(TextTable.number(100 * low, 1), TextTable.number(100 * high, 1));
  }

  private static Json json(VoteUpdate.MeanProbability mean) {
    return new Json()
        .put("predictedAccuracy", mean.value())
        .put("low", mean.low())
        .put("high", mean.high());
  }

  private void requireNew(List<String> names, ModelInput input) {
    for (String name : names) {
      if (input.models().contains(name)) {
        throw BadInputException.in(
            responses(),
            "%s has a model \"%s\" already: give the new one another name, or update the old one with learn"
                .formatted(model, name));
      }
    }
  }

  private int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1 || threads > 1_024) {
      throw BadInputException.of("--threads must be from 1 to 1024; got " + threads);
    }
    return threads;
  }

  /// Answers of models whose questions may be named by their ids alone.
  static Dataset responses(Path file) {
    return DatasetLoader.load(
        file, ImportOptions.DEFAULT.withTextRequired(false), ImportProgress.NONE);
  }

  /// Vectors of the questions that are none of the training questions.
  private Optional<QuestionVectors> unknown(
      ModelAddition addition, Dataset dataset, ModelInput input) throws IOException {
    List<Question> unknown =
        dataset.data().matrix().questions().stream()
            .filter(question -> addition.known(question).isEmpty())
            .toList();
    if (unknown.isEmpty()) {
      return Optional.empty();
    }
    List<Question> nameless = unknown.stream().filter(q -> q.text().isEmpty()).toList();
    if (!nameless.isEmpty()) {
      throw BadInputException.in(
          responses(),
          "%d of its questions are not training questions, such as prompt_id %s, and have no text: add a column prompt"
              .formatted(nameless.size(), nameless.getFirst().id()));
    }
    try {
      return Optional.of(
          new DatasetVectors(dataset, console)
              .withEncoderAt(encoder.place())
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

  private static Json json(ModelAddition.Added one, double seconds) {
    Ability.Accuracy accuracy = one.ability().accuracy();
    Json perBenchmark = new Json();
    one.ability()
        .accuracyByBenchmark()
        .forEach((name, value) -> perBenchmark.put(name, json(value)));
    return new Json()
        .put("model", one.model())
        .put("answers", one.knownAnswers() + one.otherAnswers())
        .put("knownAnswers", one.knownAnswers())
        .put("seconds", seconds)
        .put("accuracy", json(accuracy))
        .put("perBenchmark", perBenchmark);
  }

  static Json json(Ability.Accuracy accuracy) {
    return new Json()
        .put("predictedAccuracy", accuracy.value())
        .put("low", accuracy.low())
        .put("high", accuracy.high());
  }

  private void print(List<ModelAddition.Added> added, boolean voted) {
    TextTable table = new TextTable("model", "answers", "accuracy", "95 % interval");
    for (ModelAddition.Added one : added) {
      Ability.Accuracy accuracy = one.ability().accuracy();
      table.row(
          one.model(),
          Integer.toString(one.knownAnswers() + one.otherAnswers()),
          TextTable.percent(accuracy.value()),
          interval(accuracy.low(), accuracy.high()));
    }
    table.print(console);
    if (voted) {
      added.forEach(
          one -> console.line("%s: its vector also has %d votes", one.model(), votes(one)));
    }
    console.line("accuracy over the questions the pool was trained on; wrote %s", target);
  }
}
