package org.embedllm.benchmarks;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// Training and batch forecasts beside what limits them: the FMA peak of the machine, measured in
/// the same run, and time that grows no faster than the observed cells.
///
/// Arguments, all optional: `--short` for sizes that take less than a minute, `--threads N`.
public final class SpeedFigures {
  private static final int Q = 768;
  private static final int D = 232;
  private static final int BATCH = 4_096;

  private final boolean brief;
  private final int threads;

  private SpeedFigures(boolean brief, int threads) {
    this.brief = brief;
    this.threads = threads;
  }

  public static void main(String[] arguments) {
    Flags flags = Flags.of(arguments);
    var figures =
        new SpeedFigures(
            flags.has("short"),
            flags.integer("threads", Runtime.getRuntime().availableProcessors()));
    figures.linear();
    figures.kernel();
    figures.growth();
    figures.forecasts();
  }

  private void linear() {
    int questions = brief ? 2_880 : 28_800;
    int epochs = brief ? 10 : 50;
    TrainingProblem problem = SyntheticProblem.of(112, questions, Q, 1, 1);
    TrainingOptions options = TrainingOptions.DEFAULT.withEpochs(epochs).withThreads(threads);
    TrainingHistory history = new MatrixFactorizationTrainer(options).fit(problem).history();
    double flop = epochs * (4.0 * questions * Q * D + 6.0 * history.cells() * D);
    share("linear factorization, %,d questions × 112".formatted(questions), flop, history, 60);
  }

  private void kernel() {
    int questions = brief ? 2_880 : 28_800;
    int held = questions / 8;
    TrainingProblem problem =
        SyntheticProblem.withValidation(SyntheticProblem.of(112, questions + held, Q, 1, 1), held);
    Phases phases = new Phases(threads);
    KernelTraining training =
        new KernelFactorizationTrainer(KernelOptions.DEFAULT.withThreads(threads))
            .fit(problem, phases);
    phases.print();
    TrainingHistory history = training.history();
    share(
        "kernel factorization, %,d questions × 112".formatted(questions),
        phases.operations(),
        history,
        100);
  }

  private void share(String what, double flop, TrainingHistory history, int limit) {
    double peak = Phases.peak(threads);
    System.out.printf(
        Locale.ROOT,
        "%s: %.2f s, %.0f %% of the FMA peak (limit %d %%), %d MB resident%n",
        what,
        history.seconds(),
        100 * flop / history.seconds() * 1e-9 / peak,
        limit,
        history.peakMemoryBytes().orElse(0) / 1_000_000);
  }

  private void growth() {
    int questions = brief ? 1_000 : 20_000;
    int[] models = brief ? new int[] {100, 200, 400} : new int[] {1_000, 3_000, 10_000};
    double[] cells = new double[models.length];
    double[] seconds = new double[models.length];
    for (int at = 0; at < models.length; at++) {
      TrainingProblem problem = SyntheticProblem.of(models[at], questions, Q, 0.01, 1);
      TrainingHistory history =
          new KernelFactorizationTrainer(KernelOptions.DEFAULT.withThreads(threads))
              .fit(problem)
              .history();
      cells[at] = history.cells();
      seconds[at] = history.seconds();
      System.out.printf(
          Locale.ROOT,
          "%,d models × %,d questions, 1 %% observed: %.2f s, %.0f µs a cell%n",
          models[at],
          questions,
          seconds[at],
          seconds[at] / cells[at] * 1e6);
    }
    // Between the two largest: much of the smallest does not depend on the models.
    int last = models.length - 1;
    System.out.printf(
        Locale.ROOT,
        "seconds grow as cells to the power of %.2f (limit 1)%n",
        Math.log(seconds[last] / seconds[last - 1]) / Math.log(cells[last] / cells[last - 1]));
  }

  private void forecasts() {
    int count = brief ? 20_000 : 1_000_000;
    forecasts("linear", count, model(D, new FeatureMap.Identity(Q)), 2.0 * Q * D + 2.0 * D * 112);
    int landmarks = 2_048;
    forecasts(
        "kernel, 2,048 landmarks",
        count / 10,
        model(
            49,
            FeatureMap.Kernel.rounded(
                SyntheticProblem.unitRows(new SplittableRandom(landmarks), landmarks, Q), 1)),
        2.0 * Q * landmarks + 2.0 * landmarks * 49 + 2.0 * 49 * 112);
  }

  /// The three best models for each of many vectors, a batch at a time on each thread.
  private void forecasts(String what, int count, MatrixFactorization model, double flop) {
    FloatMatrix asked = vectors(BATCH);
    int batches = Math.ceilDiv(count, BATCH);
    topThree(model.forecast(asked));
    long start = System.nanoTime();
    long sum =
        IntStream.range(0, batches)
            .parallel()
            .mapToLong(batch -> topThree(model.forecast(asked)))
            .sum();
    double seconds = (System.nanoTime() - start) * 1e-9;
    double done = (double) batches * BATCH;
    System.out.printf(
        Locale.ROOT,
        "top 3 of 112 models, %s: %,.0f vectors/s, %.0f %% of the FMA peak (limit 100 %%;"
            + " best models %d)%n",
        what,
        done / seconds,
        100 * flop * done / seconds * 1e-9 / Phases.peak(threads),
        sum % 112);
  }

  /// The sum of the rows of the three best models of each question.
  private static long topThree(FloatMatrix forecast) {
    long sum = 0;
    int m = forecast.columns();
    float[] p = forecast.sharedArray();
    for (int at = 0; at < p.length; at += m) {
      int[] best = {-1, -1, -1};
      for (int i = 0; i < m; i++) {
        int place = 3;
        while (place > 0 && (best[place - 1] < 0 || p[at + i] > p[at + best[place - 1]])) {
          place--;
        }
        for (int next = 2; next > place; next--) {
          best[next] = best[next - 1];
        }
        if (place < 3) {
          best[place] = i;
        }
      }
      sum += best[0] + best[1] + best[2];
    }
    return sum;
  }

  private static MatrixFactorization model(int d, FeatureMap features) {
    return new MatrixFactorization(
        IntStream.range(0, 112).mapToObj(i -> "model-" + i).toList(),
        new EncoderIdentity("synthetic", "0", Q, 0),
        features,
        matrix(112, d),
        matrix(d, features.outputDimension()),
        matrix(1, d),
        matrix(2, d),
        matrix(1, 2));
  }

  private static FloatMatrix vectors(int rows) {
    return matrix(rows, Q);
  }

  private static FloatMatrix matrix(int rows, int columns) {
    float[] values = SyntheticProblem.normals(new SplittableRandom(rows), rows * columns);
    for (int at = 0; at < values.length; at++) {
      values[at] /= (float) Math.sqrt(columns);
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
