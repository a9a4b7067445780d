package org.embedllm.app.web.view;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.embedllm.linalg.KMeans;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Groups of close points: k-means (Lloyd, 1982) from seeded k-means++ starts (Arthur and
/// Vassilvitskii, 2007), the best of a few, with the number of groups that has the largest mean
/// simplified silhouette, (b − a) / max(a, b) with a and b the distances to the own and to the
/// nearest other center; a point alone in its group counts 0. There are 3 to 12 groups: two would
/// mostly be good and bad models.
///
/// Of more than [#MOST] points, that many random ones are grouped, and the others join the nearest
/// center.
final class Clusters {
  private static final int MOST = 2_000;
  private static final int LEAST_GROUPS = 3;
  private static final int MOST_GROUPS = 12;
  private static final int STARTS = 4;
  private static final int ROUNDS = 30; // at most
  private static final double SETTLED = 1e-3; // a round that gains less is the last

  private final int[] group; // [m]
  private final int[] medoid; // [k] the point nearest to the center

  private Clusters(int[] group, int[] medoid) {
    this.group = group;
    this.medoid = medoid;
  }

  /// Groups points; all of them are one group where there are fewer than four, or all are equal.
  ///
  /// @param points [m, d]
  static Clusters of(FloatMatrix points) {
    int m = points.rows();
    FloatMatrix some = points;
    if (m > MOST) {
      some = points.selectRows(new SplittableRandom(m).ints(MOST, 0, m).toArray());
    }
    double[] best = new Means(some, 1, new SplittableRandom(0)).centers;
    double highest = Double.NEGATIVE_INFINITY;
    int most = Math.min(MOST_GROUPS, some.rows() / 2);
    for (int k = Math.clamp(most, 2, LEAST_GROUPS); k <= most; k++) {
      Means means = bestOf(some, k);
      double silhouette = silhouette(some, means.centers);
      if (silhouette > highest) {
        highest = silhouette;
        best = means.centers;
      }
    }
    return assigned(points, best);
  }

  private static Means bestOf(FloatMatrix points, int k) {
    Means best = new Means(points, k, new SplittableRandom(k));
    for (int start = 1; start < STARTS; start++) {
      Means next = new Means(points, k, new SplittableRandom(start * 1_000L + k));
      best = next.sum < best.sum ? next : best;
    }
    return best;
  }

  /// Group of each point, the largest group first. A copy, `[m]`.
  int[] groups() {
    return group.clone();
  }

  int count() {
    return medoid.length;
  }

  /// The central point of a group.
  int medoid(int which) {
    return medoid[which];
  }

  private static Clusters assigned(FloatMatrix points, double[] centers) {
    int d = points.columns();
    int k = d == 0 ? 1 : centers.length / d;
    int m = points.rows();
    int[] group = new int[m];
    int[] size = new int[k];
    int[] medoid = new int[k];
    double[] nearest = new double[k];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    for (int i = 0; i < m; i++) {
      int own = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < k; c++) {
        double distance = squared(points, i, centers, c);
        if (distance < least) {
          least = distance;
          own = c;
        }
      }
      group[i] = own;
      size[own]++;
      if (least < nearest[own]) {
        nearest[own] = least;
        medoid[own] = i;
      }
    }
    Integer[] order = new Integer[k];
    Arrays.setAll(order, c -> c);
    Arrays.sort(order, (a, b) -> Integer.compare(size[b], size[a]));
    int kept = (int) Arrays.stream(size).filter(s -> s > 0).count();
    int[] rank = new int[k];
    int[] medoids = new int[kept];
    for (int r = 0; r < k; r++) {
      rank[order[r]] = r;
      if (r < kept) {
        medoids[r] = medoid[order[r]];
      }
    }
    return new Clusters(Arrays.stream(group).map(g -> rank[g]).toArray(), medoids);
  }

  private static double silhouette(FloatMatrix points, double[] centers) {
    int k = centers.length / points.columns();
    double[] sums = new double[k];
    int[] sizes = new int[k];
    for (int i = 0; i < points.rows(); i++) {
      int own = 0;
      double first = Double.POSITIVE_INFINITY;
      double second = Double.POSITIVE_INFINITY;
      for (int c = 0; c < k; c++) {
        double distance = squared(points, i, centers, c);
        if (distance < first) {
          second = first;
          first = distance;
          own = c;
        } else if (distance < second) {
          second = distance;
        }
      }
      sizes[own]++;
      sums[own] += second > 0 ? 1 - Math.sqrt(first / second) : 0;
    }
    double sum = 0;
    for (int c = 0; c < k; c++) {
      sum += sizes[c] > 1 ? sums[c] : 0;
    }
    return sum / points.rows();
  }

  private static double squared(FloatMatrix points, int i, double[] centers, int c) {
    int d = points.columns();
    float[] values = points.sharedArray();
    double sum = 0;
    for (int x = 0; x < d; x++) {
      double difference = values[i * d + x] - centers[c * d + x];
      sum += difference * difference;
    }
    return sum;
  }

  /// One run of k-means.
  private static final class Means {
    final double[] centers; // [k, d]
    double sum = Double.POSITIVE_INFINITY; // of squared distances to the own center

    Means(FloatMatrix points, int k, SplittableRandom random) {
      this.centers = new double[k * points.columns()];
      if (points.rows() > 0) {
        start(points, k, random);
        rounds(points, k);
      }
    }

    private void start(FloatMatrix points, int k, SplittableRandom random) {
      int m = points.rows();
      double[] least = new double[m];
      Arrays.fill(least, Double.POSITIVE_INFINITY);
      int chosen = random.nextInt(m);
      for (int c = 0; c < k; c++) {
        place(points, chosen, c);
        double total = 0;
        for (int i = 0; i < m; i++) {
          least[i] = Math.min(least[i], squared(points, i, centers, c));
          total += least[i];
        }
        double at = random.nextDouble() * total;
        chosen = 0;
        for (double passed = least[0]; passed < at && chosen < m - 1; passed += least[chosen]) {
          chosen++;
        }
      }
    }

    private void place(FloatMatrix points, int point, int c) {
      for (int x = 0; x < points.columns(); x++) {
        centers[c * points.columns() + x] = points.get(point, x);
      }
    }

    private void rounds(FloatMatrix points, int k) {
      int d = points.columns();
      float[] values = points.sharedArray();
      try (Workers workers = new Workers(1)) {
        for (int round = 0; round < ROUNDS; round++) {
          int[] owners = KMeans.owners(values, d, floats(), halfSquares(k), workers);
          double total = 0;
          for (int i = 0; i < owners.length; i++) {
            total += squared(points, i, centers, owners[i]);
          }
          double[] sums = KMeans.sums(values, d, owners, k, workers);
          int[] sizes = KMeans.sizes(owners, k);
          for (int at = 0; at < sums.length; at++) {
            centers[at] = sizes[at / d] > 0 ? sums[at] / sizes[at / d] : centers[at];
          }
          if (total >= sum * (1 - SETTLED)) {
            break;
          }
          sum = total;
        }
      }
    }

    private float[] floats() {
      float[] values = new float[centers.length];
      for (int at = 0; at < values.length; at++) {
        values[at] = (float) centers[at];
      }
      return values;
    }

    /// |c|² / 2 of each center, `[k]`.
    private float[] halfSquares(int k) {
      int d = centers.length / k;
      float[] halves = new float[k];
      for (int c = 0; c < k; c++) {
        double square = 0;
        for (int x = c * d; x < (c + 1) * d; x++) {
          square += centers[x] * centers[x];
        }
        halves[c] = (float) (square / 2);
      }
      return halves;
    }
  }
}
