package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.itemresponse.QuestionPlanner;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.linalg.Shuffle;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One model left out of training, and its estimates after some of its answers.
final class NewModelTrial {
  /// Numbers of answers to request; a number above its answers is skipped.
  static final List<Integer> COUNTS = List.of(10, 20, 50, 100, 200, 500);

  private static final double ROUNDING = 1e-9; // of sums in another order

  private final KernelTraining training;
  private final CorrectnessMatrix questions;
  private final CorrectnessMatrix test;
  private final FloatMatrix inputs; // [n test, d]
  private final int model;
  private final long seed;
  private final int[] answered; // training questions it answered

  /// @param training of all other models
  /// @param questions answers of all models to the training questions
  /// @param test answers of all models to the test questions
  /// @param testVectors [n test, q]
  /// @param model its row in both
  /// @param seed of the random questions
  NewModelTrial(
      KernelTraining training,
      CorrectnessMatrix questions,
      CorrectnessMatrix test,
      FloatMatrix testVectors,
      int model,
      long seed) {
    this.training = training;
    this.questions = questions;
    this.test = test;
    this.inputs = training.model().project(testVectors);
    this.model = model;
    this.seed = seed;
    this.answered =
        java.util.stream.IntStream.range(0, questions.questionCount())
            .filter(j -> !Float.isNaN(questions.score(model, j)))
            .toArray();
  }

  /// How questions were chosen.
  enum Choice {
    /// Planned ten at a time, each answer taken into account.
    PLANNED("planned", "Planned ten at a time"),
    /// One plan, made before the first answer.
    ONE_PLAN("onePlan", "Planned at once"),
    /// Drawn at random.
    RANDOM("random", "Random");

    final String key; // in JSON
    final String title;

    Choice(String key, String title) {
      this.key = key;
      this.title = title;
    }
  }

  /// The estimates after a number of answers.
  ///
  /// @param choice how the questions were chosen
  /// @param forecastAccuracy share of its test answers forecast correctly
  /// @param accuracyError |estimate − its accuracy over all training questions it answered|
  /// @param benchmarkError the same for each benchmark, averaged
  /// @param meanError the same for the plain mean of the answers seen
  /// @param covered whether the 95 % interval of the estimate covers the accuracy
  /// @param benchmarkCovered the share of benchmarks whose interval covers
  record Outcome(
      Choice choice,
      int answers,
      double forecastAccuracy,
      double accuracyError,
      double benchmarkError,
      double meanError,
      boolean covered,
      double benchmarkCovered) {}

  List<Outcome> outcomes() {
    List<Outcome> outcomes = new ArrayList<>();
    var planner = new QuestionPlanner(training.vectorProblem().known());
    boolean[] open = new boolean[questions.questionCount()];
    Arrays.stream(answered).forEach(j -> open[j] = true);
    int[] random = shuffled();
    List<Integer> atOnce =
        planner.plan(answers(List.of()), COUNTS.getLast(), 0, j -> open[j]).questions();
    List<Integer> asked = new ArrayList<>();
    for (int count : COUNTS) {
      if (count > answered.length) {
        break;
      }
      while (asked.size() < count) {
        int batch = Math.min(10, count - asked.size());
        var plan = planner.plan(answers(asked), batch, 0, j -> open[j]);
        if (plan.questions().isEmpty()) {
          return outcomes;
        }
        asked.addAll(plan.questions());
      }
      outcomes.add(outcome(Choice.PLANNED, answers(asked)));
      if (count <= atOnce.size()) {
        outcomes.add(outcome(Choice.ONE_PLAN, answers(atOnce.subList(0, count))));
      }
      outcomes.add(
          outcome(Choice.RANDOM, answers(Arrays.stream(random, 0, count).boxed().toList())));
    }
    return outcomes;
  }

  private int[] shuffled() {
    return Shuffle.of(answered, new SplittableRandom(seed * 31 + model));
  }

  private ItemResponses answers(List<Integer> asked) {
    return ItemResponses.of(
        asked.stream().mapToInt(j -> j).toArray(),
        asked.stream().mapToDouble(j -> questions.score(model, j)).toArray());
  }

  private Outcome outcome(Choice choice, ItemResponses answers) {
    Ability ability = training.vectorProblem().known().ability(answers);
    double seen = 0;
    for (int a = 0; a < answers.count(); a++) {
      seen += answers.score(a) / answers.count();
    }
    boolean[] own = new boolean[questions.questionCount()];
    Map<String, double[]> truth = new HashMap<>(); // sum and count by benchmark
    double right = 0;
    for (int j : answered) {
      own[j] = true;
      right += questions.score(model, j) / answered.length;
      double[] sum =
          truth.computeIfAbsent(questions.questions().get(j).benchmark(), b -> new double[2]);
      sum[0] += questions.score(model, j);
      sum[1]++;
    }
    double byBenchmark = 0;
    double heldByBenchmark = 0;
    for (Map.Entry<String, double[]> entry : truth.entrySet()) {
      String name = entry.getKey();
      Ability.Accuracy estimate =
          ability.accuracy(j -> own[j] && questions.questions().get(j).benchmark().equals(name));
      double actual = entry.getValue()[0] / entry.getValue()[1];
      byBenchmark += Math.abs(estimate.value() - actual) / truth.size();
      heldByBenchmark += holds(estimate, actual) ? 1.0 / truth.size() : 0;
    }
    Ability.Accuracy accuracy = ability.accuracy(j -> own[j]);
    return new Outcome(
        choice,
        answers.count(),
        forecastAccuracy(training.vectorProblem().solve(answers).mean()),
        Math.abs(accuracy.value() - right),
        byBenchmark,
        Math.abs(seen - right),
        holds(accuracy, right),
        heldByBenchmark);
  }

  private static boolean holds(Ability.Accuracy accuracy, double actual) {
    return accuracy.low() - ROUNDING <= actual && actual <= accuracy.high() + ROUNDING;
  }

  private double forecastAccuracy(double[] vector) {
    MatrixFactorization pool = training.model();
    int right = 0;
    int cells = 0;
    for (int j = 0; j < test.questionCount(); j++) {
      float score = test.score(model, j);
      if (!Float.isNaN(score)) {
        double logit = pool.logitShift();
        for (int k = 0; k < vector.length; k++) {
          logit += vector[k] * pool.logitWeight(k) * inputs.get(j, k);
        }
        cells++;
        right += (logit >= 0) == CorrectnessMatrix.isCorrect(score) ? 1 : 0;
      }
    }
    return cells == 0 ? Double.NaN : (double) right / cells;
  }

  static ArrayNode written(List<Outcome> outcomes) {
    ArrayNode array = Numbers.array();
    for (Outcome outcome : outcomes) {
      ObjectNode node = array.addObject().put("choice", outcome.choice().name());
      node.put("answers", outcome.answers());
      Numbers.put(node, "forecast", outcome.forecastAccuracy());
      node.put("accuracy", outcome.accuracyError());
      node.put("benchmark", outcome.benchmarkError()).put("mean", outcome.meanError());
      node.put("covered", outcome.covered()).put("benchmarkCovered", outcome.benchmarkCovered());
    }
    return array;
  }

  static List<Outcome> read(JsonNode array) {
    List<Outcome> outcomes = new ArrayList<>();
    for (JsonNode node : array) {
      outcomes.add(
          new Outcome(
              Choice.valueOf(node.path("choice").asString("")),
              node.path("answers").asInt(0),
              node.path("forecast").asDouble(Double.NaN),
              node.path("accuracy").asDouble(Double.NaN),
              node.path("benchmark").asDouble(Double.NaN),
              node.path("mean").asDouble(Double.NaN),
              node.path("covered").asBoolean(false),
              node.path("benchmarkCovered").asDouble(Double.NaN)));
    }
    return outcomes;
  }
}
