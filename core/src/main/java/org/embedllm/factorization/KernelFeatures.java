package org.embedllm.factorization;

import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.linalg.Kernels;

/// Evaluates a [FeatureMap.Kernel] for many questions at once, and for one within microseconds. The
/// features of a question have the same bits whatever questions come with it.
final class KernelFeatures {
  /// Single questions that are answered without the transposed landmarks: a program that routes one
  /// prompt and ends does not pay for them.
  private static final int COLD_CALLS = 4;

  private final FeatureMap.Kernel map;
  private final AtomicInteger singles = new AtomicInteger();
  private volatile float[] transposed = new float[0]; // [q, r] once it is wanted

  KernelFeatures(FeatureMap.Kernel map) {
    this.map = map;
  }

  /// Features of some rows.
  ///
  /// @param x rows of q from `from`
  /// @return [rows, r]
  float[] rows(Kernels kernels, float[] x, int from, int rows) {
    int q = map.inputDimension();
    int r = map.outputDimension();
    float[] features = new float[Math.multiplyExact(rows, r)];
    if (rows == 1 && singles.getAndIncrement() < COLD_CALLS) {
      cosines(x, from, features);
    } else {
      kernels.multiplyAdd(rows, r, q, x, from, q, 1, transposed(), 0, r, features, 0, r);
    }
    for (int row = 0; row < rows; row++) {
      float scale = scale(x, from + row * q, q);
      for (int k = row * r; k < (row + 1) * r; k++) {
        features[k] = map.gamma() * Math.fma(features[k], scale, -1f);
      }
    }
    kernels.exponentials(features, 0, features.length);
    return features;
  }

  /// Products of one question with the landmarks, summed in the order of the matrix product.
  private void cosines(float[] x, int from, float[] into) {
    float[] landmarks = map.landmarks().sharedArray();
    int q = map.inputDimension();
    for (int k = 0; k < into.length; k++) {
      float sum = 0;
      for (int l = 0; l < q; l++) {
        sum = Math.fma(x[from + l], landmarks[k * q + l], sum);
      }
      into[k] = sum;
    }
  }

  private static float scale(float[] x, int from, int q) {
    double square = 0;
    for (int l = from; l < from + q; l++) {
      square += (double) x[l] * x[l];
    }
    return square > 0 ? (float) (1 / Math.sqrt(square)) : 0f;
  }

  /// [q, r]. Several threads may make it at once; they make the same.
  private float[] transposed() {
    float[] made = transposed;
    if (made.length == 0) {
      int q = map.inputDimension();
      int r = map.outputDimension();
      float[] landmarks = map.landmarks().sharedArray();
      made = new float[landmarks.length];
      for (int k = 0; k < r; k++) {
        for (int l = 0; l < q; l++) {
          made[l * r + k] = landmarks[k * q + l];
        }
      }
      transposed = made;
    }
    return made;
  }
}
