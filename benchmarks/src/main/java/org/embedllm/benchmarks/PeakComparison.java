package org.embedllm.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import jdk.incubator.vector.FloatVector;

/// The matrix products of training as fractions of one core's FMA peak, both measured in turns
/// within one run, so that a busy machine or a changing clock disturbs both alike.
///
/// Argument: `--rounds 40`. Run it with `-XX:UseAVX=2` for 256-bit vectors.
public final class PeakComparison {
  private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

  /// Floating-point operations of a run of the FMA loop.
  static final double PEAK_FLOP = 20_000.0 * 10 * LANES;

  private PeakComparison() {}

  public static void main(String[] arguments) {
    int rounds = Flags.of(arguments).integer("rounds", 40);
    KernelBenchmark kernels = new KernelBenchmark();
    AtomicReference<Float> kept =
        new AtomicReference<>(0f); // else the compiler leaves the peak out
    Timed[] timed = {
      new Timed("FMA peak", PEAK_FLOP, () -> kept.set(kernels.peakPerLane())),
      new Timed("V = X W'", 2.0 * 128 * 768 * 240, kernels::project),
      new Timed("dW' = X' dV", 2.0 * 128 * 768 * 240, kernels::projectionGradient),
      new Timed("dV = G Q", 2.0 * 128 * 112 * 240, kernels::questionGradient)
    };
    double[][] rates = new double[timed.length][rounds];
    for (int round = -rounds / 2; round < rounds; round++) {
      for (int kind = 0; kind < timed.length; kind++) {
        double rate = timed[kind].rate();
        if (round >= 0) {
          rates[kind][round] = rate;
        }
      }
    }
    System.out.printf("%d-bit vectors%n", LANES * 32);
    for (int kind = 0; kind < timed.length; kind++) {
      int of = kind;
      double[] shares = new double[rounds];
      Arrays.setAll(shares, round -> rates[of][round] / rates[0][round]);
      Arrays.sort(shares);
      System.out.printf(
          Locale.ROOT,
          "%-12s best %6.1f GFLOP/s, of the peak beside it: median %.0f %%%n",
          timed[kind].name(),
          Arrays.stream(rates[kind]).max().orElseThrow(),
          100 * shares[rounds / 2]);
    }
  }

  private record Timed(String name, double flop, Runnable work) {
    /// GFLOP/s over about a hundredth of a second.
    double rate() {
      int runs = 0;
      long start = System.nanoTime();
      long now = start;
      while (now - start < 10_000_000) {
        work.run();
        runs++;
        now = System.nanoTime();
      }
      return runs * flop / (now - start);
    }
  }
}
