package org.embedllm.votes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.embedllm.correctness.Vote;
import org.embedllm.tensor.FloatMatrix;

/// Votes with the inputs of their questions. Immutable. Votes are kept in an order of their own, so
/// the order in which they were given has no influence.
public final class VoteObservations {
  /// The number of a model whose vector is not looked for.
  public static final int FIXED = -1;

  private final FloatMatrix inputs; // [questions, k]
  private final List<Observed> votes;

  /// One vote.
  ///
  /// @param question row of its question in the inputs
  /// @param first number of the first model among those looked for, or [#FIXED]
  /// @param second number of the second model, or [#FIXED]
  /// @param offset the part of z_first − z_second that is known
  /// @param winner who won
  public record Observed(int question, int first, int second, double offset, Vote.Winner winner) {}

  /// @param inputs `[questions, k]`
  public VoteObservations(FloatMatrix inputs, List<Observed> votes) {
    this.inputs = inputs;
    List<Observed> sorted = new ArrayList<>(votes);
    sorted.sort(
        Comparator.comparingInt(Observed::question)
            .thenComparingInt(Observed::first)
            .thenComparingInt(Observed::second)
            .thenComparing(Observed::winner)
            .thenComparingDouble(Observed::offset));
    this.votes = List.copyOf(sorted);
  }

  /// Votes between models that are all looked for.
  ///
  /// @param inputs `[questions, k]`, a row for each question that votes name
  public static VoteObservations of(FloatMatrix inputs, List<Vote> votes) {
    return new VoteObservations(
        inputs,
        votes.stream()
            .map(v -> new Observed(v.question(), v.modelA(), v.modelB(), 0, v.winner()))
            .toList());
  }

  /// k, the length of a vector.
  int dimension() {
    return inputs.columns();
  }

  int count() {
    return votes.size();
  }

  Observed vote(int number) {
    return votes.get(number);
  }

  boolean hasTies() {
    return votes.stream().anyMatch(v -> VoteLikelihood.isTie(v.winner()));
  }

  /// u · x, x being a block of a longer vector.
  double logit(int question, double[] x, int from) {
    int k = inputs.columns();
    float[] u = inputs.sharedArray();
    double sum = 0;
    for (int c = 0; c < k; c++) {
      sum += u[question * k + c] * x[from + c];
    }
    return sum;
  }

  /// z_first − z_second.
  ///
  /// @param x vectors of the models looked for, one after the other
  double difference(Observed vote, double[] x) {
    int k = inputs.columns();
    double sum = vote.offset();
    if (vote.first() != FIXED) {
      sum += logit(vote.question(), x, vote.first() * k);
    }
    if (vote.second() != FIXED) {
      sum -= logit(vote.question(), x, vote.second() * k);
    }
    return sum;
  }

  float input(int question, int coordinate) {
    return inputs.get(question, coordinate);
  }
}
