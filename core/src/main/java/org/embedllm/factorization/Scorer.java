package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.linalg.Kernels;

/// Logits of all models on rows of features, from parameters laid out for the kernels.
final class Scorer {
  private final int features; // r
  private final int models; // m
  private final int width; // d padded
  private final int columns; // m padded
  private final float[] projection; // Wᵀ [r, width]
  private final float[] projectionBias; // b [width]
  private final float[] weighed; // (P ∘ w)ᵀ [width, columns]
  private final float bias; // c_1 − c_0

  /// @param state not copied: its values at the time of scoring count, except for P and C, which
  ///   are read now
  Scorer(TrainingState state) {
    this.features = state.features;
    this.models = state.models;
    this.width = state.width;
    this.columns = TrainingState.padded(models);
    this.projection = state.projection.values;
    this.projectionBias = state.projectionBias.values;
    float[] c = state.classifier.values;
    this.weighed = new float[Math.multiplyExact(width, columns)];
    for (int i = 0; i < models; i++) {
      for (int k = 0; k < state.dimension; k++) {
        weighed[k * columns + i] = state.modelVectors.values[i * width + k] * (c[width + k] - c[k]);
      }
    }
    this.bias = state.classifierBias.values[1] - state.classifierBias.values[0];
  }

  /// Distance between two rows of logits: m, padded.
  int columns() {
    return columns;
  }

  /// Distance between two rows of projected questions: d, padded.
  int width() {
    return width;
  }

  /// Projected questions W x + b.
  ///
  /// @param x rows of r features from `from`
  /// @return [rows, width]
  float[] project(Kernels kernels, float[] x, int from, int rows) {
    float[] v = new float[Math.multiplyExact(rows, width)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(projectionBias, 0, v, row * width, width);
    }
    kernels.multiplyAdd(
        rows, width, features, x, from, features, 1, projection, 0, width, v, 0, width);
    return v;
  }

  /// Logits of all models.
  ///
  /// @param x rows of r features from `from`
  /// @return [rows, columns]
  float[] logits(Kernels kernels, float[] x, int from, int rows) {
    float[] v = project(kernels, x, from, rows);
    float[] z = new float[Math.multiplyExact(rows, columns)];
    Arrays.fill(z, bias);
    kernels.multiplyAdd(rows, columns, width, v, 0, width, 1, weighed, 0, columns, z, 0, columns);
    return z;
  }
}
