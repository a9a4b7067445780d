package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Logistic;

/// Wrongly keyed questions in a pool so small that no single question can say it with certainty:
/// all questions together say how many there are, and which patterns are theirs.
///
/// Given how many of its models are right, the pattern of a question has the exact probability
/// exp(a θ·x) / Σ exp(a θ·y), the sum over all patterns y with as many right answers; θ is the
/// models' ability in logits and a the question's slope. Slopes of right keys have a log-normal
/// distribution, and one question in twenty has nothing to do with ability. A wrong key turns the
/// slope round. The distribution and the share of wrong keys are those of greatest likelihood on a
/// grid. Nothing is listed unless the likelihood ratio refutes "no key is wrong" at 5 %.
final class SmallPoolSuspects {
  private static final int FEWEST_ANSWERS = 4;

  /// One-sided 5 % point of χ² with one degree of freedom, for a share that cannot be below 0.
  private static final double REFUTED = 2.71;

  /// Share of questions with a right key whose answers have nothing to do with ability.
  private static final double UNRELATED = 0.05;

  /// Accuracies beyond this are uncertain in logits.
  private static final double LEAST_ACCURACY = 0.02;

  private static final int SLOPES = 18;
  private static final double LEAST_LOG_SLOPE = -3;
  private static final double LOG_SLOPE_STEP = 0.3;
  private static final double[] CENTERS = {
    -2, -1.75, -1.5, -1.25, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5
  };
  private static final double[] WIDTHS = {0.15, 0.3, 0.6, 0.9};
  private static final double[] WRONG_SHARES = {
    0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3
  };

  /// A question that can be tested.
  ///
  /// @param question its row
  /// @param wrongKey probability that its key is wrong
  record Tested(int question, double wrongKey) {}

  private final CorrectnessMatrix matrix;
  private final double[] sums; // [models] of scores less the question's mean
  private final int[] counts; // [models]
  private final Map<List<Long>, Pattern> patterns =
      new LinkedHashMap<>(); // by who answered, and who was right

  /// Questions with the same right and wrong answers, and how probable these are.
  private static final class Pattern {
    private final List<Integer> questions = new ArrayList<>();
    private final double[] right = new double[SLOPES]; // with the key right
    private final double[] wrong = new double[SLOPES]; // with the key wrong
    private final double unrelated; // where ability has no influence

    Pattern(double[] ability, boolean[] answers, int rights) {
      for (int s = 0; s < SLOPES; s++) {
        fill(s, ability, answers, rights);
      }
      unrelated = 1 / sums(new double[ability.length], rights)[rights];
    }

    /// Probabilities among all patterns with as many right answers. With the slope turned round,
    /// the pattern is as probable as its mirror image, in which the wrong answers are right.
    private void fill(int slope, double[] ability, boolean[] answers, int rights) {
      int wrongs = ability.length - rights;
      double factor = Math.exp(LEAST_LOG_SLOPE + slope * LOG_SLOPE_STEP);
      double[] logits = new double[ability.length];
      double ofRight = 0;
      double ofWrong = 0;
      for (int k = 0; k < logits.length; k++) {
        logits[k] = factor * ability[k];
        ofRight += answers[k] ? logits[k] : 0;
        ofWrong += answers[k] ? 0 : logits[k];
      }
      double[] all = sums(logits, Math.max(rights, wrongs));
      right[slope] = Math.exp(ofRight) / all[rights];
      wrong[slope] = Math.exp(ofWrong) / all[wrongs];
    }

    /// `[most + 1]` sums of exp(logits) over the patterns with 0, 1, … right answers.
    private static double[] sums(double[] logits, int most) {
      double[] all = new double[most + 1];
      all[0] = 1;
      for (int k = 0; k < logits.length; k++) {
        double odds = Math.exp(logits[k]);
        for (int count = Math.min(k + 1, most); count > 0; count--) {
          all[count] += odds * all[count - 1];
        }
      }
      return all;
    }
  }

  private SmallPoolSuspects(CorrectnessMatrix matrix, double[] sums, int[] counts) {
    this.matrix = matrix;
    this.sums = sums;
    this.counts = counts;
  }

  /// All questions that can be tested: those with four answers or more, of which some are right and
  /// some wrong.
  ///
  /// @param sums `[models]` sum of each model's scores less the means of their questions
  /// @param counts `[models]` answers of each model
  static List<Tested> of(CorrectnessMatrix matrix, double[] sums, int[] counts) {
    return new SmallPoolSuspects(matrix, sums, counts).tested();
  }

  private List<Tested> tested() {
    double mean = 0;
    for (int c = 0; c < matrix.cellCount(); c++) {
      mean += matrix.cellScore(c) / matrix.cellCount();
    }
    for (int j = 0; j < matrix.questionCount(); j++) {
      pattern(j, mean);
    }
    List<Pattern> all = List.copyOf(patterns.values());
    int[] times = all.stream().mapToInt(pattern -> pattern.questions.size()).toArray();
    double[] wrongKey = new double[all.size()];
    double none = Double.NEGATIVE_INFINITY;
    double some = Double.NEGATIVE_INFINITY;
    for (double center : CENTERS) {
      for (double width : WIDTHS) {
        double[] weights = weights(center, width);
        double[] right = new double[all.size()];
        double[] wrong = new double[all.size()];
        for (int k = 0; k < right.length; k++) {
          Pattern pattern = all.get(k);
          right[k] =
              (1 - UNRELATED) * mixed(pattern.right, weights) + UNRELATED * pattern.unrelated;
          wrong[k] = mixed(pattern.wrong, weights);
        }
        none = Math.max(none, logLikelihood(times, right, wrong, 0));
        for (double share : WRONG_SHARES) {
          double likelihood = logLikelihood(times, right, wrong, share);
          if (likelihood > some) {
            some = likelihood;
            for (int k = 0; k < wrongKey.length; k++) {
              wrongKey[k] = share * wrong[k] / (share * wrong[k] + (1 - share) * right[k]);
            }
          }
        }
      }
    }
    boolean refuted = 2 * (some - none) > REFUTED;
    List<Tested> tested = new ArrayList<>();
    for (int k = 0; k < wrongKey.length; k++) {
      double probability = refuted ? wrongKey[k] : 0;
      all.get(k).questions.forEach(question -> tested.add(new Tested(question, probability)));
    }
    return tested;
  }

  private void pattern(int question, double overall) {
    int first = matrix.firstCell(question);
    int cells = matrix.cellCount(question);
    double mean = LabelSuspects.mean(matrix, question);
    double[] ability = new double[cells];
    boolean[] right = new boolean[cells];
    int rights = 0;
    double center = 0;
    long answered = 0; // a bit for each model
    long correct = 0;
    for (int k = 0; k < cells; k++) {
      int model = matrix.cellModel(first + k);
      double score = matrix.cellScore(first + k);
      double others = (sums[model] - (score - mean)) / Math.max(1, counts[model] - 1);
      double accuracy = Math.clamp(overall + others, LEAST_ACCURACY, 1 - LEAST_ACCURACY);
      ability[k] = Logistic.logit(accuracy);
      center += ability[k] / cells;
      right[k] = CorrectnessMatrix.isCorrect(matrix.cellScore(first + k));
      rights += right[k] ? 1 : 0;
      answered |= 1L << model;
      correct |= right[k] ? 1L << model : 0;
    }
    if (cells < FEWEST_ANSWERS || rights == 0 || rights == cells) {
      return;
    }
    for (int k = 0; k < cells; k++) {
      ability[k] -= center;
    }
    int count = rights;
    patterns
        .computeIfAbsent(List.of(answered, correct), bits -> new Pattern(ability, right, count))
        .questions
        .add(question);
  }

  /// A log-normal distribution on the grid of slopes.
  private static double[] weights(double center, double width) {
    double[] weights = new double[SLOPES];
    double sum = 0;
    for (int s = 0; s < SLOPES; s++) {
      double z = (LEAST_LOG_SLOPE + s * LOG_SLOPE_STEP - center) / width;
      weights[s] = Math.exp(-z * z / 2);
      sum += weights[s];
    }
    for (int s = 0; s < SLOPES; s++) {
      weights[s] /= sum;
    }
    return weights;
  }

  private static double mixed(double[] bySlope, double[] weights) {
    double sum = 0;
    for (int s = 0; s < weights.length; s++) {
      sum += weights[s] * bySlope[s];
    }
    return sum;
  }

  private static double logLikelihood(int[] times, double[] right, double[] wrong, double share) {
    double sum = 0;
    for (int k = 0; k < right.length; k++) {
      sum += times[k] * Math.log((1 - share) * right[k] + share * wrong[k]);
    }
    return sum;
  }
}
