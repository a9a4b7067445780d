package org.embedllm.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KMeansTest {
  private static final int Q = 21; // no multiple of a vector

  private final float[] points = normals(300, 1);
  private final float[] centers = normals(70, 2);
  private final Workers workers = new Workers(1);

  @Test
  void nearest_severalPerPoint_areTheLargestInOrder() {
    int[] nearest = KMeans.nearest(points, Q, centers, new float[70], 6, workers);
    for (int j = 0; j < 300; j++) {
      int point = j;
      int[] sorted =
          IntStream.range(0, 70)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -product(point, i)))
              .mapToInt(i -> i)
              .limit(6)
              .toArray();
      assertThat(Arrays.copyOfRange(nearest, j * 6, (j + 1) * 6)).isEqualTo(sorted);
    }
  }

  @Test
  void ownersAmong_allCentersAsCandidates_areTheOwners() {
    int[] all = IntStream.range(0, 300 * 70).map(at -> at % 70).toArray();
    assertThat(KMeans.ownersAmong(points, Q, centers, all, 70, workers))
        .isEqualTo(KMeans.owners(points, Q, centers, new float[70], workers));
  }

  private double product(int point, int center) {
    double sum = 0;
    for (int k = 0; k < Q; k++) {
      sum += (double) points[point * Q + k] * centers[center * Q + k];
    }
    return sum;
  }

  private static float[] normals(int rows, long seed) {
    var random = new SplittableRandom(seed);
    float[] values = new float[rows * Q];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return values;
  }
}
