package org.embedllm.app.quickstart;

import java.util.List;
import java.util.SplittableRandom;

/// Right and wrong answers of invented models: drawn with the probability of [SimulatedTruth].
///
/// As in real logs, some answers are missing: a few here and there, and one model never ran two of
/// the skills. One more model is a replica of another, like the same weights served twice: it
/// nearly always answers alike.
final class SimulatedAnswers {
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
  ///
  /// @return the truth behind them
  static <X extends Exception> SimulatedTruth generate(
      List<SampleQuestion> questions, List<SimulatedModel> models, long seed, Consumer<X> consumer)
      throws X {
    SplittableRandom root = new SplittableRandom(seed);
    SimulatedTruth truth = new SimulatedTruth(root.split());
    SplittableRandom coins = root.split();
    for (SampleQuestion question : questions) {
      for (SimulatedModel model : models) {
        boolean correct = coins.nextDouble() < truth.probability(question, model);
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
    return truth;
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
