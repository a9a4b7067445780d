package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.cli.Suggestion;
import org.embedllm.app.experiment.CommunityFile;
import org.embedllm.app.experiment.Experiments;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.option.DeprecatedNames;
import org.embedllm.app.option.TrainingFlags;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.benchmark.PredictionOptions;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.probe.Community;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm experiment NAME DATASET --to DIR`: the paper's tables and figures on any data set.
@Command(
    name = "experiment",
    description = "Runs the paper's experiments and writes a report.",
    footer = {
      "",
      "NAME is table1, routing, benchmarks, communities, contributions, costs,",
      "newmodels, or all (costs where prices are known).",
      "For each it writes NAME.json, NAME.csv and NAME.svg, and DIR/index.html with all of them.",
      "Finished trainings are kept in DIR/.cache: an interrupted run continues.",
    })
public final class ExperimentCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final int TIMED_TEXTS = 40;
  private static final long REPORT_BYTES = 16_000_000; // with what is kept of finished trainings

  @Mixin private Console console;
  @Mixin private TrainingFlags flags;

  @Parameters(index = "0", paramLabel = "NAME", description = "The experiment, or all.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "DATASET", description = "Data set, or a table.")
  private Path dataset = Path.of("");

  @Option(names = "--to", required = true, paramLabel = "DIR", description = "Where to write.")
  private Path target = Path.of("");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Repetitions of table1, from --seed upwards. Default: 3.")
  private int seeds = 3;

  @Option(
      names = "--splits",
      paramLabel = "N",
      description = "Random splits of the models for benchmarks and contributions. Default: 100.")
  private int splits = PredictionOptions.DEFAULT.splits();

  @Option(
      names = "--dimensions",
      split = ",",
      paramLabel = "D",
      description = "Values of d that table1 chooses from. Default: 16,64,232.")
  private List<Integer> dimensions = ExperimentSetup.DIMENSIONS;

  @Option(
      names = "--communities",
      paramLabel = "FILE",
      description = "Further communities, a line \"name: keyword keyword\" each.")
  private @Nullable Path communities;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description = "CSV model,input,output,call: USD per million tokens, per call.")
  private @Nullable Path prices;

  @Option(
      names = "--new-models",
      paramLabel = "N|all",
      description =
          "Models that newmodels leaves out one by one, each with its own training. Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "6")
  private String newModels = "6";

  @Option(names = DeprecatedNames.NEW_MODELS, hidden = true)
  private @Nullable String newModelsByOldName;

  @Override
  public Integer call() throws IOException {
    String byOldName = newModelsByOldName;
    if (byOldName != null) {
      console.warn(DeprecatedNames.warning(DeprecatedNames.NEW_MODELS, "--new-models"));
      newModels = byOldName;
    }
    AtomicFile.requirePlace(target.resolve("index.html"));
    AtomicFile.requireSpace(target.resolve("index.html"), REPORT_BYTES);
    Optional<ExperimentName> wanted = wanted();
    Dataset loaded = DatasetLoader.load(dataset);
    requireParts(loaded);
    List<Question> questions = loaded.data().matrix().questions();
    DatasetVectors source = new DatasetVectors(loaded, console);
    Optional<String> given = flags.encoder();
    QuestionVectors vectors =
        flags.kernel() ? source.withTextFeatures(questions, given) : source.of(questions, given);
    QuestionVectors sentences =
        flags.kernel() ? source.of(questions, given.map(DatasetVectors::sentenceEncoder)) : vectors;
    ExperimentSetup setup = setup(loaded, vectors, sentences);
    List<ExperimentName> names = wanted.map(List::of).orElseGet(() -> Experiments.possible(setup));
    List<ExperimentResult> results;
    try (Progress progress =
        console.progress("experiment", Experiments.units(setup, names), "steps")) {
      var circumstances =
          new Experiments.RunContext(
              String.valueOf(dataset.toAbsolutePath().normalize().getFileName()),
              ProgramVersion.text(),
              System::nanoTime,
              () -> textsPerSecond(sentences.encoder().name(), questions),
              (done, total, doing) -> {
                progress.advanceTo(done);
                progress.detail(doing);
              });
      results = new Experiments(setup, circumstances).run(names, target);
    }
    for (ExperimentResult result : results) {
      console.line("%s: %s", result.name().label(), result.figures().getFirst().finding());
      console.line("");
    }
    console.line("wrote %s", target.resolve("index.html"));
    console.json(
        Map.of(
            "report", target.resolve("index.html").toString(),
            "experiments", results.stream().map(result -> result.name().label()).toList()));
    return ExitStatus.DONE;
  }

  /// Empty for all of them.
  private Optional<ExperimentName> wanted() {
    List<String> known = new ArrayList<>(ExperimentName.labels());
    known.add(ALL);
    if (!known.contains(name)) {
      throw BadInputException.of(
          "there is no experiment \"%s\"; there are %s%s"
              .formatted(name, String.join(", ", known), Suggestion.didYouMean(name, known)));
    }
    return ExperimentName.named(name);
  }

  private void requireParts(Dataset loaded) {
    if (loaded.data().matrix().cellCount() == 0 && !loaded.data().votes().isEmpty()) {
      throw BadInputException.in(
          dataset,
          "has votes alone, and experiments take scores; evaluate measures a pool from votes");
    }
    for (SplitPart part : SplitPart.values()) {
      if (loaded.data().part(part).cellCount() == 0) {
        throw BadInputException.in(
            dataset,
            "has no answers in split %s; experiments choose on validation and report on test (import with --split 80/10/10)"
                .formatted(part.label()));
      }
    }
  }

  private ExperimentSetup setup(Dataset loaded, QuestionVectors vectors, QuestionVectors sentences)
      throws IOException {
    ExperimentSetup plain =
        ExperimentSetup.of(
            loaded.data(),
            vectors,
            flags.kernel() ? Optional.of(flags.kernelOptions()) : Optional.empty(),
            flags.options());
    if (seeds < 1 || splits < 1) {
      throw BadInputException.of("--seeds and --splits must be 1 or more");
    }
    List<Community> all = new ArrayList<>(Community.PAPER);
    if (communities != null) {
      all.addAll(CommunityFile.read(communities));
    }
    return new ExperimentSetup(
        plain.data(),
        plain.vectors(),
        sentences,
        plain.kernel(),
        plain.options(),
        seeds,
        dimensions,
        plain.neighborCounts(),
        plain.prediction().withSplits(splits),
        all,
        plain.permutations(),
        prices == null ? plain.prices() : ModelPrices.read(prices),
        newModels(plain.data().matrix().modelCount()));
  }

  private int newModels(int models) {
    if (newModels.equals(ALL)) {
      return models;
    }
    if (!newModels.matches("[1-9][0-9]{0,5}")) {
      throw BadInputException.of("--new-models must be a number from 1, or all; got " + newModels);
    }
    return Integer.parseInt(newModels);
  }

  /// Encodes some questions one after another, as a router would.
  private static Optional<Double> textsPerSecond(String encoder, List<Question> questions) {
    try (QuestionEncoder opened = Encoders.open(encoder, EncoderSettings.of(System.getenv()))) {
      int step = Math.max(1, questions.size() / TIMED_TEXTS);
      opened.encode(List.of(questions.getFirst().text()));
      long start = System.nanoTime();
      int count = 0;
      for (int j = 0; j < questions.size() && count < TIMED_TEXTS; j += step) {
        opened.encode(List.of(questions.get(j).text()));
        count++;
      }
      return Optional.of(count / ((System.nanoTime() - start) * 1e-9));
    } catch (BadInputException e) {
      // Imported vectors have no encoder to be timed.
      return Optional.empty();
    }
  }
}
