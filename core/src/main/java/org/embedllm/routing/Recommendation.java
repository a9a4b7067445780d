package org.embedllm.routing;

import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.forecast.PairedDifference;
import org.embedllm.forecast.QuestionBootstrap;

/// What to use for a pool of models: the one place that says so. Chosen on questions whose
/// forecasts did not see their answers, never on test; its numbers are measured on test.
///
/// 1. The default router stays unless another one is better on validation by more than one standard
///    error of the paired difference; of several the best.
/// 2. That router is recommended where its quality exceeds that of the best single model with 95 %
///    confidence (one-sided, paired).
/// 3. Otherwise routing for cost is, where an [OperatingPoint] saves at least 10 % with 95 %
///    confidence.
/// 4. Otherwise the best single model is. It also is where the router is worse than that model,
///    with 95 % confidence, when the questions are asked as people ask them.
///
/// @param use what to use
/// @param model the single model to use; empty where a router is recommended
/// @param policy of the router, such as `best` or `dial@0.83`; empty where a single model is
///   recommended
/// @param text the same in words, with three numbers
public record Recommendation(
    Use use, Optional<String> model, Optional<String> policy, String text) {
  private static final double WORTH_SAVING = 0.1;

  /// What can be recommended.
  public enum Use {
    /// The default forecaster, for quality.
    ROUTER("router"),
    /// The default forecaster, for cost.
    ROUTER_COST("router-cost"),
    /// One model for everything.
    SINGLE("single"),
    /// The nearest training questions.
    NEIGHBORS("neighbors"),
    /// The table of models and attributes.
    TABLE("table");

    private final String label;

    Use(String label) {
      this.label = label;
    }

    /// Its name in JSON.
    public String label() {
      return label;
    }

    private String words() {
      return switch (this) {
        case ROUTER -> "the router";
        case ROUTER_COST -> "the router, for cost";
        case SINGLE -> "one model";
        case NEIGHBORS -> "the nearest neighbors";
        case TABLE -> "the table of models and attributes";
      };
    }
  }

  /// What routers chose on some questions.
  ///
  /// @param answers what came true
  /// @param training answer counts of the training questions: they name the single best model
  /// @param choices by router, `[n]` the chosen model of each question, −1 without a candidate; the
  ///   default router among them
  public record Trial(
      CorrectnessMatrix answers, AnswerCounts training, Map<Use, List<Integer>> choices) {
    public Trial {
      choices = Map.copyOf(choices);
      if (!choices.containsKey(Use.ROUTER)) {
        throw new IllegalArgumentException("the default router is always among the routers");
      }
    }

    /// Right answers of a router minus those of the best single model on each question; NaN without
    /// a candidate.
    private double[] gains(Use use) {
      SingleBest single = SingleBest.overall(training);
      List<Integer> own = choices.getOrDefault(use, List.of());
      double[] gains = new double[answers.questionCount()];
      for (int j = 0; j < gains.length; j++) {
        int base = single.model(answers, j).orElse(-1);
        gains[j] =
            own.isEmpty() || own.get(j) < 0 || base < 0
                ? Double.NaN
                : right(own.get(j), j) - right(base, j);
      }
      return gains;
    }

    private double right(int model, int question) {
      return CorrectnessMatrix.isCorrect(answers.score(model, question)) ? 1 : 0;
    }

    private double accuracyOfSingleBest() {
      SingleBest single = SingleBest.overall(training);
      double right = 0;
      int count = 0;
      for (int j = 0; j < answers.questionCount(); j++) {
        int model = single.model(answers, j).orElse(-1);
        right += model < 0 ? 0 : right(model, j);
        count += model < 0 ? 0 : 1;
      }
      return count == 0 ? Double.NaN : right / count;
    }
  }

  /// Recommends.
  ///
  /// @param evidence questions to choose on; the first that has other routers too is where these
  ///   are compared
  /// @param asAsked some of these questions in other forms, one trial for each form; none where
  ///   they were not asked again
  /// @param test where the recommendation is measured
  /// @param cheaper what routing for cost promises, where costs are known
  /// @param quantity what the scores are
  /// @param seed of the resamples
  public static Recommendation of(
      List<Trial> evidence,
      List<Trial> asAsked,
      Trial test,
      Optional<CostCurve.AtOperatingPoint> cheaper,
      ForecastQuantity quantity,
      long seed) {
    Use router = router(evidence);
    PairedDifference asked = PairedDifference.of(meanGains(asAsked, router));
    boolean holds = !(asked.upperBound() < 0);
    double[] gains = gains(evidence, router);
    PairedDifference found = PairedDifference.of(gains);
    String single = test.training().models().get(SingleBest.overall(test.training()).model());
    Estimate measured =
        new QuestionBootstrap(test.answers().questionCount(), QuestionBootstrap.RESAMPLES, seed)
            .meanDifference(test.gains(router));
    if (holds && found.lowerBound() > 0) {
      return new Recommendation(
          router,
          Optional.empty(),
          Optional.of("best"),
          "Route for quality with %s: on test it is %s than %s alone. It was chosen on %,d other questions: %s.%s"
              .formatted(
                  router.words(),
                  difference(measured),
                  single,
                  found.questions(),
                  bound(found),
                  asAsked(asked)));
    }
    if (holds && cheaper.isPresent() && cheaper.get().promise().savingBound() >= WORTH_SAVING) {
      CostCurve.AtOperatingPoint point = cheaper.get();
      return new Recommendation(
          Use.ROUTER_COST,
          Optional.empty(),
          Optional.of(point.point().policy()),
          "Route for cost with %s: %s. It was chosen on %,d other questions: %s."
              .formatted(
                  point.point().policy(),
                  onTest(point, single),
                  point.promise().quality().questions(),
                  bound(point.promise().quality())));
    }
    return new Recommendation(
        Use.SINGLE,
        Optional.of(single),
        Optional.empty(),
        "Use %s alone: on test it is %s on %s. %s is %s on test; %s.%s"
            .formatted(
                single,
                quantity.adjective(),
                percent(test.accuracyOfSingleBest()),
                sentence(router.words()),
                difference(measured),
                found.questions() == 0
                    ? "there are no other questions to choose on"
                    : "%,d other questions do not show that it is better: %s"
                        .formatted(found.questions(), bound(found)),
                asAsked(asked)));
  }

  /// What a setting for cost does on test, in words.
  public static String onTest(CostCurve.AtOperatingPoint point, String single) {
    return "on test it costs %s less than %s alone (%s to %s) and is %s"
        .formatted(
            percent(point.saved().value()),
            single,
            percent(point.saved().interval().low()),
            percent(point.saved().interval().high()),
            difference(point.difference()));
  }

  static Use router(List<Trial> evidence) {
    Map<Use, PairedDifference> better = new EnumMap<>(Use.class);
    for (Use use : List.of(Use.NEIGHBORS, Use.TABLE)) {
      double[] differences =
          evidence.stream()
              .filter(trial -> trial.choices().containsKey(use))
              .flatMapToDouble(trial -> {
                double[] own = trial.gains(use);
                double[] router = trial.gains(Use.ROUTER);
                return IntStream.range(0, own.length).mapToDouble(j -> own[j] - router[j]);
              })
              .toArray();
      PairedDifference over = PairedDifference.of(differences);
      if (over.center() > over.standardError()) {
        better.put(use, over);
      }
    }
    return better.entrySet().stream()
        .max(Map.Entry.comparingByValue(Comparator.comparingDouble(PairedDifference::center)))
        .map(Map.Entry::getKey)
        .orElse(Use.ROUTER);
  }

  private static double[] gains(List<Trial> evidence, Use router) {
    return evidence.stream()
        .filter(trial -> trial.choices().containsKey(router))
        .flatMapToDouble(trial -> Arrays.stream(trial.gains(router)))
        .toArray();
  }

  /// Gains on each question, mean over its forms.
  private static double[] meanGains(List<Trial> forms, Use router) {
    List<double[]> gains = forms.stream().map(form -> form.gains(router)).toList();
    int n = gains.isEmpty() ? 0 : gains.getFirst().length;
    return IntStream.range(0, n)
        .mapToDouble(j -> gains.stream().mapToDouble(g -> g[j]).average().orElse(Double.NaN))
        .toArray();
  }

  private static String asAsked(PairedDifference asked) {
    return asked.questions() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " As people ask, it is %+.1f points on %,d of these.",
            100 * asked.value(),
            asked.questions());
  }

  private static String difference(Estimate points) {
    double value = 100 * points.value();
    return String.format(
        Locale.ROOT,
        "%.1f points %s (95 %% interval %+.1f to %+.1f)",
        Math.abs(value),
        value >= 0 ? "better" : "worse",
        100 * points.interval().low(),
        100 * points.interval().high());
  }

  private static String bound(PairedDifference found) {
    return String.format(
        Locale.ROOT,
        "%+.1f points, at least %+.1f with 95 %% confidence",
        100 * found.value(),
        100 * found.lowerBound());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }
}
