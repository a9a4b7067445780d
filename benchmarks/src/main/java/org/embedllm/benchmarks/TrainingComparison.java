package org.embedllm.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import org.embedllm.factorization.EpochReport;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.linalg.KernelWarmUp;

/// Trains a synthetic problem and prints time, memory and loss: by default at the paper's size.
///
/// Arguments, all optional: `--models 112 --questions 28800 --vector 768 --dimension 232 --epochs
/// 50 --batch-questions 128 --learning-rate 0.001 --observed 1 --threads N --published`, or
/// `--kernel --validation 3600` for the kernel forecaster.
public final class TrainingComparison {
  private TrainingComparison() {}

  public static void main(String[] arguments) {
    Flags flags = Flags.of(arguments);
    KernelWarmUp.start(!flags.has("kernel")); // as `train` does while it reads data
    int held = flags.integer("validation", 3_600);
    if (flags.has("kernel")) {
      // The questions are not kept twice: a program has them once.
      kernel(SyntheticProblem.withValidation(problem(flags, held), held), flags);
      return;
    }
    TrainingProblem problem = problem(flags, 0);
    TrainingOptions base =
        flags.has("published") ? TrainingOptions.PUBLISHED : TrainingOptions.DEFAULT;
    TrainingOptions options =
        base.withDimension(flags.integer("dimension", base.dimension()))
            .withEpochs(flags.integer("epochs", base.epochs()))
            .withBatchQuestions(flags.integer("batch-questions", base.batchQuestions()))
            .withLearningRate(flags.number("learning-rate", base.learningRate()))
            .withNoise(flags.number("noise", base.noise()))
            .withThreads(flags.integer("threads", base.threads()))
            .withSeed(flags.integer("seed", 0));
    System.out.println(options);
    CpuTime cpu = new CpuTime();
    TrainingResult fitted = new MatrixFactorizationTrainer(options).train(problem, cpu);
    print(problem, options, fitted.history());
    System.out.printf(
        Locale.ROOT, "processor time of an epoch, all threads: median %.3f s%n", cpu.median());
  }

  private static TrainingProblem problem(Flags flags, int held) {
    return SyntheticProblem.of(
        flags.integer("models", 112),
        flags.integer("questions", 28_800) + held,
        flags.integer("vector", 768),
        flags.number("observed", 1),
        1);
  }

  private static void kernel(TrainingProblem problem, Flags flags) {
    KernelOptions options =
        KernelOptions.DEFAULT.withThreads(
            flags.integer("threads", KernelOptions.DEFAULT.threads()));
    Phases phases = new Phases(options.threads());
    KernelTraining training = new KernelFactorizationTrainer(options).fit(problem, phases);
    phases.print();
    TrainingHistory history = training.history();
    System.out.printf(
        Locale.ROOT,
        "kernel forecaster, %d models, %,d questions, %,d for validation: %d coordinates,"
            + " %.1f s on %d threads, %.1f s of processor time, %d MB resident at most%n",
        problem.train().modelCount(),
        problem.train().questionCount(),
        problem.validation().map(v -> v.matrix().questionCount()).orElse(0),
        training.model().dimension(),
        history.seconds(),
        history.threads(),
        phases.processorSeconds(),
        history.peakMemoryBytes().orElse(0) / 1_000_000);
  }

  private static void print(
      TrainingProblem problem, TrainingOptions options, TrainingHistory history) {
    EpochReport last = history.epochs().getLast();
    double[] epochSeconds = new double[history.epochs().size()];
    for (int epoch = 0; epoch < epochSeconds.length; epoch++) {
      double before = epoch == 0 ? 0 : history.epochs().get(epoch - 1).seconds();
      epochSeconds[epoch] = history.epochs().get(epoch).seconds() - before;
    }
    double[] sorted = epochSeconds.clone();
    Arrays.sort(sorted);
    double d = options.dimension();
    double flop =
        options.epochs()
            * (4.0 * problem.features().rows() * problem.features().columns() * d
                + 6.0 * history.cells() * d);
    System.out.printf(
        Locale.ROOT,
        "%d cells, %d questions a step, %d threads: %.3f s (first epoch %.3f s, median %.3f s,"
            + " least %.3f s), %.0f GFLOP/s,"
            + " final loss %.6f, peak resident %s MB%n",
        history.cells(),
        history.questionsPerStep(),
        history.threads(),
        history.seconds(),
        epochSeconds[0],
        sorted[sorted.length / 2],
        sorted[0],
        flop / history.seconds() * 1e-9,
        last.trainLoss(),
        history.peakMemoryBytes().isPresent()
            ? history.peakMemoryBytes().getAsLong() / 1_000_000
            : "unknown");
  }
}
