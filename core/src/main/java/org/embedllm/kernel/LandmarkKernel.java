package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.linalg.Shuffle;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Chooses landmarks and evaluates their kernel for many questions at once.
final class LandmarkKernel {
  private static final int BLOCK = 256;

  private final FeatureMap.Kernel features;
  private final QuestionClusters clusters;

  private LandmarkKernel(FeatureMap.Kernel features, QuestionClusters clusters) {
    this.features = features;
    this.clusters = clusters;
  }

  /// The centers of groups of similar training questions, with γ from the bandwidth. Where there
  /// are at most as many distinct questions as landmarks, the questions themselves.
  ///
  /// @param vectors [n, q]
  static LandmarkKernel choose(FloatMatrix vectors, KernelOptions options, Workers workers) {
    int n = vectors.rows();
    FloatMatrix questions = normalized(vectors);
    int[] order = new int[n];
    for (int j = 0; j < n; j++) {
      order[j] = j;
    }
    var random = new SplittableRandom(options.seed());
    List<float[]> rows = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    boolean more = false;
    for (int at = 0; at < n && !more; at++) {
      Shuffle.next(order, at, random);
      float[] row = questions.row(order[at]);
      if (!isZero(questions, order[at]) && seen.add(Arrays.hashCode(row))) {
        more = rows.size() == options.landmarks();
        if (!more) {
          rows.add(row);
        }
      }
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("all training questions have vectors of zeros");
    }
    double median = medianCosine(rows);
    float gamma = (float) (options.gammaScale() / Math.max(0.02, 1 - median));
    QuestionClusters clusters =
        QuestionClusters.of(questions, matrix(rows), more ? options.rounds() : 0, workers);
    return new LandmarkKernel(FeatureMap.Kernel.rounded(clusters.centers(), gamma), clusters);
  }

  /// Whether a row has zeros only.
  static boolean isZero(FloatMatrix vectors, int row) {
    for (int k = 0; k < vectors.columns(); k++) {
      if (vectors.get(row, k) != 0) {
        return false;
      }
    }
    return true;
  }

  private static FloatMatrix matrix(List<float[]> rows) {
    int q = rows.getFirst().length;
    float[] values = new float[Math.multiplyExact(rows.size(), q)];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, values, i * q, q);
    }
    return FloatMatrix.wrap(rows.size(), q, values);
  }

  private static double medianCosine(List<float[]> rows) {
    int count = Math.min(256, rows.size());
    double[] cosines = new double[Math.max(1, count * (count - 1) / 2)];
    int at = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        float[] a = rows.get(i);
        float[] b = rows.get(j);
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
          sum += (double) a[k] * b[k];
        }
        cosines[at++] = sum;
      }
    }
    Arrays.sort(cosines);
    return cosines[cosines.length / 2];
  }

  private static FloatMatrix normalized(FloatMatrix vectors) {
    int q = vectors.columns();
    float[] values = vectors.toArray();
    for (int j = 0; j < vectors.rows(); j++) {
      double norm = 0;
      for (int k = j * q; k < (j + 1) * q; k++) {
        norm += (double) values[k] * values[k];
      }
      float scale = norm > 0 ? (float) (1 / Math.sqrt(norm)) : 0f;
      for (int k = j * q; k < (j + 1) * q; k++) {
        values[k] *= scale;
      }
    }
    return FloatMatrix.wrap(vectors.rows(), q, values);
  }

  /// r, the number of landmarks.
  int count() {
    return features.outputDimension();
  }

  FeatureMap.Kernel features() {
    return features;
  }

  /// Which landmark each training question belongs to.
  QuestionClusters clusters() {
    return clusters;
  }

  /// The kernel of the landmarks with one another, symmetric.
  ///
  /// @return [r, r]
  FloatMatrix amongLandmarks(Workers workers) {
    int r = count();
    float[] kernel = new float[Math.multiplyExact(r, r)];
    blocks(r, (from, rows) -> features.mapLandmarks(from, rows, kernel, from * r), workers);
    return FloatMatrix.wrap(r, r, kernel);
  }

  /// The kernel of questions with one another.
  ///
  /// @param vectors [n, q]
  /// @return [n, n]
  KernelMatrix among(FloatMatrix vectors, Workers workers) {
    FloatMatrix questions = normalized(vectors);
    return map(new FeatureMap.Kernel(questions, features.gamma()), questions, workers);
  }

  /// The kernel of all questions with all landmarks.
  ///
  /// @param vectors [n, q]
  /// @return [n, r]
  KernelMatrix map(FloatMatrix vectors, Workers workers) {
    return map(features, vectors, workers);
  }

  private static KernelMatrix map(
      FeatureMap.Kernel features, FloatMatrix vectors, Workers workers) {
    KernelMatrix kernel = KernelMatrix.zeros(vectors.rows(), features.outputDimension());
    int stride = kernel.stride();
    float[] values = kernel.sharedArray();
    blocks(
        vectors.rows(),
        (from, rows) -> features.map(vectors, from, rows, values, from * stride, stride),
        workers);
    return kernel;
  }

  private interface Rows {
    void write(int from, int rows);
  }

  private static void blocks(int n, Rows some, Workers workers) {
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          int from = block * BLOCK;
          some.write(from, Math.min(BLOCK, n - from));
        });
  }
}
