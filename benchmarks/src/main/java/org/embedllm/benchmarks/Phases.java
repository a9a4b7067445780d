package org.embedllm.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.embedllm.factorization.EpochReport;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingPhase;

/// Collects the phases of a training, and prints them with their share of the FMA peak of all
/// threads, measured right after it.
final class Phases implements TrainingListener {
  private static final Map<Integer, Double> HIGHEST = new ConcurrentHashMap<>(); // by threads

  private final int threads;
  private final CpuTime cpu = new CpuTime();
  private final List<TrainingPhase> phases = new ArrayList<>();

  Phases(int threads) {
    this.threads = threads;
  }

  @Override
  public void epochDone(EpochReport report) {
    cpu.epochDone(report);
  }

  @Override
  public void phaseDone(TrainingPhase phase) {
    phases.add(phase);
  }

  /// Floating-point operations of all phases.
  double operations() {
    return phases.stream().mapToDouble(TrainingPhase::gigaflop).sum() * 1e9;
  }

  /// Processor time of the training, all threads.
  double processorSeconds() {
    return cpu.median();
  }

  void print() {
    double peak = peak(threads);
    double total = phases.stream().mapToDouble(TrainingPhase::seconds).sum();
    System.out.printf(
        Locale.ROOT,
        "%-28s %8s %7s %9s %s%n",
        "phase",
        "seconds",
        "of all",
        "GFLOP",
        "of the FMA peak of %d threads, %.0f GFLOP/s".formatted(threads, peak));
    for (TrainingPhase phase : phases) {
      System.out.printf(
          Locale.ROOT,
          "%-28s %8.2f %5.1f %% %9s %s%n",
          phase.name(),
          phase.seconds(),
          100 * phase.seconds() / total,
          phase.gigaflop() > 0 ? "%.1f".formatted(phase.gigaflop()) : "–",
          phase.gigaflop() > 0
              ? "%.0f %%".formatted(100 * phase.gigaflop() / phase.seconds() / peak)
              : "–");
    }
  }

  /// GFLOP/s of an FMA loop on as many threads: the median of ten tenths of a second, or what an
  /// earlier call in this process reached, where that is more. Compiled again after other work, the
  /// loop may be slower, and shares of it would be too high.
  static double peak(int threads) {
    return HIGHEST.merge(threads, median(threads), Math::max);
  }

  private static double median(int threads) {
    KernelBenchmark kernels = new KernelBenchmark();
    double[] rates = new double[10];
    for (int round = -5; round < rates.length; round++) {
      double rate =
          IntStream.range(0, threads).parallel().mapToDouble(thread -> rate(kernels)).sum();
      if (round >= 0) {
        rates[round] = rate;
      }
    }
    java.util.Arrays.sort(rates);
    return rates[rates.length / 2];
  }

  private static double rate(KernelBenchmark kernels) {
    double flop = 0;
    float kept = 0;
    long start = System.nanoTime();
    while (System.nanoTime() - start < 100_000_000) {
      kept += kernels.peakPerLane();
      flop += PeakComparison.PEAK_FLOP;
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return Float.isNaN(kept) ? 0 : flop / seconds * 1e-9; // kept, else the compiler drops the loop
  }
}
