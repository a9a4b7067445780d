package org.embedllm.kernel;

import java.util.stream.IntStream;
import org.embedllm.linalg.KMeans;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Groups of similar questions by spherical k-means: each question belongs to the center with the
/// largest cosine, each center is the direction of the sum of its questions (Dhillon and Modha,
/// 2001). After the first round a question chooses among the centers that were nearest to it then.
/// Immutable.
final class QuestionClusters {
  private static final double SAME = 1e-3; // of cosines; landmarks are rounded
  private static final int CANDIDATES = 32;

  private final FloatMatrix centers; // [r, q], rows of length 1
  private final int[] owners; // [n]
  private final double[] lengths; // of the sums, [r]
  private final int[] sizes; // [r]
  private final boolean moved;

  private QuestionClusters(
      FloatMatrix centers, int[] owners, double[] lengths, int[] sizes, boolean moved) {
    this.moved = moved;
    this.centers = centers;
    this.owners = owners;
    this.lengths = lengths;
    this.sizes = sizes;
  }

  /// @param vectors of the questions, [n, q], rows of length 1 or 0
  /// @param seeds the first centers, [r, q], rows of length 1
  /// @param rounds of updating the centers; 0 keeps them
  static QuestionClusters of(FloatMatrix vectors, FloatMatrix seeds, int rounds, Workers workers) {
    int q = seeds.columns();
    float[] centers = seeds.toArray();
    double[] lengths = new double[seeds.rows()];
    int count = Math.min(CANDIDATES, lengths.length);
    int[] candidates =
        KMeans.nearest(
            vectors.sharedArray(), q, centers, new float[lengths.length], count, workers);
    int[] owners = IntStream.range(0, vectors.rows()).map(j -> candidates[j * count]).toArray();
    for (int round = 0; ; round++) {
      double[] sums = KMeans.sums(vectors.sharedArray(), q, owners, lengths.length, workers);
      for (int i = 0; i < lengths.length; i++) {
        double square = 0;
        for (int k = 0; k < q; k++) {
          square += sums[i * q + k] * sums[i * q + k];
        }
        lengths[i] = Math.sqrt(square);
        if (rounds > 0 && lengths[i] > 0) {
          for (int k = 0; k < q; k++) {
            centers[i * q + k] = (float) (sums[i * q + k] / lengths[i]);
          }
        }
      }
      FloatMatrix moved = FloatMatrix.wrap(lengths.length, q, centers);
      if (round + 1 >= rounds) {
        return new QuestionClusters(
            moved, owners, lengths, KMeans.sizes(owners, lengths.length), rounds > 0);
      }
      owners = KMeans.ownersAmong(vectors.sharedArray(), q, centers, candidates, count, workers);
    }
  }

  /// [r, q], rows of length 1.
  FloatMatrix centers() {
    return centers;
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
