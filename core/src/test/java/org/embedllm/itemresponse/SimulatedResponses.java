package org.embedllm.itemresponse;

import java.util.List;
import java.util.SplittableRandom;

/// Answers of one model of a simulated pool: planned, in another order, and their mean.
public final class SimulatedResponses {
  private SimulatedResponses() {}

  /// Answers to questions that are planned ten by ten.
  ///
  /// @param all to every question, in order
  public static ItemResponses ask(ItemParameters known, ItemResponses all, int budget) {
    var planner = new QuestionPlanner(known);
    ItemResponses sofar = ItemResponses.of(new int[0], new double[0]);
    while (sofar.count() < budget) {
      int[] questions = new int[sofar.count() + 10];
      double[] scores = new double[questions.length];
      for (int a = 0; a < sofar.count(); a++) {
        questions[a] = sofar.question(a);
        scores[a] = sofar.score(a);
      }
      List<Integer> next = planner.plan(sofar, 10, 0, j -> true).questions();
      for (int a = 0; a < 10; a++) {
        questions[sofar.count() + a] = next.get(a);
        scores[sofar.count() + a] = all.score(next.get(a)); // complete: answer j is to question j
      }
      sofar = ItemResponses.of(questions, scores);
    }
    return sofar;
  }

  public static ItemResponses shuffled(ItemResponses answers, long seed) {
    var random = new SplittableRandom(seed);
    int[] questions = new int[answers.count()];
    double[] scores = new double[answers.count()];
    for (int a = 0; a < questions.length; a++) {
      int other = random.nextInt(a + 1);
      questions[a] = questions[other];
      scores[a] = scores[other];
      questions[other] = answers.question(a);
      scores[other] = answers.score(a);
    }
    return ItemResponses.of(questions, scores);
  }

  public static double mean(ItemResponses answers) {
    double sum = 0;
    for (int a = 0; a < answers.count(); a++) {
      sum += answers.score(a);
    }
    return sum / answers.count();
  }
}
