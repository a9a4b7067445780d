package org.embedllm.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The fast kernels against their plain twin, bit by bit, and both against double precision. The
/// build runs this class at 512, 256 and 128 bits where the machine has them.
class KernelsTest {
  private final Kernels fast = Kernels.best();
  private final Kernels plain = Kernels.plain();
  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  @Tag("vectors")
  void best_moduleIsLoaded_usesVectorsOfTheWidthAskedFor() {
    int asked = Integer.getInteger("test.vector.bits", 0);
    assertThat(fast.vectorBits()).isGreaterThanOrEqualTo(128);
    assertThat(fast.vectorBits()).isLessThanOrEqualTo(asked == 0 ? 2_048 : asked);
  }

  @Test
  void multiplyAdd_oddSizes_hasTheBitsOfThePlainTwin() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 33, 7},
      {3, 16, 5},
      {4, 16, 1},
      {5, 17, 129},
      {6, 32, 128},
      {7, 48, 300},
      {8, 48, 127},
      {9, 47, 64},
      {13, 100, 31},
      {16, 112, 232},
      {17, 240, 260},
      {23, 80, 0}
    };
    for (int[] size : sizes) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      for (boolean transposed : new boolean[] {false, true}) {
        int aRow = transposed ? 1 : k + 3;
        int aColumn = transposed ? m + 2 : 1;
        float[] a = normals(5 + m * aRow + (k + 1) * aColumn + (m + 3) * (k + 3));
        float[] b = normals(2 + k * (n + 5) + n);
        float[] start = normals(7 + m * (n + 1) + n);
        float[] expected = start.clone();
        float[] actual = start.clone();
        plain.multiplyAdd(m, n, k, a, 5, aRow, aColumn, b, 2, n + 5, expected, 7, n + 1);
        fast.multiplyAdd(m, n, k, a, 5, aRow, aColumn, b, 2, n + 5, actual, 7, n + 1);
        assertThat(actual)
            .as("[%d, %d, %d] transposed %s", m, n, k, transposed)
            .isEqualTo(expected);
        requireProduct(m, n, k, a, aRow, aColumn, b, start, expected);
      }
    }
  }

  @Test
  void subtractProduct_oddSizes_hasTheBitsOfThePlainTwin() {
    for (int[] size :
        new int[][] {{1, 1, 1}, {1, 64, 40}, {3, 24, 5}, {4, 23, 7}, {9, 49, 64}, {5, 30, 0}}) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      double[] a = doubles(5 + m * (k + 3));
      double[] b = doubles(2 + k * (n + 5) + n);
      double[] start = doubles(7 + m * (n + 1));
      double[] expected = start.clone();
      double[] actual = start.clone();
      plain.subtractProduct(m, n, k, a, 5, k + 3, b, 2, n + 5, expected, 7, n + 1);
      fast.subtractProduct(m, n, k, a, 5, k + 3, b, 2, n + 5, actual, 7, n + 1);
      assertThat(actual).as("[%d, %d, %d]", m, n, k).isEqualTo(expected);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = start[7 + i * (n + 1) + j];
          for (int l = 0; l < k; l++) {
            sum -= a[5 + i * (k + 3) + l] * b[2 + l * (n + 5) + j];
          }
          assertThat(actual[7 + i * (n + 1) + j]).isCloseTo(sum, within(1e-12));
        }
      }
    }
  }

  private static double[] doubles(int count) {
    return new SplittableRandom(count).doubles(count, -1, 1).toArray();
  }

  private static void requireProduct(
      int m, int n, int k, float[] a, int aRow, int aColumn, float[] b, float[] start, float[] c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = start[7 + i * (n + 1) + j];
        for (int l = 0; l < k; l++) {
          sum += (double) a[5 + i * aRow + l * aColumn] * b[2 + l * (n + 5) + j];
        }
        assertThat((double) c[7 + i * (n + 1) + j]).isCloseTo(sum, within(1e-4));
      }
    }
  }

  @Test
  void adam_oddLengths_hasTheBitsOfThePlainTwin() {
    for (int length : new int[] {1, 15, 16, 17, 31, 64, 100}) {
      float[] gradients = normals(length + 3);
      float[] p1 = normals(length + 3);
      float[] p2 = p1.clone();
      float[] m1 = new float[length + 3];
      float[] m2 = new float[length + 3];
      float[] v1 = new float[length + 3];
      float[] v2 = new float[length + 3];
      for (int t = 1; t <= 5; t++) {
        AdamStep step = AdamStep.of(t, 1e-3, 1e-5);
        plain.adam(step, p1, gradients, m1, v1, 3, length);
        fast.adam(step, p2, gradients, m2, v2, 3, length);
      }
      assertThat(p2).isEqualTo(p1);
      assertThat(m2).isEqualTo(m1);
      assertThat(v2).isEqualTo(v1);
    }
  }

  @Test
  void addNoise_oddLengths_hasTheBitsOfThePlainTwin() {
    for (int length : new int[] {1, 2, 3, 31, 32, 33, 64, 77, 384, 769}) {
      float[] source = normals(length + 4);
      float[] expected = new float[length + 5];
      float[] actual = new float[length + 5];
      plain.addNoise(source, 2, expected, 3, length, 0.05f, 0x1234567890abcdefL * length);
      fast.addNoise(source, 2, actual, 3, length, 0.05f, 0x1234567890abcdefL * length);
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  void addNoise_manyDraws_areStandardNormal() {
    int rows = 400;
    int length = 500;
    double[] moments = new double[5];
    double neighbours = 0;
    double halves = 0;
    int tails = 0;
    for (int row = 0; row < rows; row++) {
      float[] x = new float[length];
      fast.addNoise(new float[length], 0, x, 0, length, 1f, Mix.key(7, row));
      for (int i = 0; i < length; i++) {
        for (int power = 1; power <= 4; power++) {
          moments[power] += Math.pow(x[i], power);
        }
        neighbours += i > 0 ? (double) x[i] * x[i - 1] : 0;
        halves += i >= length / 2 ? (double) x[i] * x[i - length / 2] : 0;
        tails += Math.abs(x[i]) > 1.959964f ? 1 : 0;
      }
    }
    double n = (double) rows * length;
    assertThat(moments[1] / n).isCloseTo(0, within(0.01));
    assertThat(moments[2] / n).isCloseTo(1, within(0.02));
    assertThat(moments[3] / n).isCloseTo(0, within(0.05));
    assertThat(moments[4] / n).isCloseTo(3, within(0.1));
    assertThat(neighbours / n).isCloseTo(0, within(0.01));
    assertThat(halves / n).isCloseTo(0, within(0.01));
    assertThat(tails / n).isCloseTo(0.05, within(0.002));
  }

  @Test
  void crossEntropy_withMissingCells_hasTheBitsOfThePlainTwinAndIsRight() {
    int length = 103;
    float[] logits = normals(length + 6);
    float[] targets = new float[length + 6];
    for (int i = 0; i < targets.length; i++) {
      logits[i] *= 30;
      int kind = random.nextInt(4);
      targets[i] = kind == 3 ? Float.NaN : kind == 2 ? (float) random.nextDouble() : kind;
    }
    logits[3] = -200;
    logits[4] = 200;
    float[] z1 = logits.clone();
    float[] z2 = logits.clone();
    float[] loss1 = new float[length + 6];
    float[] loss2 = new float[length + 6];
    plain.crossEntropy(z1, targets, loss1, 2, length, 0.25f);
    fast.crossEntropy(z2, targets, loss2, 2, length, 0.25f);
    assertThat(z2).isEqualTo(z1);
    assertThat(loss2).isEqualTo(loss1);
    for (int i = 2; i < 2 + length; i++) {
      double z = logits[i];
      double y = targets[i];
      double loss = Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
      double gradient = 0.25 * (1 / (1 + Math.exp(-z)) - y);
      assertThat((double) z1[i]).isCloseTo(Double.isNaN(y) ? 0 : gradient, within(1e-7));
      assertThat((double) loss1[i])
          .isCloseTo(Double.isNaN(y) ? 0 : loss, within(1e-6 * (1 + Math.abs(z))));
    }
  }

  @Test
  void sigmoid_wholeRange_hasTheBitsOfThePlainTwinAndIsRight() {
    float[] x = new float[407];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 203) * 0.5f;
    }
    float[] expected = x.clone();
    float[] actual = x.clone();
    plain.sigmoid(expected, 1, 405);
    fast.sigmoid(actual, 1, 405);
    assertThat(actual).isEqualTo(expected);
    for (int i = 1; i < 406; i++) {
      assertThat((double) actual[i]).isCloseTo(1 / (1 + Math.exp(-x[i])), within(1e-7));
    }
  }

  @Test
  void exponentials_oddLength_haveTheBitsOfThePlainTwinAndAreRight() {
    float[] x = normals(77);
    float[] expected = x.clone();
    float[] actual = x.clone();
    plain.exponentials(expected, 3, 71);
    fast.exponentials(actual, 3, 71);
    assertThat(actual).isEqualTo(expected);
    for (int i = 3; i < 74; i++) {
      assertThat((double) actual[i]).isCloseTo(Math.exp(-Math.abs(x[i])), within(1e-7));
    }
  }

  @Test
  void dotAndAddScaled_anyLength_haveTheBitsOfThePlainTwin() {
    for (int length : new int[] {0, 16, 32, 240}) {
      float[] a = normals(length + 9);
      float[] b = normals(length + 9);
      float dot = plain.dot(a, 3, b, 7, length, new float[16]);
      assertThat(fast.dot(a, 3, b, 7, length, new float[16])).isEqualTo(dot);
      double sum = 0;
      for (int i = 0; i < length; i++) {
        sum += (double) a[3 + i] * b[7 + i];
      }
      assertThat((double) dot).isCloseTo(sum, within(1e-4));
    }
    for (int length : new int[] {1, 15, 33, 48}) {
      float[] x = normals(length + 9);
      float[] expected = normals(length + 9);
      float[] actual = expected.clone();
      plain.addScaled(0.3f, x, 2, expected, 5, length);
      fast.addScaled(0.3f, x, 2, actual, 5, length);
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  void multiplyAndAddProducts_anyLength_haveTheBitsOfThePlainTwin() {
    for (int length : new int[] {0, 1, 15, 33, 48}) {
      float[] x = normals(length + 9);
      float[] y = normals(length + 9);
      float[] expected = normals(length + 9);
      float[] actual = expected.clone();
      float[] before = expected.clone();
      plain.addProducts(x, 2, y, 5, expected, 1, length);
      fast.addProducts(x, 2, y, 5, actual, 1, length);
      assertThat(actual).isEqualTo(expected);
      if (length > 0) {
        assertThat(actual[length])
            .isEqualTo(Math.fma(x[length + 1], y[length + 4], before[length]));
      }
      plain.multiply(x, 2, y, 5, expected, 1, length);
      fast.multiply(x, 2, y, 5, actual, 1, length);
      assertThat(actual).isEqualTo(expected);
      if (length > 0) {
        assertThat(actual[length]).isEqualTo(x[length + 1] * y[length + 4]);
      }
    }
  }

  @Test
  void scaleRows_anyWidth_haveTheBitsOfThePlainTwin() {
    for (int columns : new int[] {0, 1, 16, 49, 64}) {
      int rows = 5;
      float[] a = normals(3 + rows * (columns + 2));
      float[] factors = normals(2 + rows);
      float[] expected = normals(rows * (columns + 4));
      float[] actual = expected.clone();
      plain.scaleRows(rows, columns, factors, 2, a, 3, columns + 2, expected, columns + 4);
      fast.scaleRows(rows, columns, factors, 2, a, 3, columns + 2, actual, columns + 4);
      assertThat(actual).isEqualTo(expected);
      if (columns > 0) {
        int last = columns - 1;
        assertThat(actual[4 * (columns + 4) + last])
            .isEqualTo(factors[6] * a[3 + 4 * (columns + 2) + last]);
      }
    }
  }

  @Test
  void approximations_wholeRange_areCloseToTheLibrary() {
    for (float x = -87; x <= 0; x += 0.0137f) {
      assertThat(Approximations.exp(x) / Math.exp(x)).isCloseTo(1, within(3e-7));
    }
    for (float x = 0x1.0p-24f; x < 3; x *= 1.0173f) {
      assertThat((double) Approximations.log(x))
          .isCloseTo(Math.log(x), within(2e-7 * (1 + Math.abs(Math.log(x)))));
    }
    for (float f = -0.5f; f <= 0.5f; f += 0.00137f) {
      assertThat((double) Approximations.sine(f))
          .isCloseTo(Math.sin(Math.PI / 2 * f), within(2e-7));
      assertThat((double) Approximations.cosine(f))
          .isCloseTo(Math.cos(Math.PI / 2 * f), within(2e-7));
    }
  }

  private float[] normals(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
