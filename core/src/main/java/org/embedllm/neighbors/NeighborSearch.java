package org.embedllm.neighbors;

import java.util.Arrays;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Exact search for the nearest training questions by L2 distance. Immutable, and safe for use by
/// several threads.
///
/// Neighbors are ranked by `|t|² − 2 t·x`, which orders as the distance does; equal ones by row.
public final class NeighborSearch {
  private static final int TRAINING_ROWS = 256; // rows of one block of products
  private static final int QUERY_ROWS = 192; // columns of one block of products
  private static final int LANES = 16; // columns are padded to whole vectors

  private static final Kernels KERNELS = Kernels.best();

  private final FloatMatrix training; // [n, q]
  private final float[] squares; // [n], |t|²
  private final int threads;

  /// @param training [n, q], at least one row
  /// @param threads that share a search, at least 1
  public NeighborSearch(FloatMatrix training, int threads) {
    if (training.rows() == 0) {
      throw new IllegalArgumentException("a search for neighbors needs at least one question");
    }
    this.training = training;
    this.threads = threads;
    this.squares = squares(training);
  }

  /// The k nearest training questions of every row.
  ///
  /// @param vectors [n, q]
  /// @param k at least 1; more than there are training questions means all of them
  public Neighborhoods nearest(FloatMatrix vectors, int k) {
    if (vectors.columns() != training.columns()) {
      throw new IllegalArgumentException(
          "vectors of dimension %d are looked up among vectors of dimension %d"
              .formatted(vectors.columns(), training.columns()));
    }
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1; got " + k);
    }
    int kept = Math.min(k, training.rows());
    int[] questions = new int[Math.multiplyExact(vectors.rows(), kept)];
    float[] distances = new float[questions.length];
    try (Workers workers = new Workers(threads)) {
      int tasks = Math.ceilDiv(vectors.rows(), QUERY_ROWS);
      workers.run(tasks, task -> search(vectors, task, kept, questions, distances));
    }
    return new Neighborhoods(kept, questions, distances);
  }

  /// Searches for the rows of one task.
  private void search(FloatMatrix vectors, int task, int k, int[] questions, float[] distances) {
    int from = task * QUERY_ROWS;
    int rows = Math.min(QUERY_ROWS, vectors.rows() - from);
    int columns = Math.ceilDiv(rows, LANES) * LANES;
    Nearest[] nearest = new Nearest[rows];
    float[] worst = new float[rows]; // a neighbor must be nearer than this
    for (int row = 0; row < rows; row++) {
      nearest[row] = new Nearest(k);
      worst[row] = Float.POSITIVE_INFINITY;
    }
    float[] x = vectors.sharedArray();
    int q = vectors.columns();
    float[] products = new float[TRAINING_ROWS * columns]; // [training, queries]
    float[] queries = transposed(x, from, rows, q, columns);
    for (int first = 0; first < training.rows(); first += TRAINING_ROWS) {
      int count = Math.min(TRAINING_ROWS, training.rows() - first);
      Arrays.fill(products, 0, count * columns, 0f);
      KERNELS.multiplyAdd(
          count,
          columns,
          q,
          training.sharedArray(),
          first * q,
          q,
          1,
          queries,
          0,
          columns,
          products,
          0,
          columns);
      for (int t = 0; t < count; t++) {
        offer(first + t, products, t * columns, nearest, worst);
      }
    }
    for (int row = 0; row < rows; row++) {
      float square = 0;
      for (int l = 0; l < q; l++) {
        square = Math.fma(x[(from + row) * q + l], x[(from + row) * q + l], square);
      }
      nearest[row].drain(square, questions, distances, (from + row) * k);
    }
  }

  /// Offers a training question to all queries of a task.
  private void offer(int question, float[] products, int at, Nearest[] nearest, float[] worst) {
    float square = squares[question];
    for (int row = 0; row < nearest.length; row++) {
      float value = Math.fma(-2f, products[at + row], square);
      if (value < worst[row]) {
        worst[row] = nearest[row].offer(question, value);
      }
    }
  }

  /// [q, columns], zero beyond the rows there are.
  private static float[] transposed(float[] x, int from, int rows, int q, int columns) {
    float[] transposed = new float[q * columns];
    for (int row = 0; row < rows; row++) {
      for (int l = 0; l < q; l++) {
        transposed[l * columns + row] = x[(from + row) * q + l];
      }
    }
    return transposed;
  }

  private static float[] squares(FloatMatrix matrix) {
    float[] x = matrix.sharedArray();
    float[] squares = new float[matrix.rows()];
    for (int row = 0; row < squares.length; row++) {
      float sum = 0;
      for (int l = row * matrix.columns(); l < (row + 1) * matrix.columns(); l++) {
        sum = Math.fma(x[l], x[l], sum);
      }
      squares[row] = sum;
    }
    return squares;
  }
}
