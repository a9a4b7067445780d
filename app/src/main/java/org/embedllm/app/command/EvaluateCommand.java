package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.Suggestion;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.option.PriceFlags;
import org.embedllm.app.task.AsAskedEvaluation;
import org.embedllm.app.task.DatasetUsage;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.DatasetVotes;
import org.embedllm.app.task.EvaluationChecks;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PoolEvaluation;
import org.embedllm.artifact.RightFrom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.routing.CallCosts;
import org.embedllm.storage.BadInputException;
import org.embedllm.votes.VoteEvaluation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm evaluate MODEL DATASET`: forecasts and routes on questions with known answers, with
/// every baseline.
@Command(
    name = "evaluate",
    description = "Measures forecasts and routing, with every baseline and intervals.",
    footer = {"", "Example: embedllm evaluate pool.safetensors data"})
public final class EvaluateCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private PriceFlags prices;
  @Mixin private EncoderFlag encoder;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "DATASET", description = "Data set, or a table.")
  private Path dataset = Path.of("");

  @Option(
      names = "--split",
      paramLabel = "PART",
      description =
          "train, val, test or all. Default: test; all rows of a bare file without a split.")
  private @Nullable String split;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the resamples behind intervals. Default: 0.")
  private long seed;

  @Option(
      names = "--withhold-attributes",
      description = "Measure as if no attribute of the questions were known.")
  private boolean withheld;

  @Option(
      names = "--no-as-asked",
      description = "Do not ask the questions again as people ask them, which takes encoding.")
  private boolean withoutAsAsked;

  /// What was asked for.
  ///
  /// @param name as in the output
  /// @param answers of the pool's models, in their order
  private record Task(String name, CorrectnessMatrix answers) {}

  @Override
  public Integer call() throws IOException {
    ModelInput input = ModelInput.open(model);
    ForecastQuantity quantity = input.artifact().quantity();
    Dataset given = DatasetLoader.load(dataset);
    Dataset read = given.withData(RightFrom.labeled(given.data(), RightFrom.of(input.artifact())));
    Dataset loaded = quantity == ForecastQuantity.PREFERENCE ? DatasetVotes.asShares(read) : read;
    Task task = task(loaded, input.models());
    DatasetVectors source = new DatasetVectors(loaded, console).withEncoderAt(encoder.place());
    DatasetUsage usage = DatasetUsage.of(loaded);
    CallCosts costs = prices.costs(input, console);
    Optional<PoolEvaluation.Asked> validation = validation(loaded, source, usage, input);
    PoolEvaluation evaluation =
        PoolEvaluation.of(
            input.artifact(),
            input.questions(),
            input.withoutQuestions(),
            asked(task, source, usage, input),
            validation,
            task.name().equals(SplitPart.TEST.label())
                ? asAsked(input, source, validation)
                : List.of(),
            costs);
    ForecastEvaluation forecasts = evaluation.forecasts();
    Optional<Integer> trained =
        input.questions().map(q -> common(task.answers().questions(), q.matrix().questions()));
    Optional<AsAskedEvaluation> asAsked = asAsked(input, source, evaluation, costs);
    EvaluationChecks checks =
        EvaluationChecks.of(input.artifact(), input.questions(), loaded.data(), evaluation.asked());
    Optional<VoteEvaluation> votes =
        DatasetVotes.evaluation(input.artifact(), loaded.data(), evaluation.asked());
    Map<String, @Nullable Object> document = document(evaluation, asAsked, checks, trained, input);
    votes.ifPresent(v -> document.put("votes", DatasetVotes.json(v)));
    console.json(document);
    trained
        .filter(count -> count > 0)
        .ifPresent(count ->
            console.warn(
                "%d of these %d questions are among those the model was trained on: on new"
                    + " questions it is less accurate",
                count, forecasts.questions()));
    EvaluationText text = new EvaluationText(evaluation, console, quantity);
    text.recommend();
    console.line(
        "%s on %s: %,d questions, %,d models, %,d "
            + (quantity == ForecastQuantity.PREFERENCE ? "shares of votes" : "answers"),
        task.name().equals("all") ? "All questions" : "Split " + task.name(),
        dataset,
        forecasts.questions(),
        forecasts.models(),
        forecasts.cells());
    QuantityText.explain(quantity, console);
    text.print();
    votes.ifPresent(v -> EvaluationText.print(v, console));
    asAsked.ifPresent(text::print);
    checks.print(console);
    evaluation
        .nearDuplicates()
        .filter(near -> near.with().questions() > 0)
        .ifPresent(near ->
            console.line(
                "%d of the questions have a near-duplicate in training: forecast accuracy %s there,"
                    + " %s on the others",
                near.with().questions(),
                TextTable.percent(near.with().accuracy()),
                TextTable.percent(near.without().accuracy())));
    return ExitStatus.DONE;
  }

  /// The same questions as people ask them; empty where that was not wanted, or no encoder is known
  /// that could read them.
  private Optional<AsAskedEvaluation> asAsked(
      ModelInput input, DatasetVectors vectors, PoolEvaluation plain, CallCosts costs)
      throws IOException {
    EncoderIdentity trainedOn = input.artifact().encoder();
    if (!canAskAgain(input, plain.asked().answers())) {
      return Optional.empty();
    }
    return Optional.of(
        AsAskedEvaluation.of(
            input.artifact(),
            input.questions(),
            plain,
            costs,
            questions -> vectors.of(questions, trainedOn)));
  }

  private boolean canAskAgain(ModelInput input, CorrectnessMatrix answers) {
    return !withoutAsAsked
        && AsAskedEvaluation.impossible(input.artifact(), answers.questions()).isEmpty();
  }

  /// Validation questions as people ask them, on which the recommendation is chosen.
  private List<PoolEvaluation.Asked> asAsked(
      ModelInput input, DatasetVectors vectors, Optional<PoolEvaluation.Asked> validation)
      throws IOException {
    return validation.isPresent() && canAskAgain(input, validation.get().answers())
        ? AsAskedEvaluation.asked(
            validation.get(), questions -> vectors.of(questions, input.artifact().encoder()))
        : List.of();
  }

  private PoolEvaluation.Asked asked(
      Task task, DatasetVectors source, DatasetUsage usage, ModelInput input) throws IOException {
    return new PoolEvaluation.Asked(
        task.name(),
        task.answers(),
        source.of(task.answers().questions(), input.artifact().encoder()),
        usage.of(task.answers()),
        seed,
        withheld);
  }

  /// The validation questions of a data set with a split.
  private Optional<PoolEvaluation.Asked> validation(
      Dataset loaded, DatasetVectors source, DatasetUsage usage, ModelInput input)
      throws IOException {
    CorrectnessMatrix answers = loaded.data().part(SplitPart.VALIDATION).withModels(input.models());
    boolean split = loaded.splitBrought() || loaded.directory().isPresent();
    return split && answers.cellCount() > 0
        ? Optional.of(asked(new Task(SplitPart.VALIDATION.label(), answers), source, usage, input))
        : Optional.empty();
  }

  private static Map<String, @Nullable Object> document(
      PoolEvaluation evaluation,
      Optional<AsAskedEvaluation> asAsked,
      EvaluationChecks checks,
      Optional<Integer> trained,
      ModelInput input) {
    Map<String, @Nullable Object> document =
        QuantityText.json(new Json(), input.artifact().quantity()).document();
    document.putAll(evaluation.document());
    document.put("asAsked", asAsked.map(AsAskedEvaluation::document).orElse(null));
    document.putAll(checks.members());
    document.put("trainingQuestions", trained.isPresent() ? trained.get() : null);
    if (trained.isEmpty()) {
      document.put("trainingQuestionsReason", input.withoutQuestions());
    }
    return document;
  }

  /// Number of questions of one list that are in another, by id and text.
  private static int common(List<Question> some, List<Question> others) {
    record Key(String id, String text) {}
    Set<Key> known =
        others.stream().map(q -> new Key(q.id(), q.text())).collect(Collectors.toSet());
    return (int) some.stream().filter(q -> known.contains(new Key(q.id(), q.text()))).count();
  }

  private Task task(Dataset loaded, List<String> models) {
    String name =
        split == null
            ? (loaded.splitBrought() || loaded.directory().isPresent() ? "test" : "all")
            : split;
    CorrectnessMatrix all = loaded.data().matrix();
    CorrectnessMatrix chosen =
        name.equals("all") ? all : all.selectQuestions(loaded.data().split().questions(part(name)));
    List<String> unknown =
        all.models().stream().filter(Predicate.not(Set.copyOf(models)::contains)).toList();
    if (unknown.size() == all.modelCount()) {
      throw BadInputException.in(
          dataset,
          "has answers of %d models, none of them in %s%s"
              .formatted(unknown.size(), model, Suggestion.didYouMean(unknown.getFirst(), models)));
    }
    if (!unknown.isEmpty()) {
      console.warn(
          "%d of %d models of %s are not in %s and are left out: %s",
          unknown.size(),
          all.modelCount(),
          dataset,
          model,
          String.join(", ", unknown.subList(0, Math.min(5, unknown.size())))
              + (unknown.size() > 5 ? ", …" : ""));
    }
    CorrectnessMatrix answers = chosen.withModels(models);
    if (answers.cellCount() == 0) {
      throw BadInputException.in(
          dataset, "has no answer of a known model in split " + name + "; try --split all");
    }
    return new Task(name, answers);
  }

  private static SplitPart part(String name) {
    for (SplitPart part : SplitPart.values()) {
      if (part.label().equals(name)) {
        return part;
      }
    }
    throw BadInputException.of("--split must be train, val, test or all; got \"" + name + "\"");
  }
}
