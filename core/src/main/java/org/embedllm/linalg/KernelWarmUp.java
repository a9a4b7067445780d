package org.embedllm.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/// Lets the just-in-time compiler see the kernels before a training needs them, while data are
/// read.
///
/// Vector code that is not compiled yet is a hundred times slower, and its many small methods keep
/// the compiler busy with what it will not need. So the calls are brief, and a long training waits
/// until the kernels are fast.
public final class KernelWarmUp {
  private static final int CALLS = 700; // from 600 calls on, loops count for the compiler
  private static final int MANY_CALLS = 5_200; // from 5,000 on they count without loops
  private static final int ROWS = 8;
  private static final int DEPTH = 3; // many brief calls count sooner than fewer long ones
  private static final int COLUMNS = 48;
  private static final int LANES = 16;
  private static final int LENGTH = 400; // where the compiler must see a long loop
  private static final int FEW = 10;
  private static final double FAST = 2e-6; // seconds of a call; interpreted, it takes a millisecond
  private static final double MOST = 5; // seconds
  private static final double LONG = 5e10; // operations: more than half a second

  private static final AtomicBoolean STARTED = new AtomicBoolean();
  private static final CountDownLatch DONE = new CountDownLatch(1);

  private KernelWarmUp() {}

  /// Starts it on a thread of its own and returns at once. Only the first call has an effect.
  ///
  /// @param steps whether the training makes steps of Adam ([Kernels#adam], [Kernels#addNoise])
  public static void start(boolean steps) {
    if (Kernels.best().vectorBits() > 0 && STARTED.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("embedllm-warm-up").start(() -> run(steps));
    }
  }

  /// Waits for its end where it was started and the work to come is long.
  ///
  /// @param operations floating-point operations to come
  public static void await(double operations) {
    if (STARTED.get() && operations > LONG) {
      try {
        DONE.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void run(boolean steps) {
    try {
      float[] a = new float[ROWS * DEPTH];
      float[] b = new float[DEPTH * COLUMNS];
      float[] c = new float[ROWS * COLUMNS];
      float[] x = new float[LENGTH];
      float[] y = new float[LENGTH];
      float[] z = new float[LENGTH];
      float[] u = new float[LENGTH];
      Kernels kernels = Kernels.best();
      List<Runnable> brief = new ArrayList<>();
      List<Runnable> calls = new ArrayList<>();
      for (int columns = COLUMNS; columns > 0; columns -= LANES) {
        int n = columns;
        brief.add(() ->
            kernels.multiplyAdd(ROWS, n, DEPTH, a, 0, DEPTH, 1, b, 0, COLUMNS, c, 0, COLUMNS));
      }
      brief.add(() -> kernels.crossEntropy(x, y, z, 0, LANES, 1f));
      brief.add(() -> kernels.sigmoid(x, 0, LANES));
      if (steps) {
        calls.add(() -> kernels.addNoise(x, 0, y, 0, LENGTH, 0.1f, 1));
        brief.add(() -> kernels.addScaled(0.1f, x, 0, z, 0, LANES));
        brief.add(() -> kernels.multiply(x, 0, y, 0, z, 0, LANES));
        brief.add(() -> kernels.addProducts(x, 0, y, 0, z, 0, LANES));
        brief.add(() -> kernels.adam(AdamStep.of(1, 1e-3, 0), x, y, z, u, 0, LANES));
      } else {
        double[] left = new double[ROWS * DEPTH];
        double[] right = new double[DEPTH * COLUMNS];
        double[] sums = new double[ROWS * COLUMNS];
        float[] lanes = new float[Kernels.DOT_LANES];
        calls.add(() -> kernels.dot(x, 0, y, 0, LENGTH, lanes));
        calls.add(() -> kernels.scaleRows(ROWS, COLUMNS, y, 0, x, 0, COLUMNS, z, COLUMNS));
        calls.add(() -> kernels.exponentials(u, 0, LENGTH));
        brief.add(() ->
            kernels.subtractProduct(
                ROWS, COLUMNS, DEPTH, left, 0, DEPTH, right, 0, COLUMNS, sums, 0, COLUMNS));
      }
      long started = System.nanoTime();
      for (Runnable call : calls) {
        seconds(call, CALLS);
      }
      for (Runnable call : brief) {
        seconds(call, MANY_CALLS);
      }
      calls.addAll(brief);
      for (Runnable call : calls) {
        while (seconds(call, FEW) > FAST * FEW && (System.nanoTime() - started) * 1e-9 < MOST) {
          Thread.onSpinWait();
        }
      }
    } finally {
      DONE.countDown();
    }
  }

  private static double seconds(Runnable call, int times) {
    long started = System.nanoTime();
    for (int i = 0; i < times; i++) {
      call.run();
    }
    return (System.nanoTime() - started) * 1e-9;
  }
}
