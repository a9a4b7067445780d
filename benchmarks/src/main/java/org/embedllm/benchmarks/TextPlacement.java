package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.artifact.FactPriors;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.facts.ModelOutputs;
import org.embedllm.facts.OutputMeans;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.Ability;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.linalg.Shuffle;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.tensor.FloatMatrix;

/// How often the intervals hold of a model that is placed by some of its texts alone. Each model is
/// left out of training in turn, and its names are hidden: names would be used before texts.
///
/// `--data DATASET` (imported with `--keep-outputs`, with vectors), `--draws 3` of the texts (the
/// intervals of questions are those of the first), `--landmarks 512`, `--questions 1500` of the
/// training questions.
public final class TextPlacement {
  private static final int[] TEXTS = {10, 20, 50, 100};
  private static final int GROUP = 25;
  private static final int GROUPS = 100;
  private static final int THREADS = 2;

  private final EvaluationData data;
  private final CorrectnessMatrix matrix; // the models' names are hidden
  private final QuestionVectors vectors;
  private final List<List<ModelOutputs.Text>> texts; // by model
  private final QuestionEncoder encoder;
  private final KernelOptions options;
  private final int[] train; // questions
  private final int draws;
  private final int[][] groups; // of test questions
  private final Row[] rows = new Row[TEXTS.length];

  /// What came of one number of texts.
  private static final class Row {
    private final List<IntervalCoverage.Tally> groups = new ArrayList<>();
    private int count;
    private double error;
    private double width;
    private int covered;
    private int byTexts;

    void add(Ability.Accuracy accuracy, double truth) {
      count++;
      error += Math.abs(accuracy.value() - truth);
      width += accuracy.high() - accuracy.low();
      covered += accuracy.low() <= truth && truth <= accuracy.high() ? 1 : 0;
    }
  }

  private TextPlacement(Dataset dataset, QuestionVectors vectors, QuestionEncoder encoder, Flags of)
      throws IOException {
    this.data = dataset.data();
    this.matrix = hidden(data.matrix());
    this.vectors = vectors;
    this.texts = List.copyOf(ModelOutputs.of(dataset).values());
    this.encoder = encoder;
    this.options = KernelOptions.DEFAULT.withLandmarks(of.integer("landmarks", 512));
    this.draws = of.integer("draws", 3);
    int[] known = data.split().questions(SplitPart.TRAIN);
    int most = of.integer("questions", known.length);
    this.train =
        IntStream.range(0, most)
            .map(at -> known[(int) ((long) at * known.length / most)])
            .toArray();
    int[] test = data.split().questions(SplitPart.TEST);
    int step = Math.max(1, test.length / GROUPS);
    this.groups =
        IntStream.range(0, test.length)
            .filter(at -> at % step == 0)
            .mapToObj(at -> IntervalCoverage.neighbors(vectors, test, at, GROUP))
            .toArray(int[][]::new);
    Arrays.setAll(rows, k -> new Row());
  }

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path folder = Path.of(flags.text("data"));
    Dataset dataset = DatasetLoader.load(folder);
    VectorStore store = VectorStore.ofDataset(folder);
    List<Question> questions = dataset.data().matrix().questions();
    QuestionVectors sentences = store.find(questions, store.encoders().getFirst()).orElseThrow();
    try (QuestionEncoder encoder =
        new Remembering(
            Encoders.open(
                store.encoders().getFirst().sentenceEncoder(),
                EncoderSettings.of(System.getenv())))) {
      new TextPlacement(dataset, TextFeatureVectors.append(sentences, questions), encoder, flags)
          .run();
    }
  }

  /// Letters that say nothing of size, family or tuning.
  private static CorrectnessMatrix hidden(CorrectnessMatrix matrix) {
    int n = matrix.questionCount();
    float[][] scores = new float[n][matrix.modelCount()];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < matrix.modelCount(); i++) {
        scores[j][i] = matrix.score(i, j);
      }
    }
    return CorrectnessMatrix.ofDense(
        IntStream.range(0, matrix.modelCount())
            .mapToObj(i -> Character.toString('a' + i).repeat(3))
            .toList(),
        matrix.questions(),
        scores);
  }

  private void run() {
    for (int i = 0; i < matrix.modelCount(); i++) {
      leaveOut(i);
    }
    System.out.println("texts  error  width  covered  by groups: width  covered  by texts");
    for (int k = 0; k < TEXTS.length; k++) {
      Row row = rows[k];
      System.out.printf(
          Locale.ROOT,
          "%5d  %.3f  %.3f  %.3f  %.3f  %.3f  %.2f%n",
          TEXTS[k],
          row.error / row.count,
          row.width / row.count,
          (double) row.covered / row.count,
          row.groups.stream().mapToDouble(IntervalCoverage.Tally::width).average().orElseThrow(),
          row.groups.stream().mapToDouble(IntervalCoverage.Tally::covered).average().orElseThrow(),
          (double) row.byTexts / row.count);
    }
  }

  private void leaveOut(int left) {
    String name = matrix.models().get(left);
    List<String> pool = matrix.models().stream().filter(m -> !m.equals(name)).toList();
    List<String> all = new ArrayList<>(pool);
    all.add(name);
    CorrectnessMatrix answers = matrix.withModels(pool).selectQuestions(train);
    PoolTrainer.Trained trained =
        new PoolTrainer(new KernelFactorizationTrainer(options), "benchmark")
            .train(
                new PoolTrainer.Input(
                    answers,
                    matrix
                        .withModels(pool)
                        .selectQuestions(data.split().questions(SplitPart.VALIDATION)),
                    vectors,
                    "00",
                    Map.of(),
                    Map.of()),
                report -> {});
    Map<String, List<ModelOutputs.Text>> written = new LinkedHashMap<>();
    pool.forEach(m -> written.put(m, texts.get(matrix.models().indexOf(m))));
    OutputMeans means =
        ModelOutputs.ofPool(written, trained.artifact().training(), encoder, (done, total) -> {});
    CorrectnessMatrix own = matrix.withModels(List.of(name)).selectQuestions(train);
    boolean[] answered = new boolean[own.questionCount()];
    double right = 0;
    for (int j = 0; j < answered.length; j++) {
      answered[j] = own.cellCount(j) > 0;
      right += answered[j] ? own.score(0, j) : 0;
    }
    double truth = right / IntStream.range(0, answered.length).filter(j -> answered[j]).count();
    ModelAddition plain = new ModelAddition(trained.artifact(), trained.questions());
    for (int k = 0; k < TEXTS.length; k++) {
      for (int draw = 0; draw < draws; draw++) {
        List<ModelOutputs.Text> some = drawn(texts.get(left), TEXTS[k], 100L * left + draw);
        FactPriors priors =
            FactPriors.of(
                plain,
                pool,
                List.of(name),
                Map.of(),
                Optional.of(
                    ModelOutputs.beside(
                        means,
                        List.of(name),
                        Map.of(name, some),
                        trained.artifact().training().benchmarks(),
                        encoder,
                        (done, total) -> {})),
                THREADS);
        ModelAddition addition =
            new ModelAddition(trained.artifact(), trained.questions(), priors.byModel());
        ModelAddition.Added added =
            addition.place(
                answers.selectQuestions(new int[0]).withModels(List.of(name)), 0, Optional.empty());
        rows[k].add(added.ability().accuracy(j -> answered[j]), truth);
        rows[k].byTexts += priors.byTexts() ? 1 : 0;
        if (draw == 0) { // most of the time goes here
          groups(rows[k], addition.with(List.of(added)).artifact().forecaster(), all);
        }
      }
    }
    System.err.println(name + " of " + matrix.modelCount());
  }

  private static List<ModelOutputs.Text> drawn(List<ModelOutputs.Text> all, int count, long seed) {
    int[] order = Shuffle.of(IntStream.range(0, all.size()).toArray(), new SplittableRandom(seed));
    return Arrays.stream(order).limit(count).mapToObj(all::get).toList();
  }

  /// The intervals of the test questions, for the last model.
  private void groups(Row row, CorrectnessForecaster forecaster, List<String> models) {
    int[] test = data.split().questions(SplitPart.TEST);
    List<Forecast> forecasts = new ArrayList<>();
    for (int j : test) {
      forecasts.add(forecaster.forecast(vectors.vectors().row(j)));
    }
    IntervalCoverage.Tally tally = new IntervalCoverage.Tally(matrix.withModels(models));
    for (int[] group : groups) {
      tally.add(models.size() - 1, group, test, forecasts);
    }
    row.groups.add(tally);
  }

  /// An encoder that encodes each text once.
  private record Remembering(QuestionEncoder encoder, Map<String, float[]> known)
      implements QuestionEncoder {
    Remembering(QuestionEncoder encoder) {
      this(encoder, new HashMap<>());
    }

    @Override
    public EncoderIdentity identity() {
      return encoder.identity();
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      List<String> unknown =
          texts.stream().filter(text -> !known.containsKey(text)).distinct().toList();
      if (!unknown.isEmpty()) {
        FloatMatrix vectors = encoder.encode(unknown);
        for (int t = 0; t < unknown.size(); t++) {
          known.put(unknown.get(t), vectors.row(t));
        }
      }
      int q = identity().dimension();
      float[] all = new float[texts.size() * q];
      for (int t = 0; t < texts.size(); t++) {
        System.arraycopy(known.getOrDefault(texts.get(t), new float[q]), 0, all, t * q, q);
      }
      return FloatMatrix.wrap(texts.size(), q, all);
    }

    @Override
    public int tokenCount(String text) {
      return encoder.tokenCount(text);
    }

    @Override
    public void close() {
      encoder.close();
    }
  }
}
