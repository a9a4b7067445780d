package org.embedllm.itemresponse;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.NormalQuantile;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.ScoreDispersion;

/// A model's ability, estimated from its answers to known questions; it predicts its answers to all
/// other known questions.
public final class Ability {
  private static final double MOST = 8; // in standard deviations of the pool
  private static final double MOST_INFLUENCE = 0.9; // of an answer on its own probability
  private static final int STEPS = 50;
  private static final double CLOSE = 1e-9; // of the accuracy

  private final ItemParameters known;
  private final ItemResponses answers;
  private final LaplacePosterior posterior;
  private final double[] mode; // of the posterior

  /// @param answers by ascending question
  Ability(ItemParameters known, ItemResponses answers, LaplacePosterior posterior) {
    this.known = known;
    this.answers = answers;
    this.posterior = posterior;
    this.mode = posterior.mean();
  }

  /// A share of right answers with its 95 % interval.
  ///
  /// @param value in [0, 1]
  /// @param low lower end
  /// @param high upper end
  /// @param questions number of questions it is the mean of
  public record Accuracy(double value, double low, double high, int questions) {}

  /// The general ability: mean; the pool has mean 0 and variance 1.
  public double value() {
    return mode[0];
  }

  /// The general ability: variance.
  public double variance() {
    return posterior.covariance()[0];
  }

  /// The general ability that has the same accuracy over all known questions without any deviation:
  /// what a prior of a new model's general ability, whose deviations are 0, is to be fitted to.
  /// [#value] is part of a sum with the deviations, which may make up for each other.
  public double alone() {
    int n = known.questions().size();
    double target = 0;
    for (int j = 0; j < n; j++) {
      target += probability(j);
    }
    double low = -MOST;
    double high = MOST;
    double ability = Math.clamp(value(), low, high);
    for (int step = 0; step < STEPS; step++) {
      double sum = 0;
      double slope = 0;
      for (int j = 0; j < n; j++) {
        double p = Logistic.sigmoid(known.offset(j) + known.slope(j) * ability);
        sum += p;
        slope += known.slope(j) * p * (1 - p);
      }
      if (Math.abs(sum - target) <= n * CLOSE) {
        return ability;
      }
      if (sum < target) {
        low = ability;
      } else {
        high = ability;
      }
      // Newton's step, else the middle.
      double next = ability - (sum - target) / slope;
      ability = low < next && next < high ? next : (low + high) / 2;
    }
    return ability;
  }

  /// General ability, deviations by benchmark and along the text, and the common one, [1 + B + T +
  /// 1].
  public LaplacePosterior posterior() {
    return posterior;
  }

  /// The answers it rests on.
  public ItemResponses answers() {
    return answers;
  }

  /// Whether a question is among the answers.
  public boolean answered(int question) {
    return answers.find(question) >= 0;
  }

  /// Probability that the model answers a known question correctly.
  public double probability(int question) {
    return known.probability(question, mode);
  }

  /// Probability that the model answers a known question correctly, by all answers but its own to
  /// this question: one Newton step from the fit with them.
  double without(int question) {
    int a = answers.find(question);
    if (a < 0) {
      return probability(question);
    }
    double logit = known.offset(question) + known.alongAbility(question, mode);
    double p = Logistic.sigmoid(logit);
    double weight = known.dispersion().weight(answers.repeats(a));
    double variance =
        posterior.variance(known.abilityInput(question)) + known.variance(question, value());
    double influence = Math.min(MOST_INFLUENCE, weight * variance * p * (1 - p));
    return Logistic.sigmoid(logit - weight * variance * (answers.score(a) - p) / (1 - influence));
  }

  /// Accuracy over all known questions: observed answers count as they are, the others as
  /// predicted.
  public Accuracy accuracy() {
    return accuracy(j -> true);
  }

  /// Accuracy on each benchmark, by name.
  public Map<String, Accuracy> accuracyByBenchmark() {
    Map<String, Accuracy> result = new TreeMap<>();
    for (int b = 0; b < known.benchmarks().size(); b++) {
      int benchmark = b;
      result.put(known.benchmarks().get(b), accuracy(j -> known.benchmarkOf(j) == benchmark));
    }
    return result;
  }

  /// Accuracy over some known questions.
  ///
  /// The interval holds the uncertainty of the ability (delta method), the chance in unseen answers
  /// and in graded ones, and the model misfit ([ModelMisfitVariance]). It has no width where all
  /// answers are known labels.
  public Accuracy accuracy(IntPredicate which) {
    double sum = 0;
    double noise = 0;
    int count = 0;
    boolean labels = known.dispersion().equals(ScoreDispersion.LABELS);
    for (int a = 0; a < answers.count(); a++) {
      int question = answers.question(a);
      if (which.test(question)) {
        sum += answers.score(a);
        count++;
        double p = labels ? 0 : probability(question);
        noise += p * (1 - p) * known.dispersion().within() / answers.repeats(a);
      }
    }
    Unseen unseen = unseen(j -> !answered(j) && which.test(j));
    sum += unseen.expected();
    count += unseen.count();
    if (count == 0) {
      return new Accuracy(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    double value = sum / count;
    double misfit = known.misfit(unseen.ofOneBenchmark()) * unseen.count() * unseen.count();
    double half =
        NormalQuantile.TWO_SIDED_95 * Math.sqrt(noise + unseen.variance() + misfit) / count;
    return new Accuracy(value, Math.max(0, value - half), Math.min(1, value + half), count);
  }

  /// The expected score of unseen answers.
  ///
  /// @param expected sum of their scores
  /// @param variance of that sum, from the ability and from chance
  /// @param count how many there are
  /// @param ofOneBenchmark whether all are of one benchmark where there are several
  record Unseen(double expected, double variance, int count, boolean ofOneBenchmark) {}

  Unseen unseen(IntPredicate which) {
    double[] gradient = new double[known.abilityDimension()];
    double[] input = new double[gradient.length];
    double sum = 0;
    double chance = 0;
    int count = 0;
    int first = -1;
    boolean one = known.benchmarks().size() > 1;
    for (int j = 0; j < known.questions().size(); j++) {
      if (which.test(j)) {
        double p = probability(j);
        double weight = p * (1 - p);
        sum += p;
        chance += weight / known.dispersion().weight(1);
        known.abilityInput(j, input);
        for (int k = 0; k < gradient.length; k++) {
          gradient[k] += weight * input[k];
        }
        first = first < 0 ? j : first;
        one &= known.benchmarkOf(j) == known.benchmarkOf(first);
        count++;
      }
    }
    return new Unseen(sum, posterior.variance(gradient) + chance, count, one);
  }
}
