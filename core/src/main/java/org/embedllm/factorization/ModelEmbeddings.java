package org.embedllm.factorization;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.embedllm.linalg.Kernels;
import org.embedllm.tensor.FloatMatrix;

/// The models of a pool as points: [m, d] vectors and the L2 distances between them. Immutable.
///
/// The *canonical* embeddings are `E = (P ∘ w) A` with `A Aᵀ` the second moment of the projected
/// training questions, `1/n Σ_j v_j v_jᵀ`. The distance of two of them is the root mean square,
/// over the training questions, of the difference of the models' logits: it says how differently
/// two models answer. Distances of raw rows of P stay near those of the random start and depend on
/// the seed; the paper's figures use them.
public final class ModelEmbeddings {
  private static final int ROWS_AT_ONCE = 512;

  private final List<String> models;
  private final FloatMatrix vectors; // [m, d]

  private ModelEmbeddings(List<String> models, FloatMatrix vectors) {
    this.models = List.copyOf(models);
    this.vectors = vectors;
  }

  /// Canonical embeddings.
  ///
  /// @param trainingVectors [n, q], vectors of the training questions, at least one
  public static ModelEmbeddings canonical(MatrixFactorization model, FloatMatrix trainingVectors) {
    if (trainingVectors.rows() == 0) {
      throw new IllegalArgumentException("canonical embeddings need at least one question");
    }
    return canonical(model, secondMoments(model, trainingVectors));
  }

  /// Canonical embeddings from the second moments that [#secondMoments] made.
  public static ModelEmbeddings canonical(MatrixFactorization model, SecondMoments moments) {
    int m = model.models().size();
    int d = model.dimension();
    if (moments.values().rows() != d) {
      throw new IllegalArgumentException(
          "second moments of dimension %d do not fit a model of dimension %d"
              .formatted(moments.values().rows(), d));
    }
    DMatrixRMaj root = root(moments.values());
    float[] e = new float[m * d];
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < d; k++) {
        double sum = 0;
        for (int l = 0; l < d; l++) {
          sum += weighed(model, i, l) * root.get(l, k);
        }
        e[i * d + k] = (float) sum;
      }
    }
    return new ModelEmbeddings(model.models(), FloatMatrix.wrap(m, d, e));
  }

  /// Rows of P as they are.
  public static ModelEmbeddings raw(MatrixFactorization model) {
    return new ModelEmbeddings(model.models(), model.modelVectors());
  }

  /// The second moments of projected questions, `1/n Σ_j v_j v_jᵀ`.
  ///
  /// @param values [d, d], symmetric
  public record SecondMoments(FloatMatrix values) {}

  /// The second moments of the projections of some questions, on all processors.
  ///
  /// @param vectors [n, q]
  public static SecondMoments secondMoments(MatrixFactorization model, FloatMatrix vectors) {
    int d = model.dimension();
    double[] sums = new double[d * d];
    int n = vectors.rows();
    int blocks = Math.ceilDiv(n, ROWS_AT_ONCE);
    // As many blocks at once as there are processors; their sums are added in order.
    int together = Runtime.getRuntime().availableProcessors();
    for (int first = 0; first < blocks; first += together) {
      int end = Math.min(blocks, first + together);
      List<float[]> parts =
          IntStream.range(first, end)
              .parallel()
              .mapToObj(block -> block(model, vectors, block * ROWS_AT_ONCE))
              .toList();
      for (float[] part : parts) {
        for (int at = 0; at < part.length; at++) {
          sums[at] += part[at];
        }
      }
    }
    float[] values = new float[d * d];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) (sums[at] / Math.max(1, n));
    }
    return new SecondMoments(FloatMatrix.wrap(d, d, values));
  }

  /// Σ_j v_j v_jᵀ over a block of questions, [d, d].
  private static float[] block(MatrixFactorization model, FloatMatrix vectors, int from) {
    int d = model.dimension();
    int rows = Math.min(ROWS_AT_ONCE, vectors.rows() - from);
    FloatMatrix some = vectors.selectRows(IntStream.range(from, from + rows).toArray());
    float[] v = model.project(some).sharedArray(); // [rows, d]
    float[] block = new float[d * d];
    Kernels.best().multiplyAdd(d, d, rows, v, 0, 1, d, v, 0, d, block, 0, d);
    return block;
  }

  /// A with A Aᵀ = M: the eigenvectors of M times the roots of its eigenvalues, largest first, each
  /// with its largest entry positive.
  private static DMatrixRMaj root(FloatMatrix moments) {
    int d = moments.rows();
    var matrix = new DMatrixRMaj(d, d);
    for (int k = 0; k < d; k++) {
      for (int l = 0; l < d; l++) {
        matrix.set(k, l, 0.5 * ((double) moments.get(k, l) + moments.get(l, k)));
      }
    }
    var eigen = DecompositionFactory_DDRM.eig(d, true, true);
    if (!eigen.decompose(matrix)) {
      throw new ArithmeticException("the second moments of the projected questions are not finite");
    }
    List<Integer> order =
        IntStream.range(0, d)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer k) -> -eigen.getEigenvalue(k).getReal()))
            .toList();
    var root = new DMatrixRMaj(d, d);
    for (int column = 0; column < d; column++) {
      int k = order.get(column);
      DMatrixRMaj direction = eigen.getEigenVector(k);
      double scale = Math.sqrt(Math.max(0, eigen.getEigenvalue(k).getReal()));
      int largest = 0;
      for (int l = 1; l < d; l++) {
        largest = Math.abs(direction.get(l)) > Math.abs(direction.get(largest)) ? l : largest;
      }
      double sign = direction.get(largest) < 0 ? -scale : scale;
      for (int l = 0; l < d; l++) {
        root.set(l, column, sign * direction.get(l));
      }
    }
    return root;
  }

  private static double weighed(MatrixFactorization model, int i, int k) {
    return (double) model.modelVectors().get(i, k) * (float) model.logitWeight(k);
  }

  /// Names of the m models, in row order.
  public List<String> models() {
    return models;
  }

  /// [m, d].
  public FloatMatrix vectors() {
    return vectors;
  }

  /// The vector of a model.
  ///
  /// @return `[d]`
  /// @throws IllegalArgumentException when the pool has no such model
  public float[] vector(String model) {
    return vectors.row(row(model));
  }

  /// The L2 distance between two models.
  public double distance(String model, String other) {
    return distance(row(model), row(other));
  }

  /// The L2 distance between two models, by row.
  public double distance(int model, int other) {
    double sum = 0;
    for (int k = 0; k < vectors.columns(); k++) {
      double difference = (double) vectors.get(model, k) - vectors.get(other, k);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /// A model and its distance.
  public record Neighbor(String model, double distance) {}

  /// The models closest to one, without itself, nearest first; equal distances in row order.
  ///
  /// @param limit the maximum number, not negative
  public List<Neighbor> nearest(String model, int limit) {
    int row = row(model);
    List<Neighbor> all = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      if (i != row) {
        all.add(new Neighbor(models.get(i), distance(row, i)));
      }
    }
    all.sort(Comparator.comparingDouble(Neighbor::distance));
    return List.copyOf(all.subList(0, Math.min(limit, all.size())));
  }

  private int row(String model) {
    int row = models.indexOf(model);
    if (row < 0) {
      throw new IllegalArgumentException("the pool has no model " + model);
    }
    return row;
  }
}
