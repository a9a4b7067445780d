package org.embedllm.gateway.pacing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.routing.Route.Candidate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("seconds")
class BudgetPacingTest {
  private static final Instant MIDNIGHT = Instant.parse("2026-03-02T00:00:00Z");
  private static final double NONE = Double.NaN;

  private final Now clock = new Now();

  private static final class Now extends Clock {
    private Instant at = MIDNIGHT;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return at;
    }
  }

  private static Candidate candidate(String model, double probability, double cost) {
    return new Candidate(model, probability, NONE, NONE, cost);
  }

  /// A day of traffic: busy at noon, with bursts, and prices that change in the afternoon.
  private static final class Traffic {
    private static final double[] PRICES = {0.0002, 0.001, 0.004, 0.016};
    private final SplittableRandom random;
    private double factor = 1; // of all prices

    Traffic(long seed) {
      this.random = new SplittableRandom(seed);
    }

    /// Times of requests, in seconds since midnight.
    List<Double> times(int requests, int bursts) {
      List<Double> times = new ArrayList<>();
      while (times.size() < requests) {
        double t = 86_400 * random.nextDouble();
        if (random.nextDouble() < 0.55 - 0.45 * Math.cos(2 * Math.PI * t / 86_400)) {
          times.add(t);
        }
      }
      for (int b = 0; b < bursts; b++) {
        double start = 86_400 * random.nextDouble();
        for (int i = 0; i < requests / 20; i++) {
          times.add(Math.min(86_399, start + 1_200 * random.nextDouble()));
        }
      }
      times.sort(Comparator.naturalOrder());
      return times;
    }

    /// The larger a model, the more likely it is right, on some prompts more than on others.
    List<Candidate> candidates() {
      double difficulty = random.nextDouble();
      List<Candidate> candidates = new ArrayList<>();
      for (int k = 0; k < PRICES.length; k++) {
        double skill = 0.35 + 0.15 * k + 0.1 * (random.nextDouble() - 0.5);
        candidates.add(
            candidate(
                "m" + k,
                Math.clamp(1 - difficulty * (1.2 - skill), 0.01, 0.99),
                factor * PRICES[k] * (0.5 + random.nextDouble())));
      }
      candidates.sort(Comparator.comparingDouble(Candidate::probability).reversed());
      return candidates;
    }

    /// True costs are not those expected: by chance, and 20 % more in the mean.
    double cost(double expected) {
      return expected * (0.6 + 1.2 * random.nextDouble());
    }
  }

  private record Day(double spent, double quality) {}

  private Day day(BudgetPacing pacing, Traffic traffic, int number, int requests, double budget) {
    double spent = 0;
    double right = 0;
    List<Double> times = traffic.times(requests, 3);
    Instant start = MIDNIGHT.plus(Duration.ofDays(number));
    for (double second : times) {
      clock.at = start.plusMillis((long) (1000 * second));
      traffic.factor = second > 54_000 ? (number % 2 == 0 ? 2 : 0.5) : 1;
      Candidate chosen = pacing.choose(traffic.candidates(), budget);
      BudgetPacing.Call call = pacing.begin(chosen.cost(), true);
      double cost = traffic.cost(chosen.cost());
      call.end(cost);
      spent += cost;
      right += chosen.probability();
    }
    return new Day(spent, right / times.size());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void spending_onDaysWithBurstsAndNewPrices_isWithinTwoPercentOfTheBudget(long seed) {
    var traffic = new Traffic(seed);
    var pacing = new BudgetPacing(clock, List.of());
    for (int number = 0; number < 6; number++) {
      double budget = number == 4 ? 48 : 24;
      Day day = day(pacing, traffic, number, 6_000, budget);
      assertThat(day.spent() / budget).as("day %d", number).isBetween(0.98, 1.02);
    }
  }

  @Test
  void quality_isHigherThanWithTheDearestModelUntilTheMoneyIsSpent() {
    double budget = 40;
    Day paced = day(new BudgetPacing(clock, List.of()), new Traffic(7), 0, 10_000, budget);
    var traffic = new Traffic(7);
    double spent = 0;
    double right = 0;
    List<Double> times = traffic.times(10_000, 3);
    for (double second : times) {
      traffic.factor = second > 54_000 ? 2 : 1;
      List<Candidate> candidates = traffic.candidates();
      Candidate chosen =
          spent < budget
              ? candidates.getFirst()
              : candidates.stream().min(Comparator.comparingDouble(Candidate::cost)).orElseThrow();
      spent += traffic.cost(chosen.cost());
      right += chosen.probability();
    }
    assertThat(paced.quality()).isGreaterThan(right / times.size() + 0.03);
  }

  @Test
  void choice_whereThePolicyCostsLessThanTheBudget_isThePolicys() {
    var traffic = new Traffic(3);
    var pacing = new BudgetPacing(clock, List.of());
    for (double second : traffic.times(3_000, 1)) {
      clock.at = MIDNIGHT.plusMillis((long) (1000 * second));
      List<Candidate> candidates = traffic.candidates();
      Candidate chosen = pacing.choose(candidates, 1e6);
      assertThat(chosen).isSameAs(candidates.getFirst());
      pacing.begin(chosen.cost(), true).end(traffic.cost(chosen.cost()));
    }
    assertThat(pacing.state().price()).isZero();
  }

  @Test
  void choice_isNeverDearerThanThePolicys_andUnpricedOnesAreThePolicys() {
    var pacing = new BudgetPacing(clock, List.of());
    List<Candidate> cheapestFirst =
        List.of(candidate("own", 0.7, 0.002), candidate("dear", 0.9, 0.01));
    assertThat(pacing.choose(cheapestFirst, 1000).model()).isEqualTo("own");
    List<Candidate> unpriced = List.of(candidate("own", 0.7, NONE), candidate("b", 0.9, 0.01));
    assertThat(pacing.choose(unpriced, 0.01).model()).isEqualTo("own");
  }

  @Test
  void spentBudget_leavesTheCheapest_untilMidnight() {
    var pacing = new BudgetPacing(clock, List.of());
    List<Candidate> both = List.of(candidate("dear", 0.9, 0.5), candidate("cheap", 0.5, 0.001));
    clock.at = MIDNIGHT.plus(Duration.ofHours(23));
    pacing.begin(0.5, false).end(9.9);
    assertThat(pacing.choose(both, 10).model()).isEqualTo("cheap");
    clock.at = MIDNIGHT.plus(Duration.ofHours(25));
    assertThat(pacing.state().spent()).isZero();
    assertThat(pacing.choose(both, 1000).model()).isEqualTo("dear");
  }

  @Test
  void callsUnderWay_countAsExpected() {
    var pacing = new BudgetPacing(clock, List.of());
    List<Candidate> both = List.of(candidate("dear", 0.9, 4), candidate("cheap", 0.5, 0.001));
    BudgetPacing.Call first = pacing.begin(4, true);
    BudgetPacing.Call second = pacing.begin(4, true);
    assertThat(pacing.choose(both, 10).model()).isEqualTo("cheap");
    first.end(NONE);
    second.end(NONE);
    clock.at = MIDNIGHT.plus(Duration.ofHours(24).minusSeconds(1));
    // The price is set again after some requests.
    for (int i = 0; i < 40; i++) {
      pacing.choose(both, 10);
    }
    assertThat(pacing.choose(both, 10).model()).isEqualTo("dear");
  }

  @Test
  void history_saysWhatWasSpentTodayAndWhenRequestsCome() {
    List<QuarterHour> history = new ArrayList<>();
    for (int number = 0; number < 3; number++) {
      Instant start = MIDNIGHT.plus(Duration.ofDays(number));
      history.add(new QuarterHour(start.plus(Duration.ofHours(2)), 100, 1));
      history.add(new QuarterHour(start.plus(Duration.ofHours(10)), 900, 2));
    }
    clock.at = MIDNIGHT.plus(Duration.ofDays(2)).plus(Duration.ofHours(12));
    assertThat(new BudgetPacing(clock, history).state().spent()).isCloseTo(3, within(1e-12));
    clock.at = MIDNIGHT.plus(Duration.ofDays(3)).plus(Duration.ofHours(1));
    assertThat(new BudgetPacing(clock, history).state().spent()).isZero();
  }
}
