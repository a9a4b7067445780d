package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.Forecast;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.IntervalForecaster;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.linalg.NormalQuantile;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;

/// How often the intervals of forecasts hold what comes true: on test questions, and on benchmarks
/// that were left out of training one by one, which are questions far away.
///
/// What comes true for questions of a kind is the share of right answers in a group of questions
/// that are next to one another. The interval has to cover it, up to the chance in so few answers:
/// `|share − mean p| ≤ 1.96 sqrt(sd² + Σ p (1 − p) / count²)`.
///
/// Arguments: `--data DATASET` (a data set directory with vectors), `--landmarks 2048`, `--seed 0`
/// (of the split where the data set brings none), `--group 25` questions to a group,
/// `--no-text-features` for the vectors of the encoder alone.
public final class IntervalCoverage {
  private static final int MOST_GROUPS = 500;

  private final CorrectnessMatrix matrix;
  private final QuestionVectors vectors;
  private final KernelOptions options;
  private final int group;

  private IntervalCoverage(
      CorrectnessMatrix matrix, QuestionVectors vectors, KernelOptions options, int group) {
    this.matrix = matrix;
    this.vectors = vectors;
    this.options = options;
    this.group = group;
  }

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path folder = Path.of(flags.text("data"));
    EvaluationData data = DatasetLoader.load(folder).data();
    VectorStore store = VectorStore.ofDataset(folder);
    List<org.embedllm.correctness.Question> questions = data.matrix().questions();
    QuestionVectors sentences = store.find(questions, store.encoders().getFirst()).orElseThrow();
    QuestionVectors vectors =
        flags.has("no-text-features") ? sentences : TextFeatureVectors.append(sentences, questions);
    QuestionSplit split =
        flags.has("seed")
            ? QuestionSplit.seeded(questions, 0.8, 0.1, flags.integer("seed", 0))
            : data.split();
    var coverage =
        new IntervalCoverage(
            data.matrix(),
            vectors,
            KernelOptions.DEFAULT.withLandmarks(flags.integer("landmarks", 2_048)),
            flags.integer("group", 25));
    System.out.println(
        "questions              width  declined  covered  by chance alone  whole  sd of z");
    int[] validation = split.questions(SplitPart.VALIDATION);
    coverage.measure(
        "test", split.questions(SplitPart.TRAIN), validation, split.questions(SplitPart.TEST));
    for (String benchmark : data.matrix().benchmarks()) {
      int[] far =
          IntStream.range(0, questions.size())
              .filter(j -> questions.get(j).benchmark().equals(benchmark))
              .toArray();
      int[] near =
          IntStream.concat(
                  IntStream.of(split.questions(SplitPart.TRAIN)),
                  IntStream.of(split.questions(SplitPart.TEST)))
              .filter(j -> !questions.get(j).benchmark().equals(benchmark))
              .toArray();
      int[] held =
          IntStream.of(validation)
              .filter(j -> !questions.get(j).benchmark().equals(benchmark))
              .toArray();
      coverage.measure("without " + benchmark, near, held, far);
    }
  }

  private void measure(String name, int[] near, int[] validation, int[] far) {
    CorrectnessMatrix train = matrix.selectQuestions(near);
    KernelTraining training =
        new KernelFactorizationTrainer(options)
            .fit(
                TrainingProblem.of(train, vectors)
                    .withValidation(matrix.selectQuestions(validation), vectors));
    var forecaster =
        new IntervalForecaster(
            training.model(),
            training.covariances(),
            training.outOfDistribution(),
            training.contentOutOfDistribution());
    List<Forecast> forecasts = new ArrayList<>();
    for (int j : far) {
      forecasts.add(forecaster.forecast(vectors.vectors().row(j)));
    }
    int step = Math.max(1, far.length / MOST_GROUPS);
    var all = new Tally(matrix);
    var whole = new Tally(matrix);
    for (int i = 0; i < matrix.modelCount(); i++) {
      for (int center = 0; center < far.length; center += step) {
        all.add(i, neighbors(vectors, far, center, group), far, forecasts);
      }
      whole.add(i, IntStream.range(0, far.length).toArray(), far, forecasts);
    }
    double declined =
        forecasts.stream().filter(Forecast::abstain).count() / (double) forecasts.size();
    System.out.printf(
        Locale.ROOT,
        "%-22s %5.3f  %8.3f  %7.3f  %15.3f  %5.2f  %7.2f%n",
        name,
        all.width(),
        declined,
        all.covered(),
        (double) all.byChance / all.groups,
        whole.covered(),
        Math.sqrt(all.squares / all.groups));
  }

  /// Positions of the questions nearest to one, itself included.
  ///
  /// @param group how many
  static int[] neighbors(QuestionVectors vectors, int[] questions, int center, int group) {
    float[] own = vectors.vectors().row(questions[center]);
    double[] cosines =
        IntStream.range(0, questions.length)
            .mapToDouble(at -> cosine(own, vectors.vectors().row(questions[at])))
            .toArray();
    return IntStream.range(0, questions.length)
        .boxed()
        .sorted(Comparator.comparingDouble(at -> -cosines[at]))
        .limit(group)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int k = 0; k < a.length; k++) {
      ab += (double) a[k] * b[k];
      aa += (double) a[k] * a[k];
      bb += (double) b[k] * b[k];
    }
    return ab / Math.sqrt(Math.max(1e-12, aa * bb));
  }

  /// Groups of questions for one model each, and how many of them came out as forecast.
  static final class Tally {
    private final CorrectnessMatrix matrix;
    private int groups;
    private int covered;
    private int byChance;
    private double width;
    private double squares;

    /// @param matrix with the models of the forecasts
    Tally(CorrectnessMatrix matrix) {
      this.matrix = matrix;
    }

    /// Share of the groups that came out as forecast.
    double covered() {
      return (double) covered / groups;
    }

    /// Mean width of the intervals.
    double width() {
      return width / groups;
    }

    void add(int model, int[] members, int[] questions, List<Forecast> forecasts) {
      double share = 0;
      double mean = 0;
      double chance = 0;
      double spread = 0;
      int count = 0;
      for (int at : members) {
        float score = matrix.score(model, questions[at]);
        if (!Float.isNaN(score)) {
          Forecast.ModelForecast one = forecasts.get(at).models().get(model);
          share += score;
          mean += one.probability();
          chance += one.probability() * (1 - one.probability());
          spread += (one.high() - one.low()) / (2 * NormalQuantile.TWO_SIDED_95);
          count++;
        }
      }
      if (count < members.length / 2) {
        return;
      }
      double error = Math.abs(share - mean) / count;
      double sd = Math.hypot(spread, Math.sqrt(chance)) / count;
      groups++;
      covered += error <= NormalQuantile.TWO_SIDED_95 * sd ? 1 : 0;
      byChance += error <= NormalQuantile.TWO_SIDED_95 * Math.sqrt(chance) / count ? 1 : 0;
      width += 2 * NormalQuantile.TWO_SIDED_95 * spread / count;
      squares += error * error / (sd * sd);
    }
  }
}
