package org.embedllm.onnx;

/// One vector from the vectors of a text's tokens, as the sentence-transformers library defines it.
/// The order is that in which several poolings are joined.
enum Pooling {
  /// The first token.
  CLS {
    @Override
    void pool(float[] tokens, int length, int width, float[] into, int at) {
      System.arraycopy(tokens, 0, into, at, width);
    }
  },
  /// The largest value of each coordinate.
  MAX {
    @Override
    void pool(float[] tokens, int length, int width, float[] into, int at) {
      for (int x = 0; x < width; x++) {
        float largest = tokens[x];
        for (int p = 1; p < length; p++) {
          largest = Math.max(largest, tokens[p * width + x]);
        }
        into[at + x] = largest;
      }
    }
  },
  /// The mean of all tokens, special ones included.
  MEAN {
    @Override
    void pool(float[] tokens, int length, int width, float[] into, int at) {
      weightedSum(tokens, length, width, false, length, into, at);
    }
  },
  /// The sum divided by the square root of the number of tokens.
  MEAN_SQRT_LENGTH {
    @Override
    void pool(float[] tokens, int length, int width, float[] into, int at) {
      weightedSum(tokens, length, width, false, Math.sqrt(length), into, at);
    }
  },
  /// The mean with weights 1, 2, …, length.
  WEIGHTED_MEAN {
    @Override
    void pool(float[] tokens, int length, int width, float[] into, int at) {
      weightedSum(tokens, length, width, true, length * (length + 1.0) / 2, into, at);
    }
  },
  /// The last token.
  LAST {
    @Override
    void pool(float[] tokens, int length, int width, float[] into, int at) {
      System.arraycopy(tokens, (length - 1) * width, into, at, width);
    }
  };

  /// Writes the pooled vector.
  ///
  /// @param tokens [length, width]
  /// @param into `width` values are written from `at`
  abstract void pool(float[] tokens, int length, int width, float[] into, int at);

  private static void weightedSum(
      float[] tokens,
      int length,
      int width,
      boolean byPosition,
      double divisor,
      float[] into,
      int at) {
    double[] sum = new double[width];
    for (int p = 0; p < length; p++) {
      double weight = byPosition ? p + 1 : 1;
      for (int x = 0; x < width; x++) {
        sum[x] += weight * tokens[p * width + x];
      }
    }
    for (int x = 0; x < width; x++) {
      into[at + x] = (float) (sum[x] / divisor);
    }
  }
}
