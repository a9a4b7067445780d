package org.embedllm.forecast;

import org.embedllm.correctness.AnswerCounts;
import org.embedllm.tensor.FloatMatrix;

/// The votes of the k nearest training questions on each model: the share of right answers among
/// its observed answers to them.
///
/// @param k number of neighbors
/// @param shares [n, m] in [0, 1]; NaN where no neighbor was answered by the model
public record NeighborVotes(int k, FloatMatrix shares) {
  /// Whether the votes say "right": by majority, and by the model's training majority on a tie or
  /// without a vote.
  public boolean right(int question, int model, AnswerCounts training) {
    float share = shares.get(question, model);
    return share > 0.5f || (!(share < 0.5f) && training.majority(model));
  }

  /// The share of votes, with the model's training accuracy where there is no vote.
  public double share(int question, int model, AnswerCounts training) {
    float share = shares.get(question, model);
    return Float.isNaN(share) ? training.accuracy(model) : share;
  }
}
