package org.embedllm.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class PrincipalPlaneTest {
  private static double distance(PrincipalPlane plane, int i, int j) {
    var a = plane.places().get(i);
    var b = plane.places().get(j);
    return Math.hypot(a.x() - b.x(), a.y() - b.y());
  }

  private static double distance(FloatMatrix points, int i, int j) {
    double sum = 0;
    for (int k = 0; k < points.columns(); k++) {
      double difference = points.get(i, k) - points.get(j, k);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /// Points of a plane that lies askew in a space of `d` dimensions.
  private static FloatMatrix askew(int m, int d, double noise) {
    SplittableRandom random = new SplittableRandom(5);
    double[] a = random.doubles(d, -1, 1).toArray();
    double[] b = random.doubles(d, -1, 1).toArray();
    float[] values = new float[m * d];
    for (int i = 0; i < m; i++) {
      double s = 4 * random.nextGaussian();
      double t = random.nextGaussian();
      for (int k = 0; k < d; k++) {
        values[i * d + k] = (float) (3 + s * a[k] + t * b[k] + noise * random.nextGaussian());
      }
    }
    return FloatMatrix.wrap(m, d, values);
  }

  @Test
  void points_ofAPlane_keepTheirDistances() {
    FloatMatrix points = askew(30, 12, 0);
    PrincipalPlane plane = PrincipalPlane.of(points);
    for (int i = 0; i < 30; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(distance(plane, i, j)).isCloseTo(distance(points, i, j), within(1e-4));
      }
    }
    assertThat(plane.firstShare() + plane.secondShare()).isCloseTo(1, within(1e-6));
    assertThat(plane.firstShare()).isGreaterThan(plane.secondShare());
  }

  @Test
  void points_inNoise_loseSomeVariance_andNoDistanceGrows() {
    FloatMatrix points = askew(40, 10, 0.5);
    PrincipalPlane plane = PrincipalPlane.of(points);
    assertThat(plane.firstShare() + plane.secondShare()).isBetween(0.7, 0.999);
    for (int i = 1; i < 40; i++) {
      assertThat(distance(plane, i, 0)).isLessThanOrEqualTo(distance(points, i, 0) + 1e-5);
    }
  }

  @Test
  void fewPoints_haveAMapToo() {
    assertThat(PrincipalPlane.of(askew(1, 5, 0)).places()).hasSize(1);
    PrincipalPlane two = PrincipalPlane.of(askew(2, 5, 0));
    assertThat(two.firstShare()).isCloseTo(1, within(1e-9));
    assertThat(two.secondShare()).isCloseTo(0, within(1e-9));
    assertThat(PrincipalPlane.of(FloatMatrix.wrap(3, 1, new float[] {1, 2, 4})).secondShare())
        .isZero();
  }

  @Test
  void noPoints_areRefused() {
    assertThatThrownBy(() -> PrincipalPlane.of(FloatMatrix.wrap(0, 3, new float[0])))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
