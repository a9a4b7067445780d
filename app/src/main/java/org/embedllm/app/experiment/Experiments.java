package org.embedllm.app.experiment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentListener;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.experiment.run.ResultCache;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.ReportPage;
import org.embedllm.app.report.SimulatedNote;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.storage.AtomicFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Runs experiments and writes their results: for each `NAME.json`, `NAME.csv`, `NAME.svg`, and one
/// page of all of them.
///
/// Finished trainings are kept in the folder `.cache` beside the results; an interrupted run, or
/// one with a further experiment, continues from there.
public final class Experiments {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final ExperimentSetup setup;
  private final RunContext run;

  /// What surrounds the experiments.
  ///
  /// @param dataset name of the data set in the report
  /// @param programVersion of this program
  /// @param nanoClock nanoseconds since some moment
  /// @param textsPerSecond encodes some questions one after another and returns texts a second;
  ///   empty without an encoder
  /// @param listener is told the progress
  public record RunContext(
      String dataset,
      String programVersion,
      LongSupplier nanoClock,
      java.util.function.Supplier<Optional<Double>> textsPerSecond,
      ExperimentListener listener) {}

  public Experiments(ExperimentSetup setup, RunContext run) {
    this.setup = setup;
    this.run = run;
  }

  /// Runs the experiments and writes their files.
  ///
  /// @param names which, in the order of the report
  /// @param folder of the files; created where it is missing
  public List<ExperimentResult> run(List<ExperimentName> names, Path folder) throws IOException {
    long start = run.nanoClock().getAsLong();
    Files.createDirectories(folder);
    long total = units(setup, names);
    ResultCache cache = ResultCache.of(folder.resolve(".cache"), everything());
    ExperimentContext context = new ExperimentContext(setup, cache, run.listener(), total);
    List<ExperimentResult> results = new ArrayList<>();
    for (ExperimentName name : names) {
      ExperimentResult result = run(name, context);
      write(result, folder);
      results.add(result);
    }
    double seconds = (run.nanoClock().getAsLong() - start) * 1e-9;
    text(folder.resolve("index.html"), page(results, seconds).html());
    return results;
  }

  /// The experiments that can be made: costs where prices are known, new models where the default
  /// training is taken.
  public static List<ExperimentName> possible(ExperimentSetup setup) {
    return Arrays.stream(ExperimentName.values())
        .filter(name -> name != ExperimentName.COSTS || CostsExperiment.possible(setup))
        .filter(name -> name != ExperimentName.NEWMODELS || setup.kernel().isPresent())
        .toList();
  }

  /// The content of `costs.json` for a pool that is there already, without `kept`.
  ///
  /// @param artifact trained on the training questions of the setup, with its models
  public static JsonNode costs(ExperimentSetup setup, ModelArtifact artifact) {
    return CostsExperiment.json(setup, artifact);
  }

  /// Number of trainings and searches of some experiments.
  public static long units(ExperimentSetup setup, List<ExperimentName> names) {
    return names.stream().mapToLong(name -> units(setup, name)).sum();
  }

  private static long units(ExperimentSetup setup, ExperimentName name) {
    return switch (name) {
      case TABLE1 -> Table1Experiment.units(setup);
      case ROUTING -> RoutingExperiment.units();
      case BENCHMARKS -> BenchmarksExperiment.units(setup);
      case COMMUNITIES -> CommunitiesExperiment.units();
      case CONTRIBUTIONS -> ContributionsExperiment.units(setup);
      case COSTS -> CostsExperiment.units();
      case NEWMODELS -> NewModelsExperiment.units(setup);
    };
  }

  private ExperimentResult run(ExperimentName name, ExperimentContext context) {
    return switch (name) {
      case TABLE1 -> new Table1Experiment(context).run();
      case ROUTING ->
          new RoutingExperiment(context, run.textsPerSecond()::get, run.nanoClock()).run();
      case BENCHMARKS -> new BenchmarksExperiment(context).run();
      case COMMUNITIES -> new CommunitiesExperiment(context).run();
      case CONTRIBUTIONS -> new ContributionsExperiment(context).run();
      case COSTS -> new CostsExperiment(context).run();
      case NEWMODELS -> new NewModelsExperiment(context).run();
    };
  }

  private static void write(ExperimentResult result, Path folder) throws IOException {
    String label = result.name().label();
    text(folder.resolve(label + ".json"), JSON.writeValueAsString(result.json()) + "\n");
    text(folder.resolve(label + ".csv"), result.table().csv());
    for (Figure figure : result.figures()) {
      text(folder.resolve(figure.id() + ".svg"), figure.svg());
      if (!figure.id().equals(label)) {
        text(folder.resolve(figure.id() + ".csv"), figure.table().csv());
      }
    }
  }

  private static void text(Path file, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    AtomicFile.writeStream(file, out -> out.write(bytes));
  }

  private ReportPage page(List<ExperimentResult> results, double seconds) {
    List<Block> blocks = new ArrayList<>();
    SimulatedNote.of(setup.data().matrix().models())
        .ifPresent(note -> blocks.add(new Block.Paragraph(note)));
    for (ExperimentResult result : results) {
      blocks.add(new Block.Heading("section-" + result.name().label(), result.name().title()));
      result.figures().forEach(figure -> blocks.add(new Block.Drawing(figure)));
      blocks.addAll(result.after());
    }
    blocks.add(new Block.Heading("section-methods", "Methods"));
    blocks.add(new Block.Facts(methods(seconds)));
    CorrectnessMatrix matrix = setup.data().matrix();
    return new ReportPage(
        "Experiments on " + run.dataset(),
        String.format(
            Locale.ROOT,
            "%d models, %,d questions of %d benchmarks, %,d answers. The experiments of Zhuang et al., EmbedLLM: Learning Compact Representations of Large Language Models (ICLR 2025), with settings chosen on validation questions.",
            matrix.modelCount(),
            matrix.questionCount(),
            matrix.benchmarks().size(),
            matrix.cellCount()),
        blocks);
  }

  private List<Block.Fact> methods(double seconds) {
    var split = setup.data().split();
    TrainingOptions options = setup.options();
    return List.of(
        new Block.Fact("Data", "digest " + setup.data().digest()),
        new Block.Fact(
            "Split",
            String.format(
                Locale.ROOT,
                "%,d questions train, %,d validate, %,d test; test is read for the reported numbers, never for a choice",
                split.questions(SplitPart.TRAIN).length,
                split.questions(SplitPart.VALIDATION).length,
                split.questions(SplitPart.TEST).length)),
        new Block.Fact(
            "Encoder",
            "%s, %d dimensions, digest %s"
                .formatted(
                    setup.vectors().encoder().name(),
                    setup.vectors().encoder().dimension(),
                    setup.vectors().encoder().digest())),
        new Block.Fact("Factorization of the paper", settings(options)),
        new Block.Fact(
            "Factorization shown",
            setup.kernel().map(Experiments::kernelSettings).orElse("the paper's, everywhere")),
        new Block.Fact(
            "Seeds",
            "%d; §5.1 repeats with %d in a row, samples of the questions included"
                .formatted(options.seed(), setup.seeds())),
        new Block.Fact(
            "Unseen benchmarks",
            "Trained on training questions of the other benchmarks; accuracy over all observed answers to the benchmark. Models with at least %d answers on it and elsewhere; %d random splits, max(%.0f %%, %d) models left out. Ridge regression on canonical embeddings, penalty by leave-one-out inside the training models. Kendall's τ-b: exact without ties, else the tie-corrected normal."
                .formatted(
                    setup.prediction().leastAnswers(),
                    setup.prediction().splits(),
                    100 * setup.prediction().testFraction(),
                    setup.prediction().leastTestModels())),
        new Block.Fact(
            "Intervals",
            "95 %, percentiles of 2,000 resamples of whole questions; differences paired"),
        new Block.Fact(
            "Program", "EmbedLLM for Java " + run.programVersion() + ", Java " + Runtime.version()),
        new Block.Fact(
            "Time",
            String.format(
                Locale.ROOT,
                "%.0f s on %d threads; results of an earlier run were reused",
                seconds,
                options.threads())));
  }

  private static String settings(TrainingOptions options) {
    return "d %d (tuned in §5.1), %d epochs, Adam at %s, %s questions a step, noise %s, weight decay %s, order %s"
        .formatted(
            options.dimension(),
            options.epochs(),
            options.learningRate(),
            options.batchQuestions() == TrainingOptions.AUTOMATIC
                ? "as many as have 2,048 cells,"
                : Integer.toString(options.batchQuestions()),
            options.noise(),
            options.weightDecay(),
            options.order().name().toLowerCase(Locale.ROOT));
  }

  private static String kernelSettings(KernelOptions kernel) {
    return "forecasts, routes and communities: the kernel forecaster, %d landmarks, gamma scale %s, d of %s and the scale chosen on validation; unseen benchmarks and contributions: the paper's"
        .formatted(kernel.landmarks(), kernel.gammaScale(), kernel.dimensions());
  }

  /// Everything that influences the result of a training.
  private String everything() {
    return String.join(
        "\n",
        setup.data().digest(),
        setup.vectors().encoder().toString(),
        setup.options().withThreads(1).toString(),
        setup.kernel().map(kernel -> kernel.withThreads(1).toString()).orElse("no kernel"),
        run.programVersion());
  }
}
