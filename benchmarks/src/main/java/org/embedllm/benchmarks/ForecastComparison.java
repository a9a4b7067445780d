package org.embedllm.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// How long forecasts take from ready vectors: routing many questions, one question with plain and
/// with kernel features, and the nearest-neighbor baseline.
///
/// Arguments, all optional: `--models 112 --questions 28800 --asked 3000 --vector 768 --k 131
/// --landmarks 2048 --rounds 15 --threads N`.
public final class ForecastComparison {
  private final SplittableRandom random = new SplittableRandom(3);
  private final Flags flags;
  private final int models;
  private final int q;
  private final int rounds;

  private ForecastComparison(Flags flags) {
    this.flags = flags;
    this.models = flags.integer("models", 112);
    this.q = flags.integer("vector", 768);
    this.rounds = flags.integer("rounds", 15);
  }

  public static void main(String[] arguments) {
    ForecastComparison comparison = new ForecastComparison(Flags.of(arguments));
    comparison.neighbors();
    comparison.routing();
    comparison.oneQuestion();
  }

  private void neighbors() {
    int threads = flags.integer("threads", Runtime.getRuntime().availableProcessors());
    TrainingProblem problem =
        SyntheticProblem.of(models, flags.integer("questions", 28_800), q, 1, 1);
    FloatMatrix asked = matrix(flags.integer("asked", 3_000), q, 1);
    List<String> ids = problem.train().questions().stream().map(Question::id).toList();
    long start = System.nanoTime();
    var forecaster =
        new NearestNeighborsForecaster(
            problem.train(),
            new QuestionVectors(ids, problem.features(), encoder(q)),
            flags.integer("k", NearestNeighborsForecaster.PUBLISHED_K),
            threads);
    forecaster.forecast(asked);
    System.out.printf(
        Locale.ROOT,
        "neighbors, k %d, %d of %d questions, all models, the first time: %.3f s%n",
        forecaster.k(),
        asked.rows(),
        problem.train().questionCount(),
        (System.nanoTime() - start) * 1e-9);
    report("neighbors, again", Math.min(rounds, 5), () -> forecaster.forecast(asked));
  }

  private void routing() {
    CorrectnessForecaster model = model(q, 232, new FeatureMap.Identity(q));
    FloatMatrix asked = matrix(flags.integer("asked", 3_000), q, 1);
    report("routing " + asked.rows() + " questions", 3 * rounds, () -> route(model, asked));
  }

  /// The best model for each question.
  private static int[] route(CorrectnessForecaster model, FloatMatrix asked) {
    FloatMatrix p = model.forecast(asked);
    int[] chosen = new int[p.rows()];
    for (int j = 0; j < chosen.length; j++) {
      for (int i = 1; i < p.columns(); i++) {
        chosen[j] = p.get(j, i) > p.get(j, chosen[j]) ? i : chosen[j];
      }
    }
    return chosen;
  }

  private void oneQuestion() {
    int landmarks = flags.integer("landmarks", 2_048);
    float[] vector = matrix(1, 384, 1).row(0);
    CorrectnessForecaster plain = model(384, 232, new FeatureMap.Identity(384));
    CorrectnessForecaster kernel =
        model(
            384,
            32,
            FeatureMap.Kernel.rounded(SyntheticProblem.unitRows(random, landmarks, 384), 1));
    report("one question, plain, x 1000", rounds, () -> repeat(plain, vector));
    report(
        "one question, " + landmarks + " landmarks, x 1000", rounds, () -> repeat(kernel, vector));
  }

  private static void repeat(CorrectnessForecaster model, float[] vector) {
    for (int i = 0; i < 1_000; i++) {
      model.forecast(vector);
    }
  }

  private static void report(String name, int rounds, Runnable work) {
    double[] seconds = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      work.run();
      seconds[round] = (System.nanoTime() - start) * 1e-9;
    }
    double first = seconds[0];
    Arrays.sort(seconds);
    System.out.printf(
        Locale.ROOT,
        "%s: first %.4f s, median %.4f s, least %.4f s%n",
        name,
        first,
        seconds[rounds / 2],
        seconds[0]);
  }

  private MatrixFactorization model(int dimension, int d, FeatureMap features) {
    return new MatrixFactorization(
        IntStream.range(0, models).mapToObj(i -> "model-" + i).toList(),
        encoder(dimension),
        features,
        matrix(models, d, 1),
        matrix(d, features.outputDimension(), 0.1f),
        matrix(1, d, 1),
        matrix(2, d, 1),
        matrix(1, 2, 1));
  }

  private static EncoderIdentity encoder(int dimension) {
    return new EncoderIdentity("synthetic", "0", dimension, 0);
  }

  private FloatMatrix matrix(int rows, int columns, float scale) {
    float[] values = SyntheticProblem.normals(random, rows * columns);
    for (int at = 0; at < values.length; at++) {
      values[at] *= scale;
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
