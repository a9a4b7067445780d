package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.embedllm.correctness.CorrectnessMatrix;

/// Questions that look wrongly keyed: weak models get them right and strong ones do not.
///
/// A model's ability is the mean of its scores less the question's mean, over all other questions.
/// In pools of 40 models or more, a one-sided Mann–Whitney test compares the abilities of the
/// models that were right with those of the models that were wrong, for each question with three of
/// each. Questions are listed under the rule of Benjamini and Hochberg (1995). Its bound holds
/// where answers to a question are independent of ability; real questions favour strong models, so
/// it errs on the safe side, but models that are copies of one another count as several.
///
/// In smaller pools no question alone can pass such a test. There each question has a probability
/// that its key is wrong, see [SmallPoolSuspects]; they are listed in its order, as long as the
/// mean probability of the listed ones that the key is right stays within the bound.
///
/// @param suspects the questions listed, most suspect first
/// @param tested questions with answers enough to be tested
/// @param falseDiscoveryRate the bound on the expected share of wrong entries in the list
public record LabelSuspects(List<Suspect> suspects, int tested, double falseDiscoveryRate) {
  private static final int FEWEST = 3;

  /// Pools with fewer models are small.
  private static final int SMALL_POOL = 40;

  private static final double LEAST_RATE = 0.05;
  private static final double MOST_RATE = 0.4;

  /// Bounds up to here leave out p-values above 0.16, those of [#LEAST_Z] and more.
  private static final double STRICT_RATE = 0.1;

  private static final double LEAST_Z = -1;

  public LabelSuspects {
    suspects = List.copyOf(suspects);
  }

  /// A question that looks wrongly keyed.
  ///
  /// @param question its row
  /// @param answers how many models answered it
  /// @param right how many of them are counted as right
  /// @param auc probability that a model that was right is abler than one that was wrong; ½ where
  ///   ability does not matter
  /// @param adjustedPValue the smallest bound under which it is listed
  public record Suspect(int question, int answers, int right, double auc, double adjustedPValue) {}

  /// The suspects under the usual bound: 2 / models, between 0.05 and 0.4. The fewer models there
  /// are, the less they say about a single question.
  public static LabelSuspects of(CorrectnessMatrix matrix) {
    return of(matrix, Math.clamp(2.0 / Math.max(1, matrix.modelCount()), LEAST_RATE, MOST_RATE));
  }

  private static boolean isSmall(CorrectnessMatrix matrix) {
    return matrix.modelCount() < SMALL_POOL;
  }

  /// @param falseDiscoveryRate in (0, 1)
  public static LabelSuspects of(CorrectnessMatrix matrix, double falseDiscoveryRate) {
    if (!(falseDiscoveryRate > 0 && falseDiscoveryRate < 1)) {
      throw new IllegalArgumentException(
          "a false discovery rate must be between 0 and 1; got " + falseDiscoveryRate);
    }
    double[] sums = new double[matrix.modelCount()];
    int[] counts = new int[matrix.modelCount()];
    for (int j = 0; j < matrix.questionCount(); j++) {
      double mean = mean(matrix, j);
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        sums[matrix.cellModel(c)] += matrix.cellScore(c) - mean;
        counts[matrix.cellModel(c)]++;
      }
    }
    if (isSmall(matrix)) {
      return ofSmallPool(matrix, sums, counts, falseDiscoveryRate);
    }
    // A p-value above the bound puts no question on the list, so it need not be exact.
    double leastZ = falseDiscoveryRate <= STRICT_RATE ? LEAST_Z : 0;
    List<Suspect> tested = new ArrayList<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      test(matrix, j, sums, counts, leastZ, tested);
    }
    tested.sort(Comparator.comparingDouble(Suspect::adjustedPValue));
    List<Suspect> adjusted = adjusted(tested);
    return new LabelSuspects(
        adjusted.stream().filter(s -> s.adjustedPValue() <= falseDiscoveryRate).toList(),
        tested.size(),
        falseDiscoveryRate);
  }

  private static LabelSuspects ofSmallPool(
      CorrectnessMatrix matrix, double[] sums, int[] counts, double rate) {
    List<SmallPoolSuspects.Tested> tested = SmallPoolSuspects.of(matrix, sums, counts);
    List<Suspect> listed = new ArrayList<>();
    double rightKeys = 0; // expected among those so far
    for (SmallPoolSuspects.Tested one :
        tested.stream().sorted(Comparator.comparingDouble(t -> -t.wrongKey())).toList()) {
      rightKeys += 1 - one.wrongKey();
      double share = rightKeys / (listed.size() + 1);
      if (share > rate) {
        break;
      }
      Sides sides = new Sides(matrix, one.question(), sums, counts);
      listed.add(
          new Suspect(
              one.question(),
              matrix.cellCount(one.question()),
              sides.rights,
              sides.rankSum().auc(),
              share));
    }
    return new LabelSuspects(listed, tested.size(), rate);
  }

  /// How many of the listed questions are expected to have a right key, at most.
  public double expectedRightKeys() {
    return suspects.isEmpty() ? 0 : suspects.size() * suspects.getLast().adjustedPValue();
  }

  static double mean(CorrectnessMatrix matrix, int question) {
    double mean = 0;
    int cells = matrix.cellCount(question);
    for (int c = matrix.firstCell(question); c < matrix.firstCell(question + 1); c++) {
      mean += matrix.cellScore(c) / cells;
    }
    return mean;
  }

  /// Adds a question with its p-value as it is, where it can be tested.
  private static void test(
      CorrectnessMatrix matrix,
      int question,
      double[] sums,
      int[] counts,
      double leastZ,
      List<Suspect> into) {
    Sides sides = new Sides(matrix, question, sums, counts);
    if (sides.rights >= FEWEST && sides.wrongs >= FEWEST) {
      RankSum sum = sides.rankSum();
      double p =
          sum.z() >= leastZ
              ? 1
              : MannWhitneyUTest.withDefaults()
                  .with(AlternativeHypothesis.LESS_THAN)
                  .test(
                      Arrays.copyOf(sides.right, sides.rights),
                      Arrays.copyOf(sides.wrong, sides.wrongs))
                  .getPValue();
      into.add(new Suspect(question, matrix.cellCount(question), sides.rights, sum.auc(), p));
    }
  }

  /// Abilities of the models that were right on a question, and of those that were wrong.
  private static final class Sides {
    private final double[] right;
    private final double[] wrong;
    private int rights;
    private int wrongs;

    Sides(CorrectnessMatrix matrix, int question, double[] sums, int[] counts) {
      int first = matrix.firstCell(question);
      int cells = matrix.cellCount(question);
      double mean = mean(matrix, question);
      right = new double[cells];
      wrong = new double[cells];
      for (int c = first; c < first + cells; c++) {
        int model = matrix.cellModel(c);
        double others = sums[model] - (matrix.cellScore(c) - mean);
        double ability = others / Math.max(1, counts[model] - 1);
        if (CorrectnessMatrix.isCorrect(matrix.cellScore(c))) {
          right[rights++] = ability;
        } else {
          wrong[wrongs++] = ability;
        }
      }
    }

    RankSum rankSum() {
      return RankSum.of(right, rights, wrong, wrongs);
    }
  }

  /// The statistic of Mann and Whitney.
  ///
  /// @param auc share of the pairs in which the right one is the larger; equal ones count half
  /// @param z deviations of its normal approximation from ½, corrected for equal values
  private record RankSum(double auc, double z) {
    static RankSum of(double[] right, int rights, double[] wrong, int wrongs) {
      Arrays.sort(right, 0, rights);
      Arrays.sort(wrong, 0, wrongs);
      long halves = 0; // of pairs
      double ties = 0; // sum of t³ − t over runs of t equal values
      int below = 0; // wrong ones below the current value
      for (int i = 0, j = 0; i < rights || j < wrongs; ) {
        double value = j == wrongs || (i < rights && right[i] < wrong[j]) ? right[i] : wrong[j];
        int firstRight = i;
        int firstWrong = j;
        while (i < rights && right[i] == value) {
          i++;
        }
        while (j < wrongs && wrong[j] == value) {
          j++;
        }
        halves += (long) (i - firstRight) * (2L * below + (j - firstWrong));
        below = j;
        double equal = i - firstRight + j - firstWrong;
        ties += equal * (equal * equal - 1);
      }
      double auc = halves / (2.0 * rights * wrongs);
      double n = rights + wrongs;
      double variance = (n + 1 - ties / (n * (n - 1))) / (12.0 * rights * wrongs);
      return new RankSum(auc, variance > 0 ? (auc - 0.5) / Math.sqrt(variance) : 0);
    }
  }

  /// Benjamini and Hochberg's adjustment of sorted p-values.
  private static List<Suspect> adjusted(List<Suspect> sorted) {
    Suspect[] result = new Suspect[sorted.size()];
    double least = 1;
    for (int k = sorted.size() - 1; k >= 0; k--) {
      Suspect one = sorted.get(k);
      least = Math.min(least, one.adjustedPValue() * sorted.size() / (k + 1));
      result[k] = new Suspect(one.question(), one.answers(), one.right(), one.auc(), least);
    }
    return List.of(result);
  }
}
