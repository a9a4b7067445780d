package org.embedllm.tower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Chooses landmark questions and evaluates their kernel for many questions at once.
final class LandmarkKernel {
  private static final int BLOCK = 256;

  private final FeatureMap.Kernel features;

  private LandmarkKernel(FeatureMap.Kernel features) {
    this.features = features;
  }

  /// A seeded sample of distinct training questions, and the γ of the wanted reach.
  ///
  /// @param vectors [n, q]
  static LandmarkKernel choose(FloatMatrix vectors, KernelOptions options) {
    int n = vectors.rows();
    int q = vectors.columns();
    int[] order = new int[n];
    for (int j = 0; j < n; j++) {
      order[j] = j;
    }
    var random = new SplittableRandom(options.seed());
    List<float[]> rows = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    for (int at = 0; at < n && rows.size() < options.landmarks(); at++) {
      int other = at + random.nextInt(n - at);
      int kept = order[at];
      order[at] = order[other];
      order[other] = kept;
      float[] row = normalized(vectors.row(order[at]));
      if (seen.add(Arrays.hashCode(row))) {
        rows.add(row);
      }
    }
    float[] values = new float[rows.size() * q];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, values, i * q, q);
    }
    double median = medianCosine(rows);
    float gamma = (float) (options.reach() / Math.max(0.02, 1 - median));
    return new LandmarkKernel(
        new FeatureMap.Kernel(FloatMatrix.wrap(rows.size(), q, values), gamma));
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

  private static float[] normalized(float[] vector) {
    double norm = 0;
    for (float x : vector) {
      norm += (double) x * x;
    }
    float scale = norm > 0 ? (float) (1 / Math.sqrt(norm)) : 0f;
    for (int k = 0; k < vector.length; k++) {
      vector[k] *= scale;
    }
    return vector;
  }

  /// r, the number of landmarks.
  int count() {
    return features.outputDimension();
  }

  FeatureMap.Kernel features() {
    return features;
  }

  FloatMatrix landmarks() {
    return features.landmarks();
  }

  /// The kernel of all questions with all landmarks.
  ///
  /// @param vectors [n, q]
  /// @return [n, r]
  FloatMatrix map(FloatMatrix vectors, Workers workers) {
    int n = vectors.rows();
    int r = count();
    float[] result = new float[Math.multiplyExact(n, r)];
    workers.run(
        (n + BLOCK - 1) / BLOCK,
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          System.arraycopy(features.map(vectors, from, rows), 0, result, from * r, rows * r);
        });
    return FloatMatrix.wrap(n, r, result);
  }
}
