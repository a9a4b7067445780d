package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.KernelFactorizationTrainer;
import org.embedllm.factorization.KernelOptions;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.source.DatasetLoader;
import org.embedllm.tensor.FloatMatrix;

/// The table of docs/forecasting.md: forecasters beside each other on seeded splits by question,
/// each difference to the published method with its interval over the splits (paired, Student's t).
///
/// Arguments: `--data DATASET` (a data set directory with vectors), `--from 0 --to 10` (seeds), and
/// `--supplied` for the split that the data set brings instead of seeds.
public final class ForecasterAblation {
  private static final double[] STUDENT_95 = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20
  };
  private static final String PUBLISHED = "published";

  private final EvaluationData data;
  private final QuestionVectors vectors;
  private final Map<String, List<Numbers>> found = new LinkedHashMap<>();

  private ForecasterAblation(EvaluationData data, QuestionVectors vectors) {
    this.data = data;
    this.vectors = vectors;
  }

  private record Numbers(
      double accuracy,
      double logLoss,
      double calibration,
      double ifPerfect,
      double router,
      double single) {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path folder = Path.of(flags.text("data"));
    EvaluationData data = DatasetLoader.load(folder).data();
    VectorStore store = VectorStore.ofDataset(folder);
    QuestionVectors vectors =
        store.find(data.matrix().questions(), store.encoders().getFirst()).orElseThrow();
    var ablation = new ForecasterAblation(data, vectors);
    if (flags.has("supplied")) {
      ablation.split(data.split());
    } else {
      for (int seed = flags.integer("from", 0); seed < flags.integer("to", 10); seed++) {
        ablation.split(QuestionSplit.seeded(data.matrix().questions(), 0.8, 0.1, seed));
        System.err.println("seed " + seed + " done");
      }
    }
    ablation.print();
  }

  private void split(QuestionSplit split) {
    CorrectnessMatrix train = data.matrix().selectQuestions(split.questions(SplitPart.TRAIN));
    CorrectnessMatrix validation =
        data.matrix().selectQuestions(split.questions(SplitPart.VALIDATION));
    CorrectnessMatrix test = data.matrix().selectQuestions(split.questions(SplitPart.TEST));
    QuestionVectors trainVectors = vectors.select(split.questions(SplitPart.TRAIN));
    FloatMatrix testVectors = vectors.vectors().selectRows(split.questions(SplitPart.TEST));
    TrainingProblem problem =
        TrainingProblem.of(train, vectors).withValidation(validation, vectors);
    AnswerCounts counts = AnswerCounts.of(train);
    add(
        PUBLISHED,
        test,
        counts,
        new MatrixFactorizationTrainer(TrainingOptions.PUBLISHED)
            .fit(problem)
            .model()
            .forecast(testVectors));
    int k =
        NeighborCountChoice.choose(
                train,
                trainVectors,
                validation,
                vectors.select(split.questions(SplitPart.VALIDATION)),
                NeighborCountChoice.CANDIDATES,
                KernelOptions.DEFAULT.threads())
            .k();
    add(
        "nearest neighbours",
        test,
        counts,
        new NearestNeighborsForecaster(train, trainVectors, k, KernelOptions.DEFAULT.threads())
            .forecast(testVectors));
    Map<String, KernelOptions> variants = new LinkedHashMap<>();
    variants.put("kernel tower", KernelOptions.DEFAULT);
    variants.put("512 landmarks", KernelOptions.DEFAULT.withLandmarks(512));
    variants.put("6 components", KernelOptions.DEFAULT.withDimensions(List.of(6)));
    variants.put("one ridge", KernelOptions.DEFAULT.withRidges(List.of(6.0)));
    variants.forEach((name, options) ->
        add(
            name,
            test,
            counts,
            new KernelFactorizationTrainer(options)
                .fit(problem)
                .result()
                .model()
                .forecast(testVectors)));
  }

  private void add(
      String name, CorrectnessMatrix test, AnswerCounts counts, FloatMatrix forecasts) {
    Optional<NeighborVotes> none = Optional.empty();
    ForecastEvaluation forecast = ForecastEvaluation.of(test, forecasts, counts, none, 0);
    RoutingEvaluation routing = RoutingEvaluation.of(test, forecasts, counts, none, 0);
    found
        .computeIfAbsent(name, n -> new ArrayList<>())
        .add(
            new Numbers(
                forecast.accuracy().value(),
                forecast.logLoss().value(),
                forecast.calibration().error(),
                forecast.calibration().errorIfPerfect(),
                routing.router().value(),
                routing.singleBest().value()));
  }

  private void print() {
    System.out.println(
        "| forecaster | accuracy | − published | log loss | − published | calibration error (if perfect) | router | − single best |");
    System.out.println("|---|--:|--:|--:|--:|--:|--:|--:|");
    List<Numbers> base = found.getOrDefault(PUBLISHED, List.of());
    found.forEach((name, rows) -> {
      double[] accuracy = new double[rows.size()];
      double[] loss = new double[rows.size()];
      double[] gain = new double[rows.size()];
      for (int s = 0; s < rows.size(); s++) {
        accuracy[s] = rows.get(s).accuracy() - base.get(s).accuracy();
        loss[s] = rows.get(s).logLoss() - base.get(s).logLoss();
        gain[s] = rows.get(s).router() - rows.get(s).single();
      }
      System.out.printf(
          Locale.ROOT,
          "| %s | %.4f | %s | %.4f | %s | %.4f (%.4f) | %.4f | %s |%n",
          name,
          mean(rows.stream().mapToDouble(Numbers::accuracy).toArray()),
          interval(accuracy),
          mean(rows.stream().mapToDouble(Numbers::logLoss).toArray()),
          interval(loss),
          mean(rows.stream().mapToDouble(Numbers::calibration).toArray()),
          mean(rows.stream().mapToDouble(Numbers::ifPerfect).toArray()),
          mean(rows.stream().mapToDouble(Numbers::router).toArray()),
          interval(gain));
    });
  }

  private static double mean(double[] values) {
    return java.util.Arrays.stream(values).average().orElse(Double.NaN);
  }

  private static String interval(double[] values) {
    double mean = mean(values);
    if (values.length < 2) {
      return String.format(Locale.ROOT, "%+.4f", mean);
    }
    double square = 0;
    for (double value : values) {
      square += (value - mean) * (value - mean);
    }
    double t = STUDENT_95[Math.min(STUDENT_95.length, values.length - 1) - 1];
    double half = t * Math.sqrt(square / (values.length - 1) / values.length);
    return String.format(Locale.ROOT, "%+.4f ± %.4f", mean, half);
  }
}
