package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.task.AddedModels;
import org.embedllm.app.task.FactPriors;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.ModelOutputs;
import org.embedllm.app.task.NewModelAnswers;
import org.embedllm.app.task.OutputsTable;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.app.task.VotePlacement;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.facts.FactsFile;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.OutputMeans;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
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
              + " with --outputs. Used where names and facts explain nothing of the pool.")
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
    try (SingleWriter _ = ModelArtifact.reserve(target, true)) {
      return add();
    }
  }

  private int add() throws IOException {
    ModelInput input = ModelInput.open(model);
    TrainingQuestions questions =
        PoolQuestions.of(input, Optional.ofNullable(trainedOn), console)
            .orElseThrow(() -> BadInputException.of(PoolQuestions.absent(input)));
    if (responses == null && facts == null && outputs == null) {
      throw BadInputException.of("add needs RESPONSES, --facts or --outputs");
    }
    NewModelAnswers answers = NewModelAnswers.of(input, Optional.ofNullable(responses));
    return input.artifact().quantity() == ForecastQuantity.PREFERENCE
        ? addByVotesAlone(input, questions, answers)
        : addByAnswers(input, questions, answers);
  }

  private int addByAnswers(ModelInput input, TrainingQuestions questions, NewModelAnswers answers)
      throws IOException {
    CorrectnessMatrix matrix = answers.ofNewModels();
    ModelAddition plain = new ModelAddition(input.artifact(), questions);
    Map<String, Map<String, String>> known = facts == null ? Map.of() : FactsFile.read(facts);
    Optional<Written> written = written(input, matrix, known);
    Optional<FactPriors> priors = priors(input, plain, matrix, known, written);
    if (priors.isPresent()) {
      matrix = matrix.withModels(priors.get().models());
    }
    ModelAddition addition =
        priors.map(p -> new ModelAddition(input.artifact(), questions, p.byModel())).orElse(plain);
    Optional<QuestionVectors> vectors = answers.unknown(addition, encoder.place(), console);
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
    if (answers.voted()) {
      added =
          new VotePlacement(input, questions, answers.dataset(), console).moved(added, threads());
    }
    PoolTrainer.Trained extended = addition.with(added);
    if (written.isPresent()) {
      extended = extended.with(extended.artifact().withTensors(written.get().means().tensors()));
    }
    input
        .artifact()
        .usage()
        .flatMap(usage -> answers.withUsage(usage, addition, questions, vectors))
        .map(extended::withUsage)
        .orElse(extended)
        .write(target, true);
    new AddedModels(console, input, target).show(added, seconds, answers.voted(), priors);
    return ExitStatus.DONE;
  }

  /// What models write: those of the pool, and below them the new ones.
  ///
  /// @param models names of the new models, those without answers last
  private record Written(List<String> models, OutputMeans means) {}

  /// What the pool's and the new models write; empty without texts.
  private Optional<Written> written(
      ModelInput input, CorrectnessMatrix matrix, Map<String, Map<String, String>> known)
      throws IOException {
    if (outputs == null) {
      return Optional.empty();
    }
    Map<String, List<ModelOutputs.Text>> texts = OutputsTable.read(outputs);
    List<String> names = names(input, matrix, known, texts.keySet());
    return Optional.of(new Written(names, ModelOutputs.beside(input, names, texts, console)));
  }

  /// Names of the new models, those without answers last.
  private List<String> names(
      ModelInput input,
      CorrectnessMatrix matrix,
      Map<String, Map<String, String>> known,
      Set<String> writing) {
    List<String> names = new ArrayList<>(matrix.models());
    List<String> named = new ArrayList<>(known.keySet());
    named.addAll(writing);
    named.stream()
        .filter(name -> !input.models().contains(name) && !names.contains(name))
        .forEach(names::add);
    if (names.isEmpty()) {
      throw BadInputException.of(
          "there is no new model: all that are named are in %s".formatted(model));
    }
    return names;
  }

  /// Priors of the new models, those without answers among them; empty without facts and texts.
  private Optional<FactPriors> priors(
      ModelInput input,
      ModelAddition addition,
      CorrectnessMatrix matrix,
      Map<String, Map<String, String>> known,
      Optional<Written> written) {
    if (facts == null && written.isEmpty()) {
      return Optional.empty();
    }
    List<String> names =
        written.map(Written::models).orElseGet(() -> names(input, matrix, known, Set.of()));
    ModelFacts.mixed(known)
        .forEach((column, value) ->
            console.warn(
                "facts: column %s is read as words, because \"%s\" is no number", column, value));
    FactPriors priors =
        FactPriors.of(
            addition, input.models(), names, known, written.map(Written::means), threads());
    if (written.isPresent() && !priors.byTexts()) {
      console.warn(
          "the texts are left out: names and facts explain the pool, and beside them texts do not help");
    }
    return Optional.of(priors);
  }

  /// Adds models to a pool from votes alone.
  private int addByVotesAlone(
      ModelInput input, TrainingQuestions questions, NewModelAnswers answers) throws IOException {
    if (facts != null || outputs != null) {
      throw BadInputException.of(
          ("%s learned from votes, where facts and texts say nothing of a new model: give votes, and"
                  + " leave out --facts and --outputs")
              .formatted(model));
    }
    List<String> models = answers.modelsOfVotesAlone();
    long start = System.nanoTime();
    List<ModelAddition.Placed> placed =
        new VotePlacement(input, questions, answers.dataset(), console)
            .byVotesAlone(models, threads());
    double seconds = (System.nanoTime() - start) * 1e-9 / models.size();
    ModelAddition.extended(input.artifact(), questions, placed).write(target, true);
    new AddedModels(console, input, target).showByVotes(placed, seconds);
    return ExitStatus.DONE;
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
}
