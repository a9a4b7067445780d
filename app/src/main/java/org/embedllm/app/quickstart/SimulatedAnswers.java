package org.embedllm.app.quickstart;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Right and wrong answers of invented models: drawn with the probability `sigmoid(ability + taste
/// for the topic − difficulty)`.
///
/// As in real logs, some answers are missing: a few here and there, and one model never ran two of
/// the skills. One more model is a replica of another, like the same weights served twice: it
/// nearly always answers alike.
final class SimulatedAnswers {
  private static final double TASTE_FOR_TOPIC = 0.45;
  private static final double MISSING = 0.03;
  private static final double REPLICA_DIFFERS = 0.04;
  private static final String REPLICATED = "sim-oak-70b";
  private static final String REPLICA = REPLICATED + "-replica";
  private static final String SKIPPED_BY = "sim-willow-8b";
  private static final List<String> SKIPPED_SKILLS = List.of("poetry", "cooking");

  private SimulatedAnswers() {}

  /// @param correct whether the answer was right
  record LabelledAnswer(SampleQuestion question, SimulatedModel model, boolean correct) {}

  /// Takes answers one by one.
  @FunctionalInterface
  interface Consumer<X extends Exception> {
    void accept(LabelledAnswer answer) throws X;
  }

  /// All observed answers, question by question; the same seed gives the same answers.
  static <X extends Exception> void generate(
      List<SampleQuestion> questions, List<SimulatedModel> models, long seed, Consumer<X> consumer)
      throws X {
    SplittableRandom root = new SplittableRandom(seed);
    SplittableRandom tastes = root.split();
    SplittableRandom coins = root.split();
    Map<String, Double> tasteByModelAndTopic = new HashMap<>();
    for (SampleQuestion question : questions) {
      for (SimulatedModel model : models) {
        String key = model.name() + "/" + question.skill() + "/" + question.topic();
        double taste =
            tasteByModelAndTopic.computeIfAbsent(key, _ -> TASTE_FOR_TOPIC * tastes.nextGaussian());
        double logit =
            model.ability().getOrDefault(question.skill(), 0.0) + taste - question.difficulty();
        boolean correct = coins.nextDouble() < 1 / (1 + Math.exp(-logit));
        boolean skipped =
            model.name().equals(SKIPPED_BY) && SKIPPED_SKILLS.contains(question.skill());
        if (coins.nextDouble() >= MISSING && !skipped) {
          consumer.accept(new LabelledAnswer(question, model, correct));
        }
        if (model.name().equals(REPLICATED)) {
          boolean same = coins.nextDouble() >= REPLICA_DIFFERS;
          consumer.accept(new LabelledAnswer(question, replica(model), same == correct));
        }
      }
    }
  }

  private static SimulatedModel replica(SimulatedModel model) {
    return new SimulatedModel(REPLICA, model.family(), model.billions(), model.ability());
  }

  /// The pool with the replica, for price lists.
  static List<SimulatedModel> withReplica(List<SimulatedModel> models) {
    return models.stream()
        .flatMap(model ->
            model.name().equals(REPLICATED)
                ? java.util.stream.Stream.of(model, replica(model))
                : java.util.stream.Stream.of(model))
        .toList();
  }
}
