package org.embedllm.factorization;

import org.embedllm.tensor.FloatMatrix;

/// What is done to a question vector before the linear projection.
public sealed interface FeatureMap {
  /// q, the length of a question vector.
  int inputDimension();

  /// r, the number of features.
  int outputDimension();

  /// Features of one question vector.
  ///
  /// @param vector [q]
  /// @return [r]
  float[] map(float[] vector);

  /// The paper's question tower: the vector itself.
  ///
  /// @param inputDimension q
  record Identity(int inputDimension) implements FeatureMap {
    @Override
    public int outputDimension() {
      return inputDimension;
    }

    @Override
    public float[] map(float[] vector) {
      return vector.clone();
    }
  }

  /// Similarities to landmark questions: `exp(γ (cos(x, z_k) − 1))`, the Nyström features of that
  /// kernel before whitening (the whitening is folded into the projection).
  ///
  /// @param landmarks z, [r, q], rows of length 1
  /// @param gamma γ, positive
  record Kernel(FloatMatrix landmarks, float gamma) implements FeatureMap {
    @Override
    public int inputDimension() {
      return landmarks.columns();
    }

    @Override
    public int outputDimension() {
      return landmarks.rows();
    }

    @Override
    public float[] map(float[] vector) {
      double norm = 0;
      for (float x : vector) {
        norm += (double) x * x;
      }
      float scale = norm > 0 ? (float) (1 / Math.sqrt(norm)) : 0f;
      float[] features = new float[landmarks.rows()];
      for (int r = 0; r < features.length; r++) {
        float cosine = 0;
        for (int k = 0; k < vector.length; k++) {
          cosine = Math.fma(landmarks.get(r, k), vector[k], cosine);
        }
        features[r] = (float) Math.exp(gamma * (cosine * scale - 1));
      }
      return features;
    }
  }
}
