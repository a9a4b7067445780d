package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;

/// The tables of docs/results.md: forecasters beside each other on splits by question.
///
/// `--data DATASET --rows FILE` (a data set directory with vectors; a file of lines that grows and
/// is taken up where it ended), `--vectors minilm-l6,minilm-l6+text-features` (encoders whose
/// vectors are kept; of a joined one its parts, `+text-features` is made here), `--from 0 --to 10`
/// (seeds) or `--supplied` (the data set's own split), `--only published,kernel` (forecasters, or
/// variants of the tower by name), `--variants` (all of them). `--table --rows FILE` prints.
public final class ForecasterAblation {
  static final String PUBLISHED = "published";
  static final String NEIGHBORS = "nearest neighbors";
  static final String SUPPLIED = "supplied";
  private static final String KERNEL = "kernel factorization";

  private final EvaluationData data;
  private final Path file;
  private final Set<String> done = new HashSet<>();

  private ForecasterAblation(EvaluationData data, Path file) {
    this.data = data;
    this.file = file;
  }

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path file = Path.of(flags.text("rows"));
    List<AblationRow> known =
        Files.exists(file)
            ? Files.readAllLines(file).stream().map(AblationRow::parse).toList()
            : List.of();
    if (flags.has("table")) {
      new AblationTable(known, flags.has(SUPPLIED))
          .print(System.out, flags.has("reference") ? flags.text("reference") : "minilm-l6");
      return;
    }
    Path folder = Path.of(flags.text("data"));
    EvaluationData data = DatasetLoader.load(folder).data();
    var ablation = new ForecasterAblation(data, file);
    known.forEach(row -> ablation.done.add(row.key()));
    Set<String> only =
        Set.of((flags.has("only") ? flags.text("only") : "published,neighbors,kernel").split(","));
    for (String encoder : flags.text("vectors").split(",")) {
      QuestionVectors vectors = vectors(VectorStore.ofDataset(folder), encoder, data);
      if (flags.has(SUPPLIED)) {
        ablation.split(data.split(), SUPPLIED, vectors, only, flags.has("variants"));
        continue;
      }
      for (int seed = flags.integer("from", 0); seed < flags.integer("to", 10); seed++) {
        QuestionSplit split = QuestionSplit.seeded(data.matrix().questions(), 0.8, 0.1, seed);
        ablation.split(split, Integer.toString(seed), vectors, only, flags.has("variants"));
      }
    }
  }

  /// Vectors of an encoder, or of several joined as the program joins them.
  private static QuestionVectors vectors(VectorStore store, String name, EvaluationData data)
      throws IOException {
    List<Question> questions = data.matrix().questions();
    Optional<String> sentence = TextFeatureVectors.sentenceEncoder(name);
    if (sentence.isPresent()) {
      return TextFeatureVectors.append(vectors(store, sentence.get(), data), questions);
    }
    String[] names = name.split("\\+");
    List<FloatMatrix> parts = new ArrayList<>();
    for (String part : names) {
      parts.add(kept(store, part, questions));
    }
    int q = parts.stream().mapToInt(FloatMatrix::columns).sum();
    float[] joined = new float[questions.size() * q];
    int at = 0;
    for (FloatMatrix part : parts) {
      for (int j = 0; j < questions.size(); j++) {
        for (int x = 0; x < part.columns(); x++) {
          joined[j * q + at + x] = (float) (part.get(j, x) / Math.sqrt(names.length));
        }
      }
      at += part.columns();
    }
    return new QuestionVectors(
        questions.stream().map(Question::id).toList(),
        FloatMatrix.wrap(questions.size(), q, joined),
        new EncoderIdentity(name, name, q, 0));
  }

  private static FloatMatrix kept(VectorStore store, String name, List<Question> questions)
      throws IOException {
    EncoderIdentity identity =
        store.encoders().stream()
            .filter(e -> e.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no vectors of " + name));
    return store.find(questions, identity).orElseThrow().vectors();
  }

  private void split(
      QuestionSplit split, String name, QuestionVectors vectors, Set<String> only, boolean variants)
      throws IOException {
    CorrectnessMatrix train = data.matrix().selectQuestions(split.questions(SplitPart.TRAIN));
    CorrectnessMatrix validation =
        data.matrix().selectQuestions(split.questions(SplitPart.VALIDATION));
    CorrectnessMatrix test = data.matrix().selectQuestions(split.questions(SplitPart.TEST));
    QuestionVectors trainVectors = vectors.select(split.questions(SplitPart.TRAIN));
    FloatMatrix testVectors = vectors.vectors().selectRows(split.questions(SplitPart.TEST));
    TrainingProblem problem =
        TrainingProblem.of(train, vectors).withValidation(validation, vectors);
    Map<String, Supplier<FloatMatrix>> forecasters = new LinkedHashMap<>();
    if (only.contains("published")) {
      forecasters.put(
          PUBLISHED,
          () ->
              new MatrixFactorizationTrainer(TrainingOptions.PUBLISHED)
                  .fit(problem)
                  .model()
                  .forecast(testVectors));
    }
    if (only.contains("neighbors")) {
      QuestionVectors held = vectors.select(split.questions(SplitPart.VALIDATION));
      forecasters.put(
          NEIGHBORS, () -> neighbors(train, trainVectors, validation, held, testVectors));
    }
    kernels()
        .forEach((kernel, options) -> {
          if (only.contains(kernel)
              || (only.contains("kernel") && (variants || kernel.equals(KERNEL)))) {
            forecasters.put(
                kernel,
                () ->
                    new KernelFactorizationTrainer(options)
                        .fit(problem)
                        .result()
                        .model()
                        .forecast(testVectors));
          }
        });
    for (Map.Entry<String, Supplier<FloatMatrix>> entry : forecasters.entrySet()) {
      String key = vectors.encoder().name() + "," + entry.getKey() + "," + name;
      if (done.add(key)) {
        long start = System.nanoTime();
        FloatMatrix forecasts = entry.getValue().get();
        double seconds = (System.nanoTime() - start) * 1e-9;
        AblationRow row =
            row(vectors.encoder().name(), entry.getKey(), name, test, train, forecasts, seconds);
        Files.writeString(
            file,
            row.line() + System.lineSeparator(),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        System.err.println(row.line());
      }
    }
  }

  private static Map<String, KernelOptions> kernels() {
    Map<String, KernelOptions> kernels = new LinkedHashMap<>();
    kernels.put(KERNEL, KernelOptions.DEFAULT);
    kernels.put("landmarks drawn", KernelOptions.DEFAULT.withRounds(0));
    kernels.put("512 landmarks", KernelOptions.DEFAULT.withLandmarks(512));
    kernels.put("4096 landmarks", KernelOptions.DEFAULT.withLandmarks(4_096));
    kernels.put("6 components", KernelOptions.DEFAULT.withDimensions(List.of(6)));
    kernels.put("12 components", KernelOptions.DEFAULT.withDimensions(List.of(12)));
    kernels.put("all components", KernelOptions.DEFAULT.withDimensions(List.of(48)));
    kernels.put("one ridge", KernelOptions.DEFAULT.withRidges(List.of(6.0)));
    return kernels;
  }

  private static FloatMatrix neighbors(
      CorrectnessMatrix train,
      QuestionVectors trainVectors,
      CorrectnessMatrix validation,
      QuestionVectors validationVectors,
      FloatMatrix testVectors) {
    int threads = KernelOptions.DEFAULT.threads();
    int k =
        NeighborCountChoice.choose(
                train,
                trainVectors,
                validation,
                validationVectors,
                NeighborCountChoice.CANDIDATES,
                threads)
            .k();
    return new NearestNeighborsForecaster(train, trainVectors, k, threads).forecast(testVectors);
  }

  private static AblationRow row(
      String vectors,
      String forecaster,
      String split,
      CorrectnessMatrix test,
      CorrectnessMatrix train,
      FloatMatrix forecasts,
      double seconds) {
    AnswerCounts counts = AnswerCounts.of(train);
    Optional<NeighborVotes> none = Optional.empty();
    ForecastEvaluation forecast = ForecastEvaluation.of(test, forecasts, counts, none, 0);
    RoutingEvaluation routing = RoutingEvaluation.of(test, forecasts, counts, none, 0);
    return new AblationRow(
        vectors,
        forecaster,
        split,
        forecast.accuracy().value(),
        forecast.logLoss().value(),
        forecast.calibration().error(),
        forecast.calibration().errorIfPerfect(),
        routing.router().value(),
        routing.singleBest().value(),
        routing.gain().interval().low(),
        routing.gain().interval().high(),
        seconds);
  }
}
