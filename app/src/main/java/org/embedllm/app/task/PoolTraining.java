package org.embedllm.app.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.cli.Progress;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.RightFrom;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.artifact.Trainers;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.Dataset;
import org.embedllm.factorization.EpochReport;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingPhase;
import org.embedllm.facts.ModelOutputs;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.linalg.KernelWarmUp;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.usage.UsageTrainer;
import org.embedllm.votes.VoteShares;

/// From a data set to a trained pool: what is trained on, the training, and all that a pool knows
/// beside its vectors.
public final class PoolTraining {
  private static final int MANY_CELLS = 100_000; // a second or more of training

  private final Settings settings;
  private final Console console;

  public PoolTraining(Settings settings, Console console) {
    this.settings = settings;
    this.console = console;
  }

  /// How to train.
  ///
  /// @param kernel options of the kernel factorization; empty trains the linear one
  /// @param linear options of the linear one; its seed and threads count for both
  /// @param target model file that will be written
  /// @param encoder name of the encoder, where one is asked for
  /// @param textFeatures whether they are trained on
  /// @param withQuestions whether the training questions are kept beside the model
  /// @param outputs whether to keep what each model writes
  /// @param rightFrom score from which an answer is right, where labels are wanted
  public record Settings(
      Optional<KernelOptions> kernel,
      TrainingOptions linear,
      Path target,
      Optional<String> encoder,
      boolean textFeatures,
      boolean withQuestions,
      boolean outputs,
      OptionalDouble rightFrom) {
    /// The file that keeps the state of the linear factorization.
    public Path checkpoint() {
      return target.resolveSibling(target.getFileName() + ".checkpoint");
    }

    /// Keeps other processes from writing the target until it is closed, and refuses one that could
    /// not be written, before hours of computation.
    ///
    /// @throws BadInputException where it, its questions or its checkpoint cannot be written, or
    ///   another process is writing it
    public SingleWriter reserve() throws IOException {
      if (kernel.isEmpty()) {
        AtomicFile.requirePlace(checkpoint());
      }
      return ModelArtifact.reserve(target, withQuestions);
    }
  }

  /// A trained pool with what it was trained on.
  ///
  /// @param vectors of the training questions, the validation questions last
  /// @param votes on training questions
  public record Result(
      PoolTrainer.Trained trained,
      TrainingSelection.Chosen chosen,
      QuestionVectors vectors,
      List<Vote> votes) {
    public Result {
      votes = List.copyOf(votes);
    }
  }

  /// Trains.
  public Result train(Path dataset, TrainingSelection selection) throws IOException {
    OptionalDouble threshold = settings.rightFrom();
    boolean kernel = settings.kernel().isPresent();
    Dataset given = DatasetLoader.load(dataset);
    Dataset read = given.withData(RightFrom.labeled(given.data(), threshold));
    // Looked for before hours of computation.
    Optional<Map<String, List<ModelOutputs.Text>>> texts =
        settings.outputs() ? Optional.of(ModelOutputs.of(read)) : Optional.empty();
    if (read.data().matrix().cellCount() > MANY_CELLS) {
      KernelWarmUp.start(!kernel); // while vectors are read
    }
    boolean votesAlone = VoteShares.only(read.data());
    Dataset loaded = DatasetVotes.asShares(read);
    if (votesAlone && !kernel) {
      throw BadInputException.of(
          "a data set with votes alone is trained by the default method: leave out --published and"
              + " the options of the linear factorization");
    }
    DatasetVotes.Training training =
        DatasetVotes.Training.of(
            loaded.data(), selection.choose(loaded.data(), settings.linear().seed()));
    TrainingSelection.Chosen chosen = training.chosen();
    List<Vote> votes = training.votes();
    List<Question> questions = new ArrayList<>(chosen.train().questions());
    Set<Question> scored = Set.copyOf(questions);
    training.questions().stream().filter(q -> !scored.contains(q)).forEach(questions::add);
    questions.addAll(chosen.validation().questions());
    DatasetVectors source = new DatasetVectors(loaded, console);
    Optional<String> name = settings.encoder();
    QuestionVectors vectors =
        kernel && settings.textFeatures() && !votesAlone
            ? source.withTextFeatures(questions, name)
            : source.of(questions, name);
    var trainer =
        new PoolTrainer(
            Trainers.of(settings.kernel(), settings.linear(), votesAlone ? votes : List.<Vote>of())
                .withCheckpoint(settings.checkpoint()),
            ProgramVersion.text());
    var input =
        new PoolTrainer.Input(
            chosen.train(),
            chosen.validation(),
            vectors,
            loaded.data().digest(),
            chosen.provenance(),
            loaded.data().callCosts());
    trainer.requireSpace(settings.target(), input, settings.withQuestions());
    PoolTrainer.Trained trained;
    try (Progress progress =
        kernel
            ? console.progress("train", 1, "forecasters")
            : console.progress("train", settings.linear().epochs(), "epochs")) {
      trained = trainer.train(input, shown(progress));
      if (!votesAlone) {
        trained = withUsage(trained, DatasetUsage.of(loaded), chosen, vectors);
        trained = served(trained, chosen.validation(), vectors);
        trained = withVotes(trained, training, vectors);
      }
      progress.advanceTo(trained.history().epochs().size());
    }
    trained = trained.with(RightFrom.noted(trained.artifact(), threshold));
    if (texts.isPresent()) {
      trained = trained.with(withOutputs(trained.artifact(), texts.get()));
    }
    return new Result(trained.withReferences(loaded.references()), chosen, vectors, votes);
  }

  private ModelArtifact withOutputs(
      ModelArtifact artifact, Map<String, List<ModelOutputs.Text>> texts) {
    int total = texts.values().stream().mapToInt(List::size).sum();
    EncoderSettings environment = EncoderSettings.of(System.getenv());
    try (Progress progress = console.progress("outputs", total, "texts");
        QuestionEncoder encoder =
            Encoders.open(artifact.encoder().sentenceEncoder(), environment)) {
      return artifact.withTensors(
          ModelOutputs.ofPool(
                  texts, artifact.training(), encoder, (done, all) -> progress.advanceTo(done))
              .tensors());
    }
  }

  private Optional<TrainingQuestions> kept(PoolTrainer.Trained trained) {
    return settings.withQuestions() ? Optional.of(trained.questions()) : Optional.empty();
  }

  /// What serves the prompts of a pool.
  public ServedForecaster.Kind served(PoolTrainer.Trained trained) {
    return trained.artifact().served(kept(trained)).kind();
  }

  /// The pool whose vectors votes have moved, where the data set has votes beside its scores.
  private PoolTrainer.Trained withVotes(
      PoolTrainer.Trained trained, DatasetVotes.Training training, QuestionVectors vectors) {
    List<Vote> votes = training.votes();
    if (votes.isEmpty()) {
      return trained;
    }
    if (trained.artifact().covariances().isEmpty()) {
      console.warn(
          "%,d votes are left out: the linear factorization keeps no uncertainty of its vectors",
          votes.size());
      return trained;
    }
    return trained.with(
        new VoteUpdate(
                trained.artifact(),
                training.questions(),
                vectors,
                training.chosen().train().questions())
            .moved(votes, settings.linear().threads()));
  }

  /// The pool with forecasts of what an answer takes, where the data set has usage.
  private PoolTrainer.Trained withUsage(
      PoolTrainer.Trained trained,
      DatasetUsage usage,
      TrainingSelection.Chosen chosen,
      QuestionVectors vectors) {
    return new UsageTrainer(settings.linear().seed(), settings.linear().threads())
        .fit(
            chosen.train().models(),
            observed(usage, chosen.train(), vectors),
            observed(usage, chosen.validation(), vectors))
        .map(trained::withUsage)
        .orElse(trained);
  }

  /// The pool served by what routes best on validation questions.
  private PoolTrainer.Trained served(
      PoolTrainer.Trained trained, CorrectnessMatrix validation, QuestionVectors vectors) {
    if (validation.cellCount() == 0) {
      return trained;
    }
    return trained.servedBy(
        ServingChoice.of(
            trained.artifact(),
            kept(trained),
            new PoolEvaluation.Asked(
                SplitPart.VALIDATION.label(),
                validation,
                vectors.of(validation.questions()),
                ObservedUsage.none(validation.modelCount(), validation.questionCount()),
                settings.linear().seed(),
                false)));
  }

  private static UsageTrainer.Observed observed(
      DatasetUsage usage, CorrectnessMatrix answers, QuestionVectors vectors) {
    return new UsageTrainer.Observed(usage.of(answers), vectors.of(answers.questions()).vectors());
  }

  private static TrainingListener shown(Progress progress) {
    return new TrainingListener() {
      @Override
      public void epochDone(EpochReport report) {
        show(report, progress);
      }

      @Override
      public void phaseDone(TrainingPhase phase) {
        progress.detail(String.format(Locale.ROOT, "%s: %.1f s", phase.name(), phase.seconds()));
      }
    };
  }

  private static void show(EpochReport report, Progress progress) {
    String validation =
        report.validationAccuracy().isPresent()
            ? String.format(
                Locale.ROOT,
                ", validation %.2f %%",
                100 * report.validationAccuracy().getAsDouble())
            : "";
    progress.detail(String.format(Locale.ROOT, "loss %.4f%s", report.trainLoss(), validation));
    progress.advanceTo(report.epoch());
  }
}
