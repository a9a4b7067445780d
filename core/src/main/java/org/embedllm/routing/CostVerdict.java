package org.embedllm.routing;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.embedllm.forecast.Estimate;

/// Whether routing is worth it, and why.
///
/// Route where the 95 % interval of the gain over the single best model is above 0, or where its
/// quality is kept (interval of the difference not wholly below 0) for at most 90 % of its cost.
///
/// @param route whether to
/// @param text the same in words, with its evidence
record CostVerdict(boolean route, String text) {
  private static final double WORTH_SAVING = 0.1;

  /// @param single the single best model, always called
  /// @param best routed by quality alone
  /// @param matched the cheapest setting that is as good as the single best model on validation
  /// @param saved share of the single best model's cost that it saves; empty where there is none
  /// @param differences quality of `best` and of `matched` minus that of `single`, paired
  static CostVerdict of(
      CostCurve.Point single,
      CostCurve.Point best,
      CostCurve.Point matched,
      OptionalDouble saved,
      List<Estimate> differences) {
    Estimate gain = differences.get(0);
    Estimate held = differences.get(1);
    String evidence =
        String.format(
            Locale.ROOT,
            "on test questions routing answers %.1f %% correctly, %s alone %.1f %%: a difference of %s",
            100 * best.quality(),
            single.policy(),
            100 * single.quality(),
            points(gain));
    if (gain.interval().low() > 0) {
      return new CostVerdict(true, "route for quality: " + evidence);
    }
    String costs =
        saved.isEmpty()
            ? notSaved(single)
            : String.format(
                Locale.ROOT,
                "%s, as good as it on validation, costs %.0f %% %s on test at %.1f %% right answers (%s)",
                matched.policy(),
                100 * Math.abs(saved.getAsDouble()),
                saved.getAsDouble() >= 0 ? "less" : "more",
                100 * matched.quality(),
                points(held));
    return saved.orElse(0) >= WORTH_SAVING && held.interval().high() >= 0
        ? new CostVerdict(true, "route for cost: " + costs + "; " + evidence)
        : new CostVerdict(
            false, "do not route, use %s: ".formatted(single.policy()) + evidence + "; " + costs);
  }

  /// Why nothing is saved at the single best model's quality.
  static String notSaved(CostCurve.Point single) {
    return single.cost() > 0
        ? "no setting of the dial is as good as %s on validation questions"
            .formatted(single.policy())
        : single.policy() + " costs nothing";
  }

  private static String points(Estimate difference) {
    return String.format(
        Locale.ROOT,
        "%+.1f points (95 %% interval %+.1f to %+.1f)",
        100 * difference.value(),
        100 * difference.interval().low(),
        100 * difference.interval().high());
  }
}
