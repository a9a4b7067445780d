package org.embedllm.client;

import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.itemresponse.Ability;

/// A model that was added to a pool, and how good it is expected to be over the pool's training
/// questions.
///
/// @param model its name
/// @param answers how many answers and votes it had
/// @param expected the expected share of right answers, in [0, 1]; of a pool that learned from
///   votes, the mean probability of being preferred over an average model of the pool
/// @param low lower end of the 95 % interval
/// @param high upper end
public record AddedModel(String model, int answers, double expected, double low, double high) {
  static AddedModel of(ModelArtifact pool, ModelAddition.Added added, boolean voted) {
    // The accuracy of the ability does not know the votes; that of the vector does.
    if (voted) {
      var mean = VoteUpdate.MeanProbability.of(pool, added.vector());
      return new AddedModel(
          added.model(),
          added.knownAnswers() + added.otherAnswers() + added.vector().answers(),
          mean.value(),
          mean.low(),
          mean.high());
    }
    Ability.Accuracy accuracy = added.ability().accuracy();
    return new AddedModel(
        added.model(),
        added.knownAnswers() + added.otherAnswers(),
        accuracy.value(),
        accuracy.low(),
        accuracy.high());
  }

  static AddedModel voted(ModelArtifact pool, ModelAddition.Placed added) {
    var mean = VoteUpdate.MeanProbability.of(pool, added.vector());
    return new AddedModel(
        added.model(), added.vector().answers(), mean.value(), mean.low(), mean.high());
  }
}
