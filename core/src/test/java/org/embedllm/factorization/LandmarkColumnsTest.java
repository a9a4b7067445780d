package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.embedllm.linalg.Kernels;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class LandmarkColumnsTest {
  private static final int R = 53;
  private static final int Q = 102; // no multiple of the columns that are added together

  private final SplittableRandom random = new SplittableRandom(23);
  private final FloatMatrix landmarks = unitRows(R, Q);
  private final FloatMatrix rounded = LandmarkColumns.rounded(landmarks);

  @Test
  void rounded_anyLandmarks_areBytesOfAPowerOfTwoInEachColumn() {
    for (int k = 0; k < Q; k++) {
      double largest = 0;
      for (int i = 0; i < R; i++) {
        largest = Math.max(largest, Math.abs(landmarks.get(i, k)));
      }
      double step = Math.pow(2, Math.ceil(Math.log(largest / 127) / Math.log(2)));
      for (int i = 0; i < R; i++) {
        double steps = rounded.get(i, k) / step;
        assertThat(steps).isEqualTo(Math.rint(steps)).isBetween(-127.0, 127.0);
        assertThat(rounded.get(i, k)).isCloseTo(landmarks.get(i, k), within((float) step));
      }
    }
  }

  @Test
  void rounded_anyLandmarks_keepTheirLengthAndDirection() {
    for (int i = 0; i < R; i++) {
      double square = 0;
      double cosine = 0;
      for (int k = 0; k < Q; k++) {
        square += (double) rounded.get(i, k) * rounded.get(i, k);
        cosine += (double) rounded.get(i, k) * landmarks.get(i, k);
      }
      assertThat(square).isBetween(1 - 2.1e-4, 1 + 1e-6);
      assertThat(cosine).isGreaterThan(.999);
    }
  }

  @Test
  void rounded_landmarksOnTheGrid_stay() {
    assertThat(LandmarkColumns.rounded(rounded)).isEqualTo(rounded);
  }

  /// With three columns no point of the grid is near enough to length 1.
  @Test
  void rounded_columnsTooFewForTheLength_stay() {
    FloatMatrix few = unitRows(40, 3);
    assertThat(LandmarkColumns.rounded(few)).isSameAs(few);
    new FeatureMap.Kernel(few, 1); // does not throw
  }

  @Test
  void add_bytesOrFloats_hasTheBitsOfAMatrixProduct() {
    float[] vector = unitRows(1, Q).row(0);
    for (FloatMatrix some : new FloatMatrix[] {landmarks, rounded}) {
      for (int from : new int[] {0, 4, 61, Q - 1}) {
        float[] expected = new float[R];
        Kernels.plain()
            .multiplyAdd(
                1, R, Q - from, vector, from, Q, 1, transposed(some), from * R, R, expected, 0, R);
        float[] sums = new float[R];
        LandmarkColumns.of(some).add(vector, 0, from, Q, sums);
        assertThat(sums).isEqualTo(expected);
      }
    }
  }

  @Test
  void kernel_ofOneQuestionAndOfMany_hasTheSameBits() {
    FloatMatrix questions = unitRows(9, Q);
    for (var kernel :
        new FeatureMap.Kernel[] {
          new FeatureMap.Kernel(landmarks, 2), FeatureMap.Kernel.rounded(landmarks, 2)
        }) {
      float[] many = kernel.map(questions, 0, 9);
      for (int j = 0; j < 9; j++) {
        float[] one = kernel.map(questions.row(j));
        for (int i = 0; i < R; i++) {
          assertThat(one[i]).isEqualTo(many[j * R + i]);
        }
      }
    }
  }

  @Test
  void mapLandmarks_rounded_isSymmetric() {
    var kernel = FeatureMap.Kernel.rounded(landmarks, 2);
    float[] among = new float[R * R];
    kernel.mapLandmarks(0, R, among, 0);
    for (int i = 0; i < R; i++) {
      assertThat(among[i * R + i]).isBetween(.999f, 1f);
      for (int l = 0; l < i; l++) {
        assertThat(among[i * R + l]).isEqualTo(among[l * R + i]);
      }
    }
  }

  private static float[] transposed(FloatMatrix matrix) {
    float[] values = new float[R * Q];
    for (int i = 0; i < R; i++) {
      for (int k = 0; k < Q; k++) {
        values[k * R + i] = matrix.get(i, k);
      }
    }
    return values;
  }

  private FloatMatrix unitRows(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      double square = 0;
      for (int k = 0; k < columns; k++) {
        values[i * columns + k] = (float) random.nextGaussian();
        square += (double) values[i * columns + k] * values[i * columns + k];
      }
      for (int k = 0; k < columns; k++) {
        values[i * columns + k] /= (float) Math.sqrt(square);
      }
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
