package org.embedllm.linalg;

/// Kernels in plain Java, for a JVM without `jdk.incubator.vector` and as the twin that the vector
/// kernels are tested against.
enum ScalarKernels implements Kernels {
  INSTANCE;

  @Override
  public int vectorBits() {
    return 0;
  }

  @Override
  public void multiplyAdd(
      int m,
      int n,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow) {
    // Rows of C and of B are separate arrays: the compiler vectorizes the inner loop only where all
    // operands share one index. Four rows of B at once, since reading and writing C takes longer
    // than
    // the products.
    float[][] right = new float[4][n];
    float[][] sums = new float[m][n];
    for (int i = 0; i < m; i++) {
      System.arraycopy(c, cFrom + i * cRow, sums[i], 0, n);
    }
    int fours = k - k % 4;
    for (int l = 0; l < fours; l += 4) {
      for (int r = 0; r < 4; r++) {
        System.arraycopy(b, bFrom + (l + r) * bRow, right[r], 0, n);
      }
      for (int i = 0; i < m; i++) {
        addScaled(a, aFrom + i * aRow + l * aColumn, aColumn, right, sums[i], n);
      }
    }
    for (int l = fours; l < k; l++) {
      System.arraycopy(b, bFrom + l * bRow, right[0], 0, n);
      for (int i = 0; i < m; i++) {
        addScaled(a[aFrom + i * aRow + l * aColumn], right[0], sums[i], n);
      }
    }
    for (int i = 0; i < m; i++) {
      System.arraycopy(sums[i], 0, c, cFrom + i * cRow, n);
    }
  }

  @Override
  public void subtractProduct(
      int m,
      int n,
      int k,
      double[] a,
      int aFrom,
      int aRow,
      double[] b,
      int bFrom,
      int bRow,
      double[] c,
      int cFrom,
      int cRow) {
    double[] right = new double[n];
    double[][] sums = new double[m][n];
    for (int i = 0; i < m; i++) {
      System.arraycopy(c, cFrom + i * cRow, sums[i], 0, n);
    }
    for (int l = 0; l < k; l++) {
      System.arraycopy(b, bFrom + l * bRow, right, 0, n);
      for (int i = 0; i < m; i++) {
        addScaled(-a[aFrom + i * aRow + l], right, sums[i], n);
      }
    }
    for (int i = 0; i < m; i++) {
      System.arraycopy(sums[i], 0, c, cFrom + i * cRow, n);
    }
  }

  private static void addScaled(double factor, double[] x, double[] sum, int n) {
    for (int j = 0; j < n; j++) {
      sum[j] = Math.fma(factor, x[j], sum[j]);
    }
  }

  /// Adds four rows, one after the other.
  private static void addScaled(
      float[] factors, int from, int step, float[][] rows, float[] sum, int n) {
    float f0 = factors[from];
    float f1 = factors[from + step];
    float f2 = factors[from + 2 * step];
    float f3 = factors[from + 3 * step];
    float[] x0 = rows[0];
    float[] x1 = rows[1];
    float[] x2 = rows[2];
    float[] x3 = rows[3];
    for (int j = 0; j < n; j++) {
      float s = Math.fma(f0, x0[j], sum[j]);
      s = Math.fma(f1, x1[j], s);
      s = Math.fma(f2, x2[j], s);
      sum[j] = Math.fma(f3, x3[j], s);
    }
  }

  private static void addScaled(float factor, float[] x, float[] sum, int n) {
    for (int j = 0; j < n; j++) {
      sum[j] = Math.fma(factor, x[j], sum[j]);
    }
  }

  @Override
  public void adam(
      AdamStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int from,
      int length) {
    for (int i = 0; i < length; i++) {
      int at = from + i;
      float g = Math.fma(step.weightDecay(), parameters[at], gradients[at]);
      float first = Math.fma(step.beta1(), firstMoments[at], step.keep1() * g);
      float second = Math.fma(step.beta2(), secondMoments[at], step.keep2() * g * g);
      firstMoments[at] = first;
      secondMoments[at] = second;
      float root = Math.fma((float) Math.sqrt(second), step.rootCorrection(), step.epsilon());
      parameters[at] -= step.rate() * first / root;
    }
  }

  @Override
  public void addNoise(
      float[] from, int fromAt, float[] into, int intoAt, int length, float scale, long key) {
    addNoise(from, fromAt, into, intoAt, length, scale, key, 0);
  }

  /// Box and Muller (1958): pair i gives elements i and i + half.
  ///
  /// @param first first pair that is added
  static void addNoise(
      float[] from,
      int fromAt,
      float[] into,
      int intoAt,
      int length,
      float scale,
      long key,
      int first) {
    int half = (length + 1) / 2;
    for (int i = first; i < half; i++) {
      int counter = i * Approximations.WEYL;
      float radius = scale * Approximations.radius(Approximations.mix((int) key + counter));
      int angle = Approximations.mix((int) (key >>> 32) + counter);
      float f = ((angle << 2) >> 8) * Approximations.TO_UNIT;
      float sine = Approximations.sine(f);
      float cosine = Approximations.cosine(f);
      int quadrant = angle >>> 30;
      boolean swap = (quadrant & 1) != 0;
      into[intoAt + i] =
          Math.fma(radius, signed(swap ? sine : cosine, quadrant + 1), from[fromAt + i]);
      if (half + i < length) {
        into[intoAt + half + i] =
            Math.fma(radius, signed(swap ? cosine : sine, quadrant), from[fromAt + half + i]);
      }
    }
  }

  private static float signed(float x, int quadrant) {
    return (quadrant & 2) == 0 ? x : -x;
  }

  @Override
  public void crossEntropy(
      float[] logits, float[] targets, float[] losses, int from, int length, float scale) {
    for (int i = from; i < from + length; i++) {
      float z = logits[i];
      float y = targets[i];
      boolean observed = !Float.isNaN(y);
      float tail = Approximations.exp(-Math.abs(z));
      float upper = 1 / (tail + 1);
      float s = z >= 0 ? upper : 1 - upper;
      losses[i] = observed ? Math.fma(-z, y, Math.max(z, 0)) + Approximations.log(tail + 1) : 0f;
      logits[i] = observed ? (s - y) * scale : 0f;
    }
  }

  @Override
  public void sigmoid(float[] x, int from, int length) {
    for (int i = from; i < from + length; i++) {
      float upper = 1 / (Approximations.exp(-Math.abs(x[i])) + 1);
      x[i] = x[i] >= 0 ? upper : 1 - upper;
    }
  }

  @Override
  public void exponentials(float[] x, int from, int length) {
    for (int i = from; i < from + length; i++) {
      x[i] = Approximations.exp(-Math.abs(x[i]));
    }
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int length, float[] lanes) {
    java.util.Arrays.fill(lanes, 0, DOT_LANES, 0f);
    for (int i = 0; i < length; i += DOT_LANES) {
      for (int lane = 0; lane < DOT_LANES; lane++) {
        lanes[lane] = Math.fma(a[aFrom + i + lane], b[bFrom + i + lane], lanes[lane]);
      }
    }
    return sumInPairs(lanes);
  }

  static float sumInPairs(float[] lanes) {
    for (int half = DOT_LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        lanes[lane] += lanes[lane + half];
      }
    }
    return lanes[0];
  }

  @Override
  public void scaleRows(
      int rows,
      int columns,
      float[] factors,
      int factorsFrom,
      float[] a,
      int aFrom,
      int aRow,
      float[] c,
      int cRow) {
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < columns; k++) {
        c[i * cRow + k] = factors[factorsFrom + i] * a[aFrom + i * aRow + k];
      }
    }
  }

  @Override
  public void multiply(
      float[] x, int xFrom, float[] y, int yFrom, float[] z, int zFrom, int length) {
    for (int i = 0; i < length; i++) {
      z[zFrom + i] = x[xFrom + i] * y[yFrom + i];
    }
  }

  @Override
  public void addProducts(
      float[] x, int xFrom, float[] y, int yFrom, float[] z, int zFrom, int length) {
    for (int i = 0; i < length; i++) {
      z[zFrom + i] = Math.fma(x[xFrom + i], y[yFrom + i], z[zFrom + i]);
    }
  }

  @Override
  public void addScaled(float factor, float[] x, int xFrom, float[] y, int yFrom, int length) {
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = Math.fma(factor, x[xFrom + i], y[yFrom + i]);
    }
  }
}
