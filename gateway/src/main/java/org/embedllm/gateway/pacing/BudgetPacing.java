package org.embedllm.gateway.pacing;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.embedllm.routing.Route.Candidate;

/// Keeps what requests cost below a ceiling of USD a day (UTC). Safe for several threads.
///
/// Cost has a price λ in the choice, in probability per USD: among the candidates that cost no more
/// than the policy's choice, the one with the most `probability − λ · cost` is chosen. With λ = 0
/// this is the policy's choice for every policy, and the larger λ, the cheaper the models. λ is the
/// least price at which the latest requests would have cost what is left of the budget for each
/// request still expected today. This is the dual of a knapsack over a stream (Balseiro and Gur
/// 2019, adaptive pacing), solved again as money is spent.
public final class BudgetPacing {
  private static final int SAMPLE = 500; // of the latest requests
  private static final int ROUNDS = 40; // of the bisection
  private static final int MOST_BETWEEN = 32; // requests between two prices
  private static final double MEMORY = 1 - 1.0 / 500; // of the ratio of true to expected cost
  private static final double MOST_PRICE = 1e12;

  private final Clock clock;
  private final Deque<List<Option>> sample = new ArrayDeque<>();
  private final DayProfile profile;
  private LocalDate day;
  private double spent;
  private double reserved;
  private double expectedCost; // of calls that ended, with the older ones counting less
  private double trueCost; // of the same
  private double otherCost; // of calls that the router did not choose
  private double chosenCalls;
  private double price;
  private int fresh; // requests since the price was set
  private int interval;

  /// @param probability of the candidate
  /// @param cost expected, in USD
  private record Option(double probability, double cost) {}

  /// @param history quarter hours of the last week, the oldest first
  public BudgetPacing(Clock clock, List<QuarterHour> history) {
    this.clock = clock;
    Instant now = clock.instant();
    LocalDate today = date(now);
    this.day = history.isEmpty() ? today : date(history.getFirst().start());
    this.profile = new DayProfile(minute(history.isEmpty() ? now : history.getFirst().start()));
    for (QuarterHour quarter : history) {
      roll(date(quarter.start()));
      for (long i = 0; i < quarter.requests(); i++) {
        profile.count(minute(quarter.start()));
      }
      spent += quarter.usd();
    }
    roll(today);
  }

  private static LocalDate date(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }

  private static int minute(Instant at) {
    return LocalTime.ofInstant(at, ZoneOffset.UTC).toSecondOfDay() / 60;
  }

  private void roll(LocalDate today) {
    while (day.isBefore(today)) {
      profile.roll();
      spent = 0;
      day = ChronoUnit.DAYS.between(day, today) > 7 ? today.minusDays(7) : day.plusDays(1);
    }
  }

  /// The candidate that is called.
  ///
  /// @param ranking that may be called, the policy's choice first
  /// @param budget USD a day
  /// @return the policy's choice, or a cheaper one; the policy's where its cost is not known
  public synchronized Candidate choose(List<Candidate> ranking, double budget) {
    Instant now = clock.instant();
    roll(date(now));
    Candidate own = ranking.getFirst();
    if (Double.isNaN(own.cost())) {
      return own;
    }
    List<Candidate> candidates = ranking.stream().filter(c -> c.cost() <= own.cost()).toList();
    remember(candidates);
    if (++fresh >= interval) {
      fresh = 0;
      setPrice(budget, now);
    }
    double left = budget - spent - reserved;
    Candidate best = own;
    double most = Double.NEGATIVE_INFINITY;
    for (Candidate c : candidates) {
      double value = value(c.probability(), c.cost());
      boolean payable = c.cost() * ratio() <= left;
      if (value > most && (payable || c.cost() == cheapest(candidates))) {
        most = value;
        best = c;
      }
    }
    return best;
  }

  private static double cheapest(List<Candidate> candidates) {
    return candidates.stream().mapToDouble(Candidate::cost).min().orElseThrow();
  }

  private double value(double probability, double cost) {
    return probability - price * cost;
  }

  private void remember(List<Candidate> candidates) {
    List<Option> options = new ArrayList<>();
    candidates.forEach(c -> options.add(new Option(c.probability(), c.cost())));
    sample.addLast(options);
    if (sample.size() > SAMPLE) {
      sample.removeFirst();
    }
  }

  /// How much more calls cost than expected.
  private double ratio() {
    return expectedCost > 0 && trueCost > 0 ? trueCost / expectedCost : 1;
  }

  private void setPrice(double budget, Instant now) {
    double minutes = LocalTime.ofInstant(now, ZoneOffset.UTC).toNanoOfDay() / 60e9;
    double remaining = Math.max(1, profile.remaining(minutes));
    interval = (int) Math.clamp(remaining / 50, 1, MOST_BETWEEN);
    double others = chosenCalls > 0 ? otherCost / chosenCalls : 0;
    double target = ((budget - spent - reserved) / remaining - others) / ratio();
    price = 0;
    if (meanCost() <= target) {
      return;
    }
    double low = 0;
    double high = 1;
    while (high < MOST_PRICE) {
      price = high;
      if (meanCost() <= target) {
        break;
      }
      low = high;
      high *= 8;
    }
    for (int round = 0; round < ROUNDS && high < MOST_PRICE; round++) {
      price = (low + high) / 2;
      if (meanCost() > target) {
        low = price;
      } else {
        high = price;
      }
    }
    price = high;
  }

  /// Mean expected USD of the latest requests at the present price.
  private double meanCost() {
    double sum = 0;
    for (List<Option> options : sample) {
      double most = Double.NEGATIVE_INFINITY;
      double cost = 0;
      for (Option option : options) {
        double value = value(option.probability(), option.cost());
        if (value > most) {
          most = value;
          cost = option.cost();
        }
      }
      sum += cost;
    }
    return sum / sample.size();
  }

  /// A call begins; [Call#end] must follow.
  ///
  /// @param expected its cost in USD; NaN where no price is known
  /// @param chosen whether the router chose its model
  public synchronized Call begin(double expected, boolean chosen) {
    Instant now = clock.instant();
    roll(date(now));
    if (chosen) {
      profile.count(minute(now));
    }
    double counted = Double.isNaN(expected) ? 0 : expected * ratio();
    reserved += counted;
    return new Call(expected, counted, chosen);
  }

  /// A call under way.
  public final class Call {
    private final double expected;
    private final double counted;
    private final boolean chosen;

    private Call(double expected, double counted, boolean chosen) {
      this.expected = expected;
      this.counted = counted;
      this.chosen = chosen;
    }

    /// @param usd what it has cost; NaN where that is not known
    public void end(double usd) {
      ended(this, Double.isNaN(usd) ? 0 : usd);
    }
  }

  private synchronized void ended(Call call, double usd) {
    roll(date(clock.instant()));
    reserved -= call.counted;
    spent += usd;
    if (call.chosen) {
      chosenCalls = MEMORY * chosenCalls + 1;
      otherCost *= MEMORY;
      if (usd > 0 && call.expected > 0) {
        expectedCost = MEMORY * expectedCost + call.expected;
        trueCost = MEMORY * trueCost + usd;
      }
    } else {
      otherCost += usd;
    }
  }

  /// What can be seen of it.
  ///
  /// @param spent USD since midnight UTC
  /// @param price of cost in the choice, in probability per USD
  public record State(double spent, double price) {}

  public synchronized State state() {
    roll(date(clock.instant()));
    return new State(spent, price);
  }
}
