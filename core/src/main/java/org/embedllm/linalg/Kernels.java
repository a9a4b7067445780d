package org.embedllm.linalg;

/// The float loops in which training and forecasting spend their time.
///
/// Every implementation gives the same bits.
public sealed interface Kernels permits ScalarKernels, VectorKernels {
  /// The fastest kernels this machine and this JVM have.
  static Kernels best() {
    return BestKernels.FOUND;
  }

  /// Kernels in plain Java.
  static Kernels plain() {
    return ScalarKernels.INSTANCE;
  }

  /// Bits of a vector; 0 for plain Java.
  int vectorBits();

  /// Matrix product `C += A B`, with k ascending for every element of C.
  ///
  /// @param m rows of A and C
  /// @param n columns of B and C
  /// @param k columns of A, rows of B
  /// @param a A, element (i, l) at `aFrom + i * aRow + l * aColumn`: any strides, so also a
  ///   transpose
  /// @param b B, row l at `bFrom + l * bRow`, its columns side by side
  /// @param c C, row i at `cFrom + i * cRow`, its columns side by side; modified
  void multiplyAdd(
      int m,
      int n,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow);

  /// Matrix product `C −= A B` in double, with k ascending for every element of C.
  ///
  /// @param m rows of A and C
  /// @param n columns of B and C
  /// @param k columns of A, rows of B
  /// @param a A, row i at `aFrom + i * aRow`, its columns side by side
  /// @param b B, row l at `bFrom + l * bRow`, its columns side by side
  /// @param c C, row i at `cFrom + i * cRow`, its columns side by side; modified, not B
  void subtractProduct(
      int m,
      int n,
      int k,
      double[] a,
      int aFrom,
      int aRow,
      double[] b,
      int bFrom,
      int bRow,
      double[] c,
      int cFrom,
      int cRow);

  /// One step of Adam with the weight decay as L2 in the gradient (Kingma and Ba, 2015, alg. 1).
  ///
  /// @param parameters modified
  /// @param gradients read only
  /// @param firstMoments modified
  /// @param secondMoments modified
  /// @param from first element, of all four arrays
  /// @param length number of elements
  void adam(
      AdamStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int from,
      int length);

  /// A copy with standard normal values times a scale added, drawn by counter: the value added to
  /// an element depends on the key, the length and the element's index alone. Box and Muller
  /// (1958).
  ///
  /// @param from read from `fromAt` to `fromAt + length`
  /// @param into another array, overwritten from `intoAt` to `intoAt + length`
  void addNoise(
      float[] from, int fromAt, float[] into, int intoAt, int length, float scale, long key);

  /// Binary cross-entropy of a row of logits and its gradient; Zhuang et al. (2025), eq. 1.
  ///
  /// All three arrays are used from `from` to `from + length`.
  ///
  /// @param logits overwritten by `scale * (sigmoid(z) − y)`, and by 0 where the target is NaN
  /// @param targets y in [0, 1], NaN where unobserved
  /// @param losses overwritten by the loss of each cell, 0 where unobserved
  void crossEntropy(
      float[] logits, float[] targets, float[] losses, int from, int length, float scale);

  /// Logistic function in place.
  void sigmoid(float[] x, int from, int length);

  /// `e^−|x|` in place, for each element; e^−87 where |x| is above 87.
  void exponentials(float[] x, int from, int length);

  /// Partial sums of [#dot]: as many as the widest common vector has lanes.
  int DOT_LANES = 16;

  /// Inner product, as 16 sums of every sixteenth product that are then added in pairs.
  ///
  /// @param length a multiple of 16
  /// @param lanes [16], scratch
  float dot(float[] a, int aFrom, float[] b, int bFrom, int length, float[] lanes);

  /// Rows of a matrix, each times a factor of its own: `C = diag(f) A`.
  ///
  /// @param rows of A and C
  /// @param columns of A and C
  /// @param factors f, from `factorsFrom` on
  /// @param a A, row i at `aFrom + i * aRow`, its columns side by side
  /// @param c C, row i at `i * cRow`, its columns side by side; overwritten
  void scaleRows(
      int rows,
      int columns,
      float[] factors,
      int factorsFrom,
      float[] a,
      int aFrom,
      int aRow,
      float[] c,
      int cRow);

  /// Products element by element: `z = x y`. One array may be both.
  void multiply(float[] x, int xFrom, float[] y, int yFrom, float[] z, int zFrom, int length);

  /// `z += x y`, element by element.
  void addProducts(float[] x, int xFrom, float[] y, int yFrom, float[] z, int zFrom, int length);

  /// `y += factor x`.
  void addScaled(float factor, float[] x, int xFrom, float[] y, int yFrom, int length);
}
