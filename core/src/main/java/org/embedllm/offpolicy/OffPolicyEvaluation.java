package org.embedllm.offpolicy;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.statistics.distribution.TDistribution;
import org.embedllm.forecast.Interval;
import org.embedllm.linalg.NormalQuantile;

/// Estimates what other policies would have got, from choices that were made with known
/// probabilities.
///
/// With w = 1 / propensity where the policy agrees with the choice and 0 elsewhere, r the outcome,
/// q the forecast of the chosen model and q* that of the policy's choice, each decision gives a
/// term:
///
/// | method | term |
/// |---|---|
/// | ips | w r |
/// | snips | (w r) / mean w |
/// | dr | w r − β₁ (w q − q*) − β₂ (w − 1) |
///
/// Both corrections of `dr` have the mean 0, so any β is unbiased. β = (1, 0) is the doubly robust
/// estimator; here β is fitted by least squares, as for any control variate (Owen, 2013, §8.9). So
/// forecasts on another scale than the outcomes do no harm.
///
/// Where the policy chooses a model that could not have been chosen, the outcome may have been
/// anything from 0 to 1, and the interval says so.
public final class OffPolicyEvaluation {
  private static final int LEAST_DECISIONS = 50;
  private static final double LEAST_EFFECTIVE = 30;
  private static final double MOST_UNSUPPORTED = 0.1;

  private final List<LoggedDecision> log;

  /// @param log choices with their outcomes
  public OffPolicyEvaluation(List<LoggedDecision> log) {
    this.log = List.copyOf(log);
  }

  /// The mean outcome of what clients got.
  public OffPolicyEstimate logged() {
    int n = log.size();
    Influence outcomes = given();
    double cost = log.stream().mapToDouble(d -> d.given().cost()).average().orElse(0);
    return new OffPolicyEstimate(
        n,
        outcomes.value(),
        around(outcomes.value(), outcomes, n, 0),
        0,
        new Interval(0, 0),
        n,
        cost,
        Optional.empty());
  }

  private Influence given() {
    return Influence.ofMean(log.stream().mapToDouble(d -> d.given().outcome()).toArray());
  }

  /// The value of a policy.
  public OffPolicyEstimate estimate(LoggedDecision.Policy policy, OffPolicyMethod method) {
    int n = log.size();
    double[] weights = new double[n];
    double[] chosen = new double[n]; // w q
    double[] own = new double[n]; // q*
    double[] supported = new double[n]; // 1 where the policy's choice could have been made
    double unsupported = 0;
    double inverse = 0; // Σ 1 / propensity of the policy's choices
    double cost = 0;
    for (int i = 0; i < n; i++) {
      LoggedDecision decision = log.get(i);
      int choice = policy.choose(decision);
      if (choice < 0 || decision.candidates().get(choice).propensity() <= 0) {
        unsupported += 1.0 / n;
        cost += choice < 0 ? Double.NaN : decision.candidates().get(choice).cost() / n;
        continue;
      }
      LoggedDecision.Candidate candidate = decision.candidates().get(choice);
      cost += candidate.cost() / n;
      supported[i] = 1;
      inverse += 1 / candidate.propensity();
      own[i] = Double.isNaN(candidate.forecast()) ? 0 : candidate.forecast();
      if (choice == decision.chosen()) {
        weights[i] = 1 / candidate.propensity();
        chosen[i] = weights[i] * own[i];
      }
    }
    double effective =
        inverse == 0 ? 0 : Math.min(effective(weights), n * (1 - unsupported) * n / inverse);
    Optional<String> refusal = refusal(n, unsupported, effective);
    if (refusal.isPresent()) {
      return new OffPolicyEstimate(
          n, Double.NaN, Interval.UNKNOWN, Double.NaN, Interval.UNKNOWN, effective, cost, refusal);
    }
    double[] terms = new double[n];
    for (int i = 0; i < n; i++) {
      terms[i] = weights[i] * log.get(i).outcome();
    }
    Influence influence =
        switch (method) {
          case IPS -> Influence.ofMean(terms);
          case SNIPS -> Influence.ofRatio(terms, weights, 1 - unsupported);
          case DOUBLY_ROBUST -> {
            double[][] controls = new double[2][n]; // both of mean 0
            for (int i = 0; i < n; i++) {
              controls[0][i] = chosen[i] - own[i];
              controls[1][i] = weights[i] - supported[i];
            }
            yield Influence.withControls(terms, controls);
          }
        };
    return estimate(influence, unsupported, effective, cost);
  }

  private OffPolicyEstimate estimate(
      Influence influence, double unsupported, double effective, double cost) {
    Influence logged = given();
    // The middle of what is possible where nothing is known.
    double middle = unsupported / 2;
    double value = influence.value() + middle;
    Interval interval = around(value, influence, effective, middle);
    double difference = value - logged.value();
    return new OffPolicyEstimate(
        log.size(),
        Math.clamp(value, 0, 1),
        new Interval(Math.max(0, interval.low()), Math.min(1, interval.high())),
        difference,
        around(difference, influence.minus(logged), effective, middle),
        effective,
        cost,
        Optional.empty());
  }

  private static Optional<String> refusal(int n, double unsupported, double effective) {
    if (n < LEAST_DECISIONS) {
      return Optional.of(
          "only %d decisions have an outcome and probabilities; at least %d are needed"
              .formatted(n, LEAST_DECISIONS));
    }
    if (unsupported > MOST_UNSUPPORTED) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "no overlap: on %.0f %% of the decisions it chooses a model that could not have been"
                  + " chosen; explore with a larger loss, or compare a nearer policy",
              100 * unsupported));
    }
    if (effective < LEAST_EFFECTIVE) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "its choices were made too rarely: the log counts like %.0f decisions; explore a"
                  + " larger share, or wait",
              effective));
    }
    return Optional.empty();
  }

  /// The interval of Hall's transformation (1992, The Annals of Statistics 16:3), which allows for
  /// skewness: a few decisions of large weight make the plain interval end too low.
  private static Interval around(
      double value, Influence influence, double samples, double unknown) {
    double t =
        samples > 2
            ? TDistribution.of(samples - 1).inverseSurvivalProbability(0.025)
            : NormalQuantile.TWO_SIDED_95;
    double error = influence.standardError();
    double skewness = influence.skewness();
    return new Interval(
        value - error * straightened(t, skewness) - unknown,
        value - error * straightened(-t, skewness) + unknown);
  }

  /// The quantile of a mean's t statistic, from that of a symmetric one.
  ///
  /// @param skewness of the mean: that of the values over √n
  private static double straightened(double t, double skewness) {
    return Math.abs(skewness) < 1e-6
        ? t
        : 3 / skewness * (Math.cbrt(1 + skewness * (t - skewness / 6)) - 1);
  }

  private static double effective(double[] weights) {
    double sum = 0;
    double squares = 0;
    for (double w : weights) {
      sum += w;
      squares += w * w;
    }
    return squares == 0 ? 0 : sum * sum / squares;
  }
}
