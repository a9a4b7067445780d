package org.embedllm.kernel;

import java.util.Arrays;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Groups of similar questions by spherical k-means: each question belongs to the center with the
/// largest cosine, each center is the direction of the sum of its questions (Dhillon and Modha,
/// 2001). Immutable.
final class QuestionClusters {
  private static final int BLOCK = 256;
  private static final int TILE = 512;
  private static final double SAME = 1e-5;

  private final FloatMatrix centres; // [r, q], rows of length 1
  private final int[] owners; // [n]
  private final double[] lengths; // of the sums, [r]
  private final int[] sizes; // [r]
  private final boolean moved;

  private QuestionClusters(
      FloatMatrix centres, int[] owners, double[] lengths, int[] sizes, boolean moved) {
    this.moved = moved;
    this.centres = centres;
    this.owners = owners;
    this.lengths = lengths;
    this.sizes = sizes;
  }

  /// @param vectors of the questions, [n, q], rows of length 1 or 0
  /// @param seeds the first centers, [r, q], rows of length 1
  /// @param rounds of updating the centers; 0 keeps them
  static QuestionClusters of(FloatMatrix vectors, FloatMatrix seeds, int rounds, Workers workers) {
    int q = seeds.columns();
    float[] centres = seeds.toArray();
    double[] lengths = new double[seeds.rows()];
    int[] owners = owners(vectors, seeds, workers);
    for (int round = 0; ; round++) {
      double[] sums = sums(vectors, owners, seeds.rows(), workers);
      for (int i = 0; i < lengths.length; i++) {
        double square = 0;
        for (int k = 0; k < q; k++) {
          square += sums[i * q + k] * sums[i * q + k];
        }
        lengths[i] = Math.sqrt(square);
        if (rounds > 0 && lengths[i] > 0) {
          for (int k = 0; k < q; k++) {
            centres[i * q + k] = (float) (sums[i * q + k] / lengths[i]);
          }
        }
      }
      FloatMatrix moved = FloatMatrix.wrap(lengths.length, q, centres);
      if (round + 1 >= rounds) {
        return new QuestionClusters(
            moved, owners, lengths, sizes(owners, lengths.length), rounds > 0);
      }
      owners = owners(vectors, moved, workers);
    }
  }

  /// The row of the nearest center for each question; the first one of equals.
  private static int[] owners(FloatMatrix vectors, FloatMatrix centres, Workers workers) {
    int n = vectors.rows();
    int q = vectors.columns();
    int r = centres.rows();
    float[] transposed = new float[Math.multiplyExact(q, r)];
    for (int i = 0; i < r; i++) {
      for (int k = 0; k < q; k++) {
        transposed[k * r + i] = centres.get(i, k);
      }
    }
    int[] owners = new int[n];
    Kernels kernels = Kernels.best();
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          float[] largest = new float[rows];
          Arrays.fill(largest, Float.NEGATIVE_INFINITY);
          float[] cosines = new float[rows * Math.min(TILE, r)];
          for (int first = 0; first < r; first += TILE) {
            int width = Math.min(TILE, r - first);
            Arrays.fill(cosines, 0f);
            kernels.multiplyAdd(
                rows,
                width,
                q,
                vectors.sharedArray(),
                from * q,
                q,
                1,
                transposed,
                first,
                r,
                cosines,
                0,
                width);
            for (int j = 0; j < rows; j++) {
              for (int i = 0; i < width; i++) {
                if (cosines[j * width + i] > largest[j]) {
                  largest[j] = cosines[j * width + i];
                  owners[from + j] = first + i;
                }
              }
            }
          }
        });
    return owners;
  }

  /// Sums of the questions of each center, [r, q], in the order of the questions.
  private static double[] sums(FloatMatrix vectors, int[] owners, int r, Workers workers) {
    int q = vectors.columns();
    double[] sums = new double[Math.multiplyExact(r, q)];
    int parts = Math.min(q, workers.threads());
    workers.run(
        parts,
        part -> {
          int first = part * q / parts;
          int last = (part + 1) * q / parts;
          for (int j = 0; j < owners.length; j++) {
            int at = owners[j] * q;
            for (int k = first; k < last; k++) {
              sums[at + k] += vectors.get(j, k);
            }
          }
        });
    return sums;
  }

  private static int[] sizes(int[] owners, int r) {
    int[] sizes = new int[r];
    for (int owner : owners) {
      sizes[owner]++;
    }
    return sizes;
  }

  /// [r, q], rows of length 1.
  FloatMatrix centres() {
    return centres;
  }

  /// The row of the center that a question belongs to.
  int owner(int question) {
    return owners[question];
  }

  /// Whether a question is the only one of its center.
  boolean alone(int question) {
    return sizes[owners[question]] == 1;
  }

  /// Similarity of a question and the center of its own group computed without the question: the
  /// dot product of some of their coordinates, [Double#NEGATIVE_INFINITY] where there is no other
  /// question in the group. A center that is still its starting question is used unchanged, or
  /// skipped where it is this question.
  ///
  /// @param with the dot product of these coordinates with the center as it is
  /// @param own that of the question with itself
  /// @param cosine of the whole question with the center
  double withoutItself(int question, double with, double own, double cosine) {
    if (alone(question)) {
      return Double.NEGATIVE_INFINITY;
    }
    if (!moved) {
      return cosine > 1 - SAME ? Double.NEGATIVE_INFINITY : with; // a question, perhaps this one
    }
    // S' = S − x: x·S' = |S| x·c − x·x, |S'|² = |S|² − 2 |S| cos + 1
    double length = lengths[owners[question]];
    double rest = Math.sqrt(Math.max(0, length * length - 2 * length * cosine + 1));
    return rest > 0 ? (length * with - own) / rest : Double.NEGATIVE_INFINITY;
  }
}
