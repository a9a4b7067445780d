package org.embedllm.app.quickstart;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// The questions that clients of a demonstration ask, and which model would answer them right. The
/// questions are new, the models those of the sample.
public final class SimulatedWorld {
  private final List<SampleQuestion> questions;
  private final Map<String, SampleQuestion> byText = new HashMap<>();
  private final Map<String, SimulatedModel> byName = new HashMap<>();
  private final Map<String, Double> probabilities = new HashMap<>(); // of model and question
  private final long seed;

  /// @param perSkill questions of each skill of the sample that the models were trained on
  /// @param seed of that sample
  SimulatedWorld(int perSkill, long seed) {
    List<SimulatedModel> models = SimulatedPool.generate(seed + 1);
    SimulatedTruth truth =
        SimulatedAnswers.generate(
            SampleQuestions.generate(perSkill, seed), models, seed + 2, _ -> {});
    this.seed = seed;
    this.questions = SampleQuestions.generate(2 * perSkill, seed + 3);
    questions.forEach(question -> byText.put(question.text(), question));
    for (SimulatedModel model : SimulatedAnswers.withReplica(models)) {
      byName.put(model.name(), model);
      // A replica answers as its original does.
      SimulatedModel original =
          models.stream().filter(m -> model.name().startsWith(m.name())).findFirst().orElseThrow();
      for (SampleQuestion question : questions) {
        probabilities.put(
            model.name() + "/" + question.id(), truth.probability(question, original));
      }
    }
  }

  /// A question that a client asks.
  String question(SplittableRandom random) {
    return questions.get(random.nextInt(questions.size())).text();
  }

  /// Whether a model answers a prompt right, always the same; empty for prompts and models of
  /// elsewhere.
  public Optional<Boolean> right(String model, String prompt) {
    SampleQuestion question = byText.get(prompt);
    if (question == null || !byName.containsKey(model)) {
      return Optional.empty();
    }
    String key = model + "/" + question.id();
    double coin = new SplittableRandom(seed + 31L * key.hashCode()).split().nextDouble();
    return Optional.of(coin < probabilities.getOrDefault(key, 0.0));
  }

  /// How long a model works on an answer, in milliseconds: larger ones longer.
  public long millis(String model) {
    SimulatedModel of = byName.get(model);
    return of == null ? 30 : Math.round(30 + 3 * of.billions());
  }
}
