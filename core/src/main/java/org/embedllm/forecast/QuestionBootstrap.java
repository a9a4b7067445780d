package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Quantile;
import org.apache.commons.statistics.descriptive.Quantile.EstimationMethod;

/// Percentile intervals from resampled questions (Efron and Tibshirani, 1993, ch. 13): all answers
/// to a question are drawn together, so that answers to one question need not be independent.
///
/// A resample is a count for each question (how often it was drawn), never a copy of anything.
/// Statistics computed in one call share their resamples, which makes their differences paired.
/// Immutable; the same seed gives the same intervals whatever the number of threads.
///
/// @param questions n
/// @param resamples number of resamples
/// @param seed of the draws
public record QuestionBootstrap(int questions, int resamples, long seed) {
  /// The number of resamples behind every interval of this project.
  public static final int RESAMPLES = 2_000;

  private static final Quantile QUANTILE = Quantile.withDefaults().with(EstimationMethod.HF7);

  public QuestionBootstrap {
    if (questions < 0 || resamples < 1) {
      throw new IllegalArgumentException(
          "%d questions and %d resamples cannot be".formatted(questions, resamples));
    }
  }

  /// The mean of paired differences.
  ///
  /// @param differences `[n]`, each in [−1, 1]; NaN where a question does not count
  public Estimate meanDifference(double[] differences) {
    return estimates(
            1,
            new Statistics() {
              @Override
              public void compute(int[] counts, double[] into) {
                double sum = 0;
                long count = 0;
                for (int j = 0; j < counts.length; j++) {
                  if (!Double.isNaN(differences[j])) {
                    sum += counts[j] * differences[j];
                    count += counts[j];
                  }
                }
                into[0] = count == 0 ? Double.NaN : sum / count;
              }

              @Override
              public Interval degenerate(int number, double value) {
                return PairedDifference.of(differences).interval();
              }
            })
        .getFirst();
  }

  /// Numbers that follow from how often each question counts.
  @FunctionalInterface
  public interface Statistics {
    /// Called by several threads at once.
    ///
    /// @param counts `[n]` how often each question counts; must not be changed
    /// @param into `[width]`, overwritten; NaN where a number cannot be computed from these
    ///   questions
    void compute(int[] counts, double[] into);

    /// The interval of a number that is the same in all resamples, as with few questions: a width
    /// of zero would say that it is known.
    ///
    /// @param number which
    /// @param value its value on the questions as they are
    /// @return [Interval#UNKNOWN] where nothing else is known
    default Interval degenerate(int number, double value) {
      return Interval.UNKNOWN;
    }
  }

  /// The statistics on the given questions, each with its interval.
  ///
  /// @param width how many numbers `statistics` computes
  public List<Estimate> estimates(int width, Statistics statistics) {
    int[] once = new int[questions];
    Arrays.fill(once, 1);
    double[] values = new double[width];
    statistics.compute(once, values);
    double[][] replicates = new double[resamples][]; // [resamples][width]
    if (questions > 0) {
      IntStream.range(0, resamples)
          .parallel()
          .forEach(r -> {
            double[] into = new double[width];
            statistics.compute(counts(r), into);
            replicates[r] = into;
          });
    }
    List<Estimate> estimates = new ArrayList<>(width);
    for (int k = 0; k < width; k++) {
      int column = k;
      double[] drawn =
          questions == 0
              ? new double[0]
              : Arrays.stream(replicates).mapToDouble(row -> row[column]).toArray();
      Interval interval = interval(drawn);
      estimates.add(
          new Estimate(
              values[k],
              interval.low() == interval.high() ? statistics.degenerate(k, values[k]) : interval));
    }
    return estimates;
  }

  /// `[n]` how often each question was drawn in a resample.
  private int[] counts(int resample) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + resample);
    int[] counts = new int[questions];
    for (int draw = 0; draw < questions; draw++) {
      counts[random.nextInt(questions)]++;
    }
    return counts;
  }

  private static Interval interval(double[] drawn) {
    double[] known = Arrays.stream(drawn).filter(x -> !Double.isNaN(x)).toArray();
    if (known.length == 0) {
      return Interval.UNKNOWN;
    }
    double[] ends = QUANTILE.evaluate(known, 0.025, 0.975);
    return new Interval(ends[0], ends[1]);
  }
}
