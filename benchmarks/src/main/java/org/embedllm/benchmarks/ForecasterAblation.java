package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.AttributeTable;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;

/// The tables of docs/results.md: forecasters beside each other on splits by question, on the texts
/// as they are and as people ask them ([org.embedllm.question.PromptVariant]).
///
/// `--data DATASET,…` (data set directories with vectors of `--vectors`, by default minilm-l6, or
/// `made` for [MadeTasks]) `--to DIR` (a file of rows for each, which grows and is taken up where
/// it ended), `--from 0 --seeds 10` or `--supplied` (the data sets' own splits), `--as-asked`
/// (variants whose vectors are not kept are encoded first), `--only NAME,…` (forecasters),
/// `--variants` (of the settings), `--by-benchmark` (splits that keep benchmarks whole: formats
/// never seen). `--table` prints all rows of DIR.
///
/// `--choose` compares settings on validation questions, as they are and as people ask them, with
/// forecasters that saw the training questions alone. Test questions are not looked at.
public final class ForecasterAblation {
  static final String PUBLISHED = "published";
  static final String NEIGHBORS = "nearest neighbors";
  static final String TABLE = "table";
  static final String SENTENCE = "sentence alone";
  static final String TEXT = "text only";
  static final String ATTRIBUTES = "attributes";
  static final String WITHHELD = "attributes withheld";
  static final String SUPPLIED = "supplied";
  static final String AS_ASKED = " as asked";
  private static final String ROWS = ".rows";
  private static final List<Double> KNOWN_SHARES = List.of(1.0, 0.9, 0.8, 0.6);
  private static final List<Double> CONTENT_SHARES = List.of(0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8);

  private final CorrectnessMatrix matrix;
  private final QuestionSplit supplied;
  private final AskedQuestions all;
  private final Optional<AskedQuestions.Variants> variants;
  private final Path file;
  private final Set<String> done = new HashSet<>();

  private ForecasterAblation(
      CorrectnessMatrix matrix,
      QuestionSplit supplied,
      AskedQuestions all,
      Optional<AskedQuestions.Variants> variants,
      Path file)
      throws IOException {
    this.matrix = matrix;
    this.supplied = supplied;
    this.all = all;
    this.variants = variants;
    this.file = file;
    if (Files.exists(file)) {
      Files.readAllLines(file).forEach(line -> done.add(AblationRow.parse(line).key()));
    }
  }

  /// A trained forecaster.
  private interface Fitted {
    /// [n, m].
    FloatMatrix forecast(AskedQuestions asked);
  }

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path folder = Path.of(flags.text("to"));
    Files.createDirectories(folder);
    if (flags.has("table")) {
      print(folder, flags.has(SUPPLIED));
      return;
    }
    Set<String> only = flags.has("only") ? Set.of(flags.text("only").split(",")) : Set.of();
    for (String name : flags.text("data").split(",")) {
      ForecasterAblation ablation = of(name, folder, flags);
      if (flags.has(SUPPLIED)) {
        ablation.split(ablation.supplied, SUPPLIED, only, flags.has("variants"));
        continue;
      }
      if (flags.has("choose")) {
        ablation.choose(only);
        continue;
      }
      int from = flags.integer("from", 0);
      for (int seed = from; seed < from + flags.integer("seeds", 10); seed++) {
        List<Question> questions = ablation.all.questions();
        QuestionSplit split =
            flags.has("by-benchmark")
                ? QuestionSplit.seededByGroup(questions, 0.7, 0.15, seed, Question::benchmark)
                : QuestionSplit.seeded(questions, 0.8, 0.1, seed);
        ablation.split(split, Integer.toString(seed), only, flags.has("variants"));
      }
    }
  }

  private static void print(Path folder, boolean supplied) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path rows : files.filter(f -> f.toString().endsWith(ROWS)).sorted().toList()) {
        String name = String.valueOf(rows.getFileName()).replace(ROWS, "");
        System.out.printf("%n%s%n%n", name);
        List<AblationRow> known =
            Files.readAllLines(rows).stream().map(AblationRow::parse).toList();
        new AblationTable(known, supplied).print(System.out);
      }
    }
  }

  private static ForecasterAblation of(String name, Path folder, Flags flags) throws IOException {
    if (name.equals(MadeTasks.NAME)) {
      var made = new MadeTasks(0);
      List<Question> questions = made.matrix.questions();
      return new ForecasterAblation(
          made.matrix,
          QuestionSplit.seeded(questions, 0.8, 0.1, 0),
          AskedQuestions.of(questions, made.vectors),
          Optional.empty(),
          folder.resolve(name + ROWS));
    }
    Path path = Path.of(name);
    EvaluationData data = DatasetLoader.load(path).data();
    VectorStore store = VectorStore.ofDataset(path);
    String encoder = flags.has("vectors") ? flags.text("vectors") : "minilm-l6";
    List<Question> questions = data.matrix().questions();
    return new ForecasterAblation(
        data.matrix(),
        data.split(),
        AskedQuestions.of(questions, kept(store, encoder, questions).orElseThrow()),
        flags.has("as-asked")
            ? Optional.of(new AskedQuestions.Variants(store, encoder))
            : Optional.empty(),
        folder.resolve(path.getFileName() + ROWS));
  }

  private static Optional<QuestionVectors> kept(
      VectorStore store, String name, List<Question> questions) throws IOException {
    EncoderIdentity identity =
        store.encoders().stream()
            .filter(e -> e.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no vectors of " + name));
    return store.find(questions, identity);
  }

  private void split(QuestionSplit split, String name, Set<String> only, boolean settings)
      throws IOException {
    CorrectnessMatrix train = matrix.selectQuestions(split.questions(SplitPart.TRAIN));
    measure(trainings(split, train, settings), train, split.questions(SplitPart.TEST), name, only);
  }

  private static KernelOptions withContentShare(double share) {
    KernelOptions text = KernelOptions.DEFAULT;
    return new KernelOptions(
        text.landmarks(),
        text.rounds(),
        text.gammaScale(),
        text.ridges(),
        text.dimensions(),
        text.jitter(),
        share,
        text.seed(),
        0,
        text.threads());
  }

  /// Compares settings on the validation questions of the data set's own split.
  private void choose(Set<String> only) throws IOException {
    CorrectnessMatrix train = matrix.selectQuestions(supplied.questions(SplitPart.TRAIN));
    TrainingProblem text = TrainingProblem.of(train, all.text());
    Map<String, Supplier<Map<String, Fitted>>> trainings = new LinkedHashMap<>();
    for (double share : CONTENT_SHARES) {
      String name = "content share " + share;
      KernelOptions options = withContentShare(share);
      trainings.put(name, () -> kernel(name, text, options));
    }
    trainings.put(TEXT, () -> kernel(TEXT, text, KernelOptions.DEFAULT.withAttributesKnown(0)));
    for (double share : KNOWN_SHARES) {
      String name = "attributes known " + share;
      trainings.put(
          name,
          () ->
              withAttributes(
                  name,
                  name + " withheld",
                  text,
                  KernelOptions.DEFAULT.withAttributesKnown(share)));
    }
    measure(trainings, train, supplied.questions(SplitPart.VALIDATION), "validation", only);
  }

  private void measure(
      Map<String, Supplier<Map<String, Fitted>>> trainings,
      CorrectnessMatrix train,
      int[] tested,
      String name,
      Set<String> only)
      throws IOException {
    CorrectnessMatrix test = matrix.selectQuestions(tested);
    AskedQuestions plain = all.select(tested);
    List<AskedQuestions> asked =
        variants.isPresent() ? variants.get().of(plain.questions()) : List.of();
    for (Map.Entry<String, Supplier<Map<String, Fitted>>> entry : trainings.entrySet()) {
      String key = entry.getKey() + "," + name;
      if ((!only.isEmpty() && !only.contains(entry.getKey())) || done.contains(key)) {
        continue;
      }
      long start = System.nanoTime();
      Map<String, Fitted> fitted = entry.getValue().get();
      double seconds = (System.nanoTime() - start) * 1e-9;
      for (Map.Entry<String, Fitted> one : fitted.entrySet()) {
        Fitted forecaster = one.getValue();
        write(
            AblationRow.of(
                one.getKey(),
                name,
                List.of(measured(test, train, forecaster.forecast(plain))),
                seconds));
        if (!asked.isEmpty()) {
          write(
              AblationRow.of(
                  one.getKey() + AS_ASKED,
                  name,
                  asked.stream().map(v -> measured(test, train, forecaster.forecast(v))).toList(),
                  seconds));
        }
      }
    }
  }

  private void write(AblationRow row) throws IOException {
    if (done.add(row.key())) {
      Files.writeString(
          file,
          row.line() + System.lineSeparator(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      System.err.println(row.line());
    }
  }

  /// What is trained, by the name of the first forecaster that it gives.
  private Map<String, Supplier<Map<String, Fitted>>> trainings(
      QuestionSplit split, CorrectnessMatrix train, boolean settings) {
    CorrectnessMatrix validation = matrix.selectQuestions(split.questions(SplitPart.VALIDATION));
    AskedQuestions known = all.select(split.questions(SplitPart.TRAIN));
    AskedQuestions held = all.select(split.questions(SplitPart.VALIDATION));
    TrainingProblem text =
        TrainingProblem.of(train, all.text()).withValidation(validation, all.text());
    TrainingProblem sentence =
        TrainingProblem.of(train, all.sentence()).withValidation(validation, all.sentence());
    Map<String, Supplier<Map<String, Fitted>>> trainings = new LinkedHashMap<>();
    trainings.put(TABLE, () -> table(train));
    trainings.put(NEIGHBORS, () -> neighbors(train, known, validation, held));
    trainings.put(TEXT, () -> kernel(TEXT, text, KernelOptions.DEFAULT.withAttributesKnown(0)));
    trainings.put(
        ATTRIBUTES, () -> withAttributes(ATTRIBUTES, WITHHELD, text, KernelOptions.DEFAULT));
    trainings.put(
        SENTENCE,
        () -> {
          MatrixFactorization model = fitted(sentence, KernelOptions.DEFAULT);
          return Map.of(SENTENCE, asked -> model.forecast(asked.sentence().vectors()));
        });
    trainings.put(
        PUBLISHED,
        () -> {
          MatrixFactorization model =
              new MatrixFactorizationTrainer(TrainingOptions.PUBLISHED).fit(sentence).model();
          return Map.of(PUBLISHED, asked -> model.forecast(asked.sentence().vectors()));
        });
    if (settings) {
      settings().forEach((name, options) -> trainings.put(name, () -> kernel(name, text, options)));
    }
    return trainings;
  }

  /// One model, with attributes known and withheld.
  private static Map<String, Fitted> withAttributes(
      String known, String withheld, TrainingProblem problem, KernelOptions options) {
    MatrixFactorization model = fitted(problem, options);
    Map<String, Fitted> both = new LinkedHashMap<>();
    both.put(
        known,
        asked ->
            model.forecast(model.attributes().beside(asked.text().vectors(), asked.questions())));
    both.put(withheld, asked -> model.forecast(asked.text().vectors()));
    return both;
  }

  private static MatrixFactorization fitted(TrainingProblem problem, KernelOptions options) {
    return new KernelFactorizationTrainer(options).fit(problem).model();
  }

  private static Map<String, Fitted> kernel(
      String name, TrainingProblem problem, KernelOptions options) {
    MatrixFactorization model = fitted(problem, options);
    return Map.of(name, asked -> model.forecast(asked.text().vectors()));
  }

  private static Map<String, KernelOptions> settings() {
    KernelOptions text = KernelOptions.DEFAULT.withAttributesKnown(0);
    Map<String, KernelOptions> settings = new LinkedHashMap<>();
    settings.put("landmarks drawn", text.withRounds(0));
    settings.put("512 landmarks", text.withLandmarks(512));
    settings.put("4096 landmarks", text.withLandmarks(4_096));
    settings.put("6 components", text.withDimensions(List.of(6)));
    settings.put("12 components", text.withDimensions(List.of(12)));
    settings.put("all components", text.withDimensions(List.of(48)));
    settings.put("one ridge", text.withRidges(List.of(6.0)));
    return settings;
  }

  private static Map<String, Fitted> table(CorrectnessMatrix train) {
    return AttributeTable.fit(train, AttributeEncoding.fit(train.questions()))
        .map(table -> Map.<String, Fitted>of(TABLE, asked -> table.forecast(asked.questions())))
        .orElseGet(Map::of);
  }

  private static Map<String, Fitted> neighbors(
      CorrectnessMatrix train,
      AskedQuestions known,
      CorrectnessMatrix validation,
      AskedQuestions held) {
    int threads = KernelOptions.DEFAULT.threads();
    int k =
        NeighborCountChoice.choose(
                train,
                known.sentence(),
                validation,
                held.sentence(),
                NeighborCountChoice.CANDIDATES,
                threads)
            .k();
    var forecaster = new NearestNeighborsForecaster(train, known.sentence(), k, threads);
    return Map.of(NEIGHBORS, asked -> forecaster.forecast(asked.sentence().vectors()));
  }

  private static AblationRow.Measured measured(
      CorrectnessMatrix test, CorrectnessMatrix train, FloatMatrix forecasts) {
    AnswerCounts counts = AnswerCounts.of(train);
    Optional<NeighborVotes> none = Optional.empty();
    return new AblationRow.Measured(
        ForecastEvaluation.of(test, forecasts, counts, none, 0),
        RoutingEvaluation.of(test, forecasts, counts, none, 0));
  }
}
