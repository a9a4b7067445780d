package org.embedllm.routing;

import java.util.List;
import java.util.Optional;
import org.embedllm.forecast.PairedDifference;

/// A setting of the dial that promises to cost less than always calling the best single model, at a
/// quality that is no lower. Chosen on questions whose forecasts did not see their answers.
///
/// Settings are tested in a fixed order, from quality alone towards price alone, each with a
/// one-sided paired 95 % bound, until one fails; the last that passed is taken. So the promise of
/// quality is wrong with a probability of at most 5 %, however many settings there are (fixed
/// sequence testing; Angelopoulos et al., 2021, Learn then test). Where no setting passes, the same
/// is tried with a quality at most one point lower.
///
/// What a setting saves follows from the choices of the forecaster that is served. Those of the
/// cross-fitted forecasts differ, because their model vectors have seen fewer answers. So the
/// saving is measured on validation questions alone, and a setting whose saving has no positive
/// bound there is not promised.
///
/// @param dial quality of [RoutingPolicy.Dial]
/// @param tolerance what the promised quality may lie below that of the best single model: 0 or .01
/// @param quality quality of the setting minus that of the best single model, on the questions it
///   was chosen on
/// @param saving share of the best single model's cost that it saves on validation questions
/// @param savingBound one-sided 95 % lower bound of that share, positive
public record OperatingPoint(
    double dial, double tolerance, PairedDifference quality, double saving, double savingBound) {
  /// The tolerances that are tried, in this order.
  static final List<Double> TOLERANCES = List.of(0.0, 0.01);

  /// The cheapest setting that keeps its promise with 95 % confidence.
  ///
  /// @param evidence questions to choose on, with forecasts that did not see their answers; first
  ///   the validation questions, where there are some
  /// @param dials settings, from quality alone to price alone
  /// @return empty where no setting does, or the best single model costs nothing
  static Optional<OperatingPoint> choose(List<PricedForecasts> evidence, List<Double> dials) {
    for (double tolerance : TOLERANCES) {
      Optional<OperatingPoint> last = Optional.empty();
      for (double dial : dials) {
        Comparison comparison = Comparison.of(evidence, dial);
        if (!(comparison.quality().lowerBound() >= -tolerance)) {
          break;
        }
        Saving saving = Comparison.of(evidence.subList(0, 1), dial).saving();
        if (saving.lowerBound() > 0) {
          last =
              Optional.of(
                  new OperatingPoint(
                      dial, tolerance, comparison.quality(), saving.value(), saving.lowerBound()));
        }
      }
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  /// What the setting does on other questions.
  Comparison on(PricedForecasts questions) {
    return Comparison.of(List.of(questions), dial);
  }

  /// Whether these questions contradict what was promised: of quality, or of cost.
  boolean brokenOn(PricedForecasts questions) {
    Comparison found = on(questions);
    return found.quality().breaks(-tolerance) || found.saving().breaks(savingBound);
  }

  /// A setting beside the best single model.
  ///
  /// @param quality difference of quality, paired
  /// @param saving share of cost saved
  record Comparison(PairedDifference quality, Saving saving) {
    static Comparison of(List<PricedForecasts> parts, double dial) {
      Pairs pairs = new Pairs();
      for (PricedForecasts part : parts) {
        pairs.add(part, part.dial(dial, part.priced()), part.singleBest());
      }
      return new Comparison(pairs.quality(), pairs.saving());
    }
  }
}
