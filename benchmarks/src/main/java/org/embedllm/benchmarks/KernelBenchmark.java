package org.embedllm.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.embedllm.linalg.AdamStep;
import org.embedllm.linalg.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The kernels at the shapes of training: operations a nanosecond, so that a matrix product and
/// `peak` read as GFLOP/s and compare within one run.
///
/// `-jvmArgsAppend -XX:UseAVX=2` measures 256-bit vectors.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int STEPS = 10_000;
  private static final int CHAINS = 10;
  private static final int D = 240; // 232, padded
  private static final int Q = 768;
  private static final int M = 112;
  private static final int B = 128;

  private final Kernels kernels = Kernels.best();
  private final SplittableRandom random = new SplittableRandom(1);
  private final float[] x = SyntheticProblem.normals(random, B * Q);
  private final float[] noisy = new float[B * Q];
  private final float[] w = SyntheticProblem.normals(random, Q * D);
  private final float[] first = new float[Q * D];
  private final float[] second = new float[Q * D];
  private final float[] v = SyntheticProblem.normals(random, B * D);
  private final float[] dw = new float[Q * D];
  private final float[] models = SyntheticProblem.normals(random, M * D);
  private final float[] z = new float[B * M];
  private final float[] losses = new float[B * M];
  private final float[] targets = new float[B * M];
  private final AdamStep adam = AdamStep.of(10, 1e-3, 1e-5);
  private long key;

  /// Independent chains of fused multiply-adds in registers: what one core can do at most. Counted
  /// for 16 lanes; at 256 bits twice the time is seen as half the throughput.
  @Benchmark
  @OperationsPerInvocation(STEPS * CHAINS * 2)
  public float peakPerLane() {
    FloatVector a = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector b = FloatVector.broadcast(SPECIES, 1e-3f);
    FloatVector s0 = b;
    FloatVector s1 = b;
    FloatVector s2 = b;
    FloatVector s3 = b;
    FloatVector s4 = b;
    FloatVector s5 = b;
    FloatVector s6 = b;
    FloatVector s7 = b;
    FloatVector s8 = b;
    FloatVector s9 = b;
    for (int i = 0; i < STEPS; i++) {
      s0 = s0.fma(a, b);
      s1 = s1.fma(a, b);
      s2 = s2.fma(a, b);
      s3 = s3.fma(a, b);
      s4 = s4.fma(a, b);
      s5 = s5.fma(a, b);
      s6 = s6.fma(a, b);
      s7 = s7.fma(a, b);
      s8 = s8.fma(a, b);
      s9 = s9.fma(a, b);
    }
    FloatVector sum = s0.add(s1).add(s2).add(s3).add(s4);
    return sum.add(s5).add(s6).add(s7).add(s8).add(s9).reduceLanes(VectorOperators.ADD);
  }

  /// V = X Wᵀ.
  @Benchmark
  @OperationsPerInvocation(2 * B * Q * D)
  public float[] project() {
    kernels.multiplyAdd(B, D, Q, x, 0, Q, 1, w, 0, D, v, 0, D);
    return v;
  }

  /// dWᵀ = Xᵀ dV.
  @Benchmark
  @OperationsPerInvocation(2 * B * Q * D)
  public float[] projectionGradient() {
    kernels.multiplyAdd(Q, D, B, x, 0, 1, Q, v, 0, D, dw, 0, D);
    return dw;
  }

  /// dV = G Q.
  @Benchmark
  @OperationsPerInvocation(2 * B * M * D)
  public float[] questionGradient() {
    kernels.multiplyAdd(B, D, M, z, 0, M, 1, models, 0, D, v, 0, D);
    return v;
  }

  /// A normal value.
  @Benchmark
  @OperationsPerInvocation(B * Q)
  public float[] noise() {
    for (int row = 0; row < B; row++) {
      kernels.addNoise(x, row * Q, noisy, row * Q, Q, 0.05f, key++);
    }
    return noisy;
  }

  /// A parameter moved.
  @Benchmark
  @OperationsPerInvocation(Q * D)
  public float[] adam() {
    kernels.adam(adam, w, dw, first, second, 0, Q * D);
    return w;
  }

  /// A cell's loss and gradient.
  @Benchmark
  @OperationsPerInvocation(B * M)
  public float[] crossEntropy() {
    kernels.crossEntropy(z, targets, losses, 0, B * M, 1e-4f);
    return losses;
  }
}
