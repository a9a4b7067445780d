package org.embedllm.app.quickstart;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.linalg.Logistic;

/// How likely each invented model is right: `sigmoid(ability + taste for the topic − difficulty)`.
/// Tastes are drawn when they are first asked for. Not safe for several threads.
final class SimulatedTruth {
  private static final double TASTE_FOR_TOPIC = 0.45;

  private final Map<String, Double> tasteByModelAndTopic = new HashMap<>();
  private final SplittableRandom random;

  SimulatedTruth(SplittableRandom random) {
    this.random = random;
  }

  double probability(SampleQuestion question, SimulatedModel model) {
    String key = model.name() + "/" + question.skill() + "/" + question.topic();
    double taste =
        tasteByModelAndTopic.computeIfAbsent(key, _ -> TASTE_FOR_TOPIC * random.nextGaussian());
    double logit =
        model.ability().getOrDefault(question.skill(), 0.0) + taste - question.difficulty();
    return Logistic.sigmoid(logit);
  }
}
