package org.embedllm.factorization;

import org.embedllm.linalg.Kernels;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// The feature map of a question vector before the linear projection.
public sealed interface FeatureMap permits FeatureMap.Identity, FeatureMap.Kernel, NestedKernels {
  /// q, the length of a question vector.
  int inputDimension();

  /// Whether vectors of some length can be read: q, or q and the columns of attributes behind.
  default boolean accepts(int width) {
    return width == inputDimension();
  }

  /// r, the number of features.
  int outputDimension();

  /// Features of one question vector.
  ///
  /// @param vector `[q]`
  /// @return `[r]`
  float[] map(float[] vector);

  /// The paper's feature map: the vector itself.
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

  /// Similarities to landmarks: `exp(γ (cos(x, z_k) − 1))`, the Nyström features of that kernel
  /// before whitening (the whitening is folded into the projection). Immutable.
  final class Kernel implements FeatureMap {
    private static final Kernels KERNELS = Kernels.best();
    private static final double LENGTH_TOLERANCE = 1e-3;
    // Rows whose length is a power of two would fall on few places of the caches.
    private static final int PADDING = 16;

    private final FloatMatrix landmarks; // [r, q]
    private final float gamma;
    private final int stride; // r, and a little more
    // Made when they are needed: commands that only look at a model file start sooner.
    private volatile float @Nullable [] transposed; // [q, stride], for many questions
    private volatile @Nullable LandmarkColumns columns; // for one

    /// @param landmarks z, [r, q], rows of length 1
    /// @param gamma γ, positive
    /// @throws IllegalArgumentException when γ is not positive or a landmark does not have length 1
    public Kernel(FloatMatrix landmarks, float gamma) {
      this(landmarks, gamma, false);
    }

    /// A kernel whose landmarks are known to have length 1, such as those of a file that was read
    /// before. Looking at all of them takes a tenth of a short command's time.
    ///
    /// @param landmarks z, [r, q], rows of length 1
    /// @param gamma γ, positive
    /// @throws IllegalArgumentException when γ is not positive
    public static Kernel ofKnown(FloatMatrix landmarks, float gamma) {
      return new Kernel(landmarks, gamma, true);
    }

    private Kernel(FloatMatrix landmarks, float gamma, boolean known) {
      if (!(gamma > 0 && gamma <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException("gamma must be positive and finite; got " + gamma);
      }
      this.landmarks = known ? landmarks : ofLength1(landmarks);
      this.gamma = gamma;
      this.stride = landmarks.rows() + PADDING;
    }

    private static FloatMatrix ofLength1(FloatMatrix landmarks) {
      int q = landmarks.columns();
      float[] values = landmarks.sharedArray();
      for (int i = 0; i < landmarks.rows(); i++) {
        double square = 0;
        for (int k = i * q; k < (i + 1) * q; k++) {
          square += (double) values[k] * values[k];
        }
        if (!(Math.abs(Math.sqrt(square) - 1) <= LENGTH_TOLERANCE)) {
          throw new IllegalArgumentException(
              "landmarks must have length 1; row %d has length %s".formatted(i, Math.sqrt(square)));
        }
      }
      return landmarks;
    }

    private float[] transposed() {
      float[] made = transposed;
      if (made == null) {
        int r = landmarks.rows();
        int q = landmarks.columns();
        float[] values = landmarks.sharedArray();
        made = new float[Math.multiplyExact(stride, q)];
        for (int i = 0; i < r; i++) {
          for (int k = 0; k < q; k++) {
            made[k * stride + i] = values[i * q + k];
          }
        }
        transposed = made;
      }
      return made;
    }

    private LandmarkColumns columns() {
      LandmarkColumns made = columns;
      if (made == null) {
        made = LandmarkColumns.of(landmarks);
        columns = made;
      }
      return made;
    }

    /// A kernel whose landmarks are moved a little, so that the forecast of one question reads a
    /// byte for each of their values.
    ///
    /// @param landmarks z, [r, q], rows of length 1
    /// @param gamma γ, positive
    public static Kernel rounded(FloatMatrix landmarks, float gamma) {
      return new Kernel(LandmarkColumns.rounded(landmarks), gamma);
    }

    /// z, [r, q], rows of length 1.
    public FloatMatrix landmarks() {
      return landmarks;
    }

    /// γ.
    public float gamma() {
      return gamma;
    }

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
      return map(FloatMatrix.wrap(1, vector.length, vector), 0, 1);
    }

    /// Features of some rows.
    ///
    /// @param vectors [n, q]
    /// @return [rows, r], row-major
    public float[] map(FloatMatrix vectors, int from, int rows) {
      float[] features = new float[Math.multiplyExact(rows, landmarks.rows())];
      if (rows == 1) {
        int at = from * landmarks.columns();
        columns().add(vectors.sharedArray(), at, 0, landmarks.columns(), features);
        similarities(features, 0, scale(vectors.sharedArray(), at));
      } else {
        map(vectors, from, rows, features, 0, landmarks.rows());
      }
      return features;
    }

    /// The same for many rows, written into an array of zeros.
    ///
    /// @param into where [rows, r] are written, from `at` on
    /// @param intoRow distance between the rows written, at least r
    public void map(FloatMatrix vectors, int from, int rows, float[] into, int at, int intoRow) {
      int q = landmarks.columns();
      int r = landmarks.rows();
      float[] values = vectors.sharedArray();
      KERNELS.multiplyAdd(
          rows, r, q, values, from * q, q, 1, transposed(), 0, stride, into, at, intoRow);
      for (int row = 0; row < rows; row++) {
        similarities(into, at + row * intoRow, scale(values, (from + row) * q));
      }
    }

    /// The features of some landmarks: what [#map(FloatMatrix, int, int)] gives, but as a symmetric
    /// function, since their lengths are 1 but for rounding.
    ///
    /// @param into an array of zeros, where [rows, r] are written, from `at` on
    public void mapLandmarks(int from, int rows, float[] into, int at) {
      int q = landmarks.columns();
      int r = landmarks.rows();
      float[] values = landmarks.sharedArray();
      KERNELS.multiplyAdd(rows, r, q, values, from * q, q, 1, transposed(), 0, stride, into, at, r);
      for (int row = 0; row < rows; row++) {
        similarities(into, at + row * r, 1);
      }
    }

    /// Dot products of some coordinates of a question, as a unit vector, with those of the
    /// landmarks.
    ///
    /// @param vector `[q]`
    /// @param from first coordinate
    /// @return `[r]`
    public float[] products(float[] vector, int from) {
      float[] products = new float[landmarks.rows()];
      columns().add(vector, 0, from, landmarks.columns(), products);
      float scale = scale(vector, 0);
      for (int i = 0; i < products.length; i++) {
        products[i] *= scale;
      }
      return products;
    }

    /// One over the length of a vector; 0 for a vector of zeros.
    private float scale(float[] vectors, int at) {
      double square = 0;
      for (int k = at; k < at + landmarks.columns(); k++) {
        double x = vectors[k];
        square += x * x;
      }
      return square > 0 ? (float) (1 / Math.sqrt(square)) : 0f;
    }

    /// Dot products with the landmarks become the kernel's values.
    private void similarities(float[] products, int from, float scale) {
      int r = landmarks.rows();
      for (int i = from; i < from + r; i++) {
        products[i] = gamma * (scale * products[i] - 1);
      }
      KERNELS.exponentials(products, from, r);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Kernel that
          && gamma == that.gamma
          && landmarks.equals(that.landmarks);
    }

    @Override
    public int hashCode() {
      return 31 * landmarks.hashCode() + Float.hashCode(gamma);
    }
  }
}
