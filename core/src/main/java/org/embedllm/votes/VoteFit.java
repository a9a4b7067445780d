package org.embedllm.votes;

import java.util.List;
import org.embedllm.logistic.LaplacePosterior;

/// Vectors of models from votes.
///
/// @param vectors of the models looked for, in their order
/// @param likelihood with its fitted scale, bias and ties
public record VoteFit(List<LaplacePosterior> vectors, VoteLikelihood likelihood) {
  public VoteFit {
    vectors = List.copyOf(vectors);
  }
}
