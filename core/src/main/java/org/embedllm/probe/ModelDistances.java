package org.embedllm.probe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.tensor.FloatMatrix;

/// L2 distances between all pairs of models in an embedding space.
public final class ModelDistances {
  private final List<String> models;
  private final double[] distances; // [m, m]

  private ModelDistances(List<String> models, double[] distances) {
    this.models = List.copyOf(models);
    this.distances = distances;
  }

  /// Distances between the rows of a matrix.
  ///
  /// @param models names of the m models
  /// @param embeddings [m, d]
  public static ModelDistances of(List<String> models, FloatMatrix embeddings) {
    int m = models.size();
    if (embeddings.rows() != m) {
      throw new IllegalArgumentException(
          "%d embeddings for %d models".formatted(embeddings.rows(), m));
    }
    int d = embeddings.columns();
    float[] values = embeddings.sharedArray();
    double[] distances = new double[m * m];
    for (int a = 0; a < m; a++) {
      for (int b = a + 1; b < m; b++) {
        double sum = 0;
        for (int k = 0; k < d; k++) {
          double difference = (double) values[a * d + k] - values[b * d + k];
          sum += difference * difference;
        }
        distances[a * m + b] = Math.sqrt(sum);
        distances[b * m + a] = distances[a * m + b];
      }
    }
    return new ModelDistances(models, distances);
  }

  /// Names of the m models.
  public List<String> models() {
    return models;
  }

  /// L2 distance of two models.
  public double distance(int first, int second) {
    return distances[first * models.size() + second];
  }

  /// All other models, the nearest first; equals in row order.
  public int[] nearest(int model) {
    return IntStream.range(0, models.size())
        .filter(other -> other != model)
        .boxed()
        .sorted(Comparator.comparingDouble(other -> distance(model, other)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// The median over all pairs of distinct models; NaN with fewer than two models.
  public double median() {
    int m = models.size();
    double[] pairs =
        IntStream.range(0, m)
            .boxed()
            .flatMapToDouble(a -> IntStream.range(a + 1, m).mapToDouble(b -> distance(a, b)))
            .toArray();
    Arrays.sort(pairs);
    int half = pairs.length / 2;
    if (pairs.length == 0) {
      return Double.NaN;
    }
    return pairs.length % 2 == 1 ? pairs[half] : (pairs[half - 1] + pairs[half]) / 2;
  }
}
