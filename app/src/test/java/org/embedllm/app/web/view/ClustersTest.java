package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ClustersTest {
  /// `per` points around each of `groups` corners, one after another.
  private static FloatMatrix planted(int groups, int per, double spread) {
    SplittableRandom random = new SplittableRandom(1);
    int d = groups;
    float[] values = new float[groups * per * d];
    for (int i = 0; i < groups * per; i++) {
      for (int k = 0; k < d; k++) {
        values[i * d + k] = (float) ((i % groups == k ? 5 : 0) + spread * random.nextGaussian());
      }
    }
    return FloatMatrix.wrap(groups * per, d, values);
  }

  @Test
  void points_aroundCorners_areGroupedByTheirCorner() {
    for (int groups = 3; groups <= 7; groups++) {
      Clusters clusters = Clusters.of(planted(groups, 9, 0.3));
      assertThat(clusters.count()).isEqualTo(groups);
      int[] of = clusters.groups();
      for (int i = 0; i < of.length; i++) {
        assertThat(of[i]).isEqualTo(of[i % groups]);
      }
      assertThat(Arrays.stream(of).distinct().count()).isEqualTo(groups);
    }
  }

  @Test
  void samePoints_giveTheSameGroups() {
    FloatMatrix points = planted(4, 20, 2);
    assertThat(Clusters.of(points).groups()).isEqualTo(Clusters.of(points).groups());
  }

  @Test
  void manyPoints_areAllGrouped() {
    Clusters clusters = Clusters.of(planted(4, 1_000, 0.3));
    assertThat(clusters.count()).isEqualTo(4);
    int[] of = clusters.groups();
    for (int i = 0; i < of.length; i++) {
      assertThat(of[i]).isEqualTo(of[i % 4]);
    }
  }

  @Test
  void fewOrEqualPoints_areOneGroup() {
    for (int m = 0; m <= 3; m++) {
      Clusters clusters = Clusters.of(FloatMatrix.wrap(m, 2, new float[2 * m]));
      assertThat(clusters.groups()).hasSize(m).containsOnly(new int[m]);
    }
    assertThat(Clusters.of(FloatMatrix.wrap(30, 3, new float[90])).groups()).containsOnly(0);
  }
}
