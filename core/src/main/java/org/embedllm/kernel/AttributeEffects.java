package org.embedllm.kernel;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.embedllm.tensor.FloatMatrix;

/// What attributes say beyond the text, in few coordinates. Up to 24 columns are coordinates
/// themselves. More columns are brought to the 24 directions in which their effects on the answers
/// differ most, each question's coordinates without its own answers.
final class AttributeEffects {
  /*
   * X [n, p] the columns beyond the text, R [n, D] what the text leaves open of the components,
   *
   *   M = (diag(Xᵀ X) + s I)⁻¹ Xᵀ R        [p, D], each column's shrunk effect
   *
   * and G [D, q] the first principal directions of M, weighted by how often a column occurs. The
   * coordinates are X M G. Those of a training question take M without its own answers.
   */
  private static final int MOST = 24;
  private static final double SHRINKAGE = 20;

  private final FloatMatrix inputs; // [n, p']
  private final FloatMatrix weights; // [p', p]

  private AttributeEffects(FloatMatrix inputs, FloatMatrix weights) {
    this.inputs = inputs;
    this.weights = weights;
  }

  /// @param columns X, [n, p] row-major
  /// @param open R
  /// @param d D, the number of components
  static AttributeEffects of(double[] columns, int p, RidgeTargets open, int n, int d) {
    return p <= MOST ? asTheyAre(columns, p, n) : compressed(columns, p, open, n, d);
  }

  private static AttributeEffects asTheyAre(double[] columns, int p, int n) {
    float[] inputs = new float[n * p];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) columns[i];
    }
    float[] identity = new float[p * p];
    for (int c = 0; c < p; c++) {
      identity[c * p + c] = 1;
    }
    return new AttributeEffects(FloatMatrix.wrap(n, p, inputs), FloatMatrix.wrap(p, p, identity));
  }

  private static AttributeEffects compressed(
      double[] columns, int p, RidgeTargets open, int n, int d) {
    double[] sums = new double[p * d]; // Xᵀ R
    double[] squares = new double[p];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < p; c++) {
        double x = columns[j * p + c];
        squares[c] += x * x;
        for (int k = 0; k < d && x != 0; k++) {
          sums[c * d + k] += x * open.score(j, k);
        }
      }
    }
    int q = Math.min(MOST, d);
    double[] directions = directions(sums, squares, p, d, q); // G [D, q]
    float[] weights = new float[q * p];
    double scale = 0;
    for (int c = 0; c < p; c++) {
      for (int k = 0; k < q; k++) {
        double sum = 0;
        for (int x = 0; x < d; x++) {
          sum += sums[c * d + x] * directions[x * q + k];
        }
        weights[k * p + c] = (float) (sum / (squares[c] + SHRINKAGE));
        scale += weights[k * p + c] * weights[k * p + c] * squares[c] / n;
      }
    }
    float factor = (float) (1 / Math.sqrt(Math.max(1e-12, scale)));
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factor;
    }
    float[] inputs = new float[n * q];
    for (int j = 0; j < n; j++) {
      double[] own = new double[q];
      for (int k = 0; k < q; k++) {
        for (int x = 0; x < d; x++) {
          own[k] += open.score(j, x) * directions[x * q + k] * factor;
        }
      }
      for (int c = 0; c < p; c++) {
        double x = columns[j * p + c];
        double rest = squares[c] - x * x + SHRINKAGE;
        for (int k = 0; k < q && x != 0; k++) {
          double without = (weights[k * p + c] * (squares[c] + SHRINKAGE) - x * own[k]) / rest;
          inputs[j * q + k] += (float) (x * without);
        }
      }
    }
    return new AttributeEffects(FloatMatrix.wrap(n, q, inputs), FloatMatrix.wrap(q, p, weights));
  }

  /// The first q eigenvectors of Mᵀ diag(Xᵀ X) M, [D, q].
  private static double[] directions(double[] sums, double[] squares, int p, int d, int q) {
    DMatrixRMaj moments = new DMatrixRMaj(d, d);
    for (int c = 0; c < p; c++) {
      double weight = squares[c] / ((squares[c] + SHRINKAGE) * (squares[c] + SHRINKAGE));
      for (int x = 0; x < d; x++) {
        for (int y = 0; y < d; y++) {
          moments.data[x * d + y] += weight * sums[c * d + x] * sums[c * d + y];
        }
      }
    }
    var eigen = DecompositionFactory_DDRM.eig(d, true, true);
    if (!eigen.decompose(moments)) {
      throw new IllegalStateException("the effects of attributes have no eigenvectors");
    }
    Integer[] order = new Integer[d];
    for (int i = 0; i < d; i++) {
      order[i] = i;
    }
    java.util.Arrays.sort(
        order, java.util.Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()));
    double[] directions = new double[d * q];
    for (int k = 0; k < q; k++) {
      double[] vector = eigen.getEigenVector(order[k]).data;
      for (int x = 0; x < d; x++) {
        directions[x * q + k] = vector[x];
      }
    }
    return directions;
  }

  /// Coordinates of the training questions, [n, p'].
  FloatMatrix inputs() {
    return inputs;
  }

  /// From columns beyond the text to coordinates, [p', p].
  FloatMatrix weights() {
    return weights;
  }
}
