package org.embedllm.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.routing.Route.Candidate;

/// Chooses a model from forecasts and costs by a policy. Stateless and safe for several threads.
///
/// Ties are settled by the higher probability, then the lower cost (a known cost before an unknown
/// one), then the candidates' order.
public final class Router {
  /* Lambdas of their own: for compositions of comparators Java makes classes at each start. */
  private static final Comparator<Candidate> BEST =
      (a, b) -> {
        int order = Double.compare(b.probability(), a.probability());
        return order != 0 ? order : Double.compare(a.cost(), b.cost());
      };
  private static final Comparator<Candidate> CHEAPEST =
      (a, b) -> {
        int order = Double.compare(a.cost(), b.cost()); // NaN sorts last
        return order != 0 ? order : Double.compare(b.probability(), a.probability());
      };

  private final RoutingPolicy policy;
  private final double maxSeconds; // infinite without a limit

  public Router(RoutingPolicy policy) {
    this(policy, Double.POSITIVE_INFINITY);
  }

  /// A router that takes no model whose call is expected to last longer.
  ///
  /// @param maxSeconds of one call, positive; infinite without a limit. A model whose time is not
  ///   known is within none
  public Router(RoutingPolicy policy, double maxSeconds) {
    if (!(maxSeconds > 0)) {
      throw new IllegalArgumentException("a limit of time is positive; got " + maxSeconds);
    }
    this.policy = policy;
    this.maxSeconds = maxSeconds;
  }

  /// The route of one question.
  ///
  /// @param forecasts of the models that could answer, at least one
  /// @param cost expected cost of this call in USD by model name; NaN where no price is known
  public Route route(List<ModelForecast> forecasts, ToDoubleFunction<String> cost) {
    List<Candidate> candidates = new ArrayList<>(forecasts.size());
    for (ModelForecast forecast : forecasts) {
      candidates.add(
          new Candidate(
              forecast.model(),
              forecast.probability(),
              forecast.low(),
              forecast.high(),
              cost.applyAsDouble(forecast.model())));
    }
    return route(candidates);
  }

  /// The route of one question.
  ///
  /// @param candidates the models that could answer, at least one
  public Route route(List<Candidate> candidates) {
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("there is no model to choose from");
    }
    if (maxSeconds == Double.POSITIVE_INFINITY) {
      return byPolicy(new ArrayList<>(candidates));
    }
    List<Candidate> inTime = new ArrayList<>();
    List<Candidate> late = new ArrayList<>();
    candidates.forEach(c -> (c.seconds() <= maxSeconds ? inTime : late).add(c));
    late.sort(Comparator.comparingDouble(Candidate::seconds).thenComparing(BEST));
    if (inTime.isEmpty()) {
      return route(
          "no candidate is expected within %s; this one is the fastest at %s"
              .formatted(seconds(maxSeconds), seconds(late.getFirst().seconds())),
          late);
    }
    Route route = byPolicy(inTime);
    List<Candidate> ranking = new ArrayList<>(route.ranking());
    ranking.addAll(late);
    String reason =
        late.isEmpty()
            ? route.reason()
            : "%s; %d of %d candidates are expected within %s"
                .formatted(route.reason(), inTime.size(), candidates.size(), seconds(maxSeconds));
    return new Route(route.model(), reason, ranking);
  }

  private Route byPolicy(List<Candidate> candidates) {
    return switch (policy) {
      case RoutingPolicy.Best best -> best(candidates);
      case RoutingPolicy.Cheapest cheapest -> cheapest(candidates, cheapest.target());
      case RoutingPolicy.Budget budget -> budget(candidates, budget.maxCost());
      case RoutingPolicy.Dial dial -> dial(candidates, dial.quality());
    };
  }

  private static Route best(List<Candidate> candidates) {
    candidates.sort(BEST);
    Candidate first = candidates.getFirst();
    String margin =
        candidates.size() < 2
            ? "it is the only candidate"
            : "next is %s with %s"
                .formatted(candidates.get(1).model(), percent(candidates.get(1).probability()));
    return route(
        "highest probability: %s; %s".formatted(percent(first.probability()), margin), candidates);
  }

  /// Those that reach the target by cost, then the others by probability.
  private static Route cheapest(List<Candidate> candidates, double target) {
    Comparator<Candidate> reached =
        Comparator.comparing(candidate -> candidate.probability() < target);
    candidates.sort(
        reached.thenComparing(
            (a, b) -> (a.probability() >= target ? CHEAPEST : BEST).compare(a, b)));
    Candidate first = candidates.getFirst();
    long count = candidates.stream().filter(c -> c.probability() >= target).count();
    String reason =
        count == 0
            ? "no candidate reaches %s; this one is nearest with %s"
                .formatted(given(target), percent(first.probability()))
            : "cheapest of %d %s %s: %s at %s"
                .formatted(
                    count,
                    count == 1 ? "candidate that reaches" : "candidates that reach",
                    given(target),
                    percent(first.probability()),
                    dollars(first.cost()));
    return route(reason, candidates);
  }

  /// Those within the budget by probability, then the others by cost. A model without a known price
  /// is not within any budget.
  private static Route budget(List<Candidate> candidates, double maxCost) {
    Comparator<Candidate> within = Comparator.comparing(c -> !(c.cost() <= maxCost));
    candidates.sort(
        within.thenComparing((a, b) -> (a.cost() <= maxCost ? BEST : CHEAPEST).compare(a, b)));
    Candidate first = candidates.getFirst();
    long count = candidates.stream().filter(c -> c.cost() <= maxCost).count();
    String reason =
        count == 0
            ? "no candidate costs at most %s; this one is the cheapest at %s"
                .formatted(dollars(maxCost), dollars(first.cost()))
            : "best of %d %s within %s: %s at %s"
                .formatted(
                    count,
                    count == 1 ? "candidate" : "candidates",
                    dollars(maxCost),
                    percent(first.probability()),
                    dollars(first.cost()));
    return route(reason, candidates);
  }

  /// By `quality · p − (1 − quality) · cost / (highest known cost)`; a model without a known price
  /// counts as the most expensive one.
  private static Route dial(List<Candidate> candidates, double quality) {
    double highest =
        candidates.stream().mapToDouble(Candidate::cost).filter(Double::isFinite).max().orElse(0);
    ToDoubleFunction<Candidate> value =
        c -> {
          double share = Double.isNaN(c.cost()) ? 1 : highest > 0 ? c.cost() / highest : 0;
          return quality * c.probability() - (1 - quality) * share;
        };
    candidates.sort(Comparator.comparingDouble(value).reversed().thenComparing(BEST));
    Candidate first = candidates.getFirst();
    return route(
        "best value with the dial at %s: %s at %s"
            .formatted(
                String.format(Locale.ROOT, "%.2f", quality),
                percent(first.probability()),
                dollars(first.cost())),
        candidates);
  }

  private static Route route(String reason, List<Candidate> ranked) {
    return new Route(ranked.getFirst().model(), reason, ranked);
  }

  private static String seconds(double seconds) {
    return Double.isNaN(seconds)
        ? "an unknown time"
        : String.format(Locale.ROOT, "%.3g s", seconds);
  }

  static String percent(double probability) {
    long tenths = Math.round(1000 * probability); // a formatter takes longer than the choice
    return tenths / 10 + "." + tenths % 10 + " %";
  }

  /// A probability with all the digits that the user gave: .9999 is not 100 %.
  private static String given(double target) {
    return java.math.BigDecimal.valueOf(target)
            .movePointRight(2)
            .stripTrailingZeros()
            .toPlainString()
        + " %";
  }

  static String dollars(double cost) {
    return Double.isNaN(cost)
        ? "an unknown price"
        : String.format(
            Locale.ROOT,
            "$%s",
            new java.math.BigDecimal(cost)
                .round(new java.math.MathContext(3))
                .stripTrailingZeros()
                .toPlainString());
  }
}
