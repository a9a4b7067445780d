package org.embedllm.neighbors;

/// The nearest training questions of some questions: [n, k] rows and distances, nearest first.
/// Immutable.
public final class Neighborhoods {
  private final int k;
  private final int[] questions; // [n, k]
  private final float[] distances; // [n, k]

  Neighborhoods(int k, int[] questions, float[] distances) {
    this.k = k;
    this.questions = questions;
    this.distances = distances;
  }

  /// n, the number of questions looked up.
  public int count() {
    return k == 0 ? 0 : questions.length / k;
  }

  /// k, the number of neighbors of each.
  public int k() {
    return k;
  }

  /// Row of the training question at a rank, counted from 0.
  public int question(int row, int rank) {
    return questions[row * k + checked(rank)];
  }

  /// L2 distance to the training question at a rank.
  public float distance(int row, int rank) {
    return distances[row * k + checked(rank)];
  }

  private int checked(int rank) {
    return java.util.Objects.checkIndex(rank, k);
  }
}
