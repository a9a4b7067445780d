package org.embedllm.gateway.rollout;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.embedllm.forecast.Interval;
import org.embedllm.gateway.cache.LatestEntries;
import org.embedllm.gateway.config.RolloutConfig;
import org.embedllm.gateway.rollout.Assignment.Arm;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the two arms of a rollout have done, what exploration is expected to have cost today, and
/// whether a guard has broken. It is kept when the configuration is read again, unless the rollout
/// itself has changed. Safe for several threads.
public final class RolloutState {
  private static final Logger LOG = LoggerFactory.getLogger(RolloutState.class);
  private static final Duration SOON = Duration.ofMinutes(10);
  private static final int REMEMBERED = 20_000; // decisions that may still get feedback

  private final Clock clock;
  private final LatestEntries<String, Arm> arms =
      new LatestEntries<>(REMEMBERED, arm -> 1, Duration.ofDays(1), Ticker.systemTicker());
  private final Map<Arm, Counts> counts = new EnumMap<>(Arm.class);
  private Optional<String> broken = Optional.empty();
  private double loss;
  private final Instant since;
  private LocalDate day;

  /// Requests of one arm.
  ///
  /// @param requests that were answered or failed
  /// @param failed of them
  /// @param feedback number of scores that came
  /// @param quality their mean; NaN without any
  /// @param cost mean USD of a request whose cost is known; NaN without any
  /// @param millis mean time of a request; NaN without any
  public record ArmSummary(
      long requests, long failed, long feedback, double quality, double cost, double millis) {
    /// Share of the requests that failed; NaN without any.
    public double errorRate() {
      return requests == 0 ? Double.NaN : (double) failed / requests;
    }

    /// 95 % interval of the quality, as of a share.
    public Interval interval() {
      return Interval.ofShare(quality, (double) feedback);
    }
  }

  private static final class Counts {
    private long requests;
    private long failed;
    private long feedback;
    private double scores;
    private long priced;
    private double usd;
    private double millis;

    ArmSummary summary() {
      return new ArmSummary(
          requests,
          failed,
          feedback,
          feedback == 0 ? Double.NaN : scores / feedback,
          priced == 0 ? Double.NaN : usd / priced,
          requests == 0 ? Double.NaN : millis / requests);
    }
  }

  public RolloutState(Clock clock) {
    this.clock = clock;
    this.since = clock.instant();
    this.day = today();
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /// An exploring decision was made.
  ///
  /// @param expected by how much less likely a right answer became
  synchronized void explored(double expected) {
    if (!today().equals(day)) {
      day = today();
      loss = 0;
    }
    loss += expected;
  }

  /// Right answers that exploration is expected to have cost since midnight UTC.
  public synchronized double expectedLossToday() {
    return today().equals(day) ? loss : 0;
  }

  /// Right answers that exploration is expected to cost in a day like the part of today that is
  /// over; NaN in the first ten minutes.
  public synchronized double expectedLossADay() {
    Instant now = clock.instant();
    Instant midnight = now.truncatedTo(ChronoUnit.DAYS);
    Duration seen = Duration.between(since.isAfter(midnight) ? since : midnight, now);
    return seen.compareTo(SOON) < 0
        ? Double.NaN
        : expectedLossToday() * Duration.ofDays(1).toMillis() / seen.toMillis();
  }

  /// A request has ended.
  ///
  /// @param decision its id
  /// @param failed whether the client got no answer, and that was not the client's fault
  /// @param usd NaN where it is not known
  public synchronized void completed(
      String decision,
      Arm arm,
      boolean failed,
      double usd,
      double millis,
      RolloutConfig.Guards guards) {
    if (arm == Arm.NAMED) {
      return;
    }
    arms.put(decision, arm);
    Counts of = counts.computeIfAbsent(arm, a -> new Counts());
    of.requests++;
    of.failed += failed ? 1 : 0;
    of.millis += millis;
    if (!Double.isNaN(usd)) {
      of.priced++;
      of.usd += usd;
    }
    check(guards);
  }

  /// Feedback came.
  public synchronized void scored(String decision, double score, RolloutConfig.Guards guards) {
    arms.find(decision)
        .ifPresent(arm -> {
          Counts of = counts.computeIfAbsent(arm, a -> new Counts());
          of.feedback++;
          of.scores += score;
          check(guards);
        });
  }

  public synchronized ArmSummary summary(Arm arm) {
    return counts.getOrDefault(arm, new Counts()).summary();
  }

  /// Whether a guard has broken: the default model then takes all requests.
  public synchronized boolean steppedBack() {
    return broken.isPresent();
  }

  /// The guard that broke, in a sentence.
  public synchronized Optional<String> broken() {
    return broken;
  }

  private void check(RolloutConfig.Guards guards) {
    if (broken.isPresent()) {
      return;
    }
    broken = BrokenGuard.of(summary(Arm.ROUTER), summary(Arm.DEFAULT), guards);
    broken.ifPresent(reason ->
        LOG.warn(
            "stepped back to the default model: {}. Change the rollout in the configuration, or"
                + " start again, to try once more",
            reason));
  }
}
