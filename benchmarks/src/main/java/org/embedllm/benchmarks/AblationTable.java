package org.embedllm.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Rows of an ablation as tables in Markdown: means over the splits, and differences with their 95
/// % intervals over the splits (paired, Student's t).
final class AblationTable {
  private static final double[] STUDENT_95 = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20
  };

  private final Map<String, Map<String, AblationRow>> bySystem = new LinkedHashMap<>();

  /// @param rows of all forecasters; those of the supplied split are left out where there are seeds
  AblationTable(List<AblationRow> rows, boolean supplied) {
    for (AblationRow row : rows) {
      if (row.split().equals(ForecasterAblation.SUPPLIED) == supplied) {
        bySystem
            .computeIfAbsent(row.forecaster(), s -> new LinkedHashMap<>())
            .put(row.split(), row);
      }
    }
  }

  /// Each forecaster beside the text only, the table and the published method on the same texts.
  void print(PrintStream out) {
    out.println(
        "| forecaster | accuracy | − text only | − table | − published | log loss | − text only | − table | − published | calibration error (if perfect) | router − single best | most called | seconds | splits |");
    out.println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    bySystem.forEach((name, rows) -> {
      String form = name.endsWith(ForecasterAblation.AS_ASKED) ? ForecasterAblation.AS_ASKED : "";
      out.printf(
          Locale.ROOT,
          "| %s | %.4f | %s | %s | %s | %.4f | %s | %s | %s | %.3f (%.3f) | %s | %.2f | %.0f | %d |%n",
          name,
          mean(rows, AblationRow::accuracy),
          difference(rows, ForecasterAblation.TEXT + form, AblationRow::accuracy),
          difference(rows, ForecasterAblation.TABLE + form, AblationRow::accuracy),
          difference(rows, ForecasterAblation.PUBLISHED + form, AblationRow::accuracy),
          mean(rows, AblationRow::logLoss),
          difference(rows, ForecasterAblation.TEXT + form, AblationRow::logLoss),
          difference(rows, ForecasterAblation.TABLE + form, AblationRow::logLoss),
          difference(rows, ForecasterAblation.PUBLISHED + form, AblationRow::logLoss),
          mean(rows, AblationRow::calibration),
          mean(rows, AblationRow::ifPerfect),
          interval(rows.values().stream().map(AblationRow::gain).toList()),
          mean(rows, AblationRow::share),
          mean(rows, AblationRow::seconds),
          rows.size());
    });
    bySystem.forEach((name, rows) -> worst(out, name, rows));
  }

  /// The split with the worst router relative to the single best model.
  private static void worst(PrintStream out, String name, Map<String, AblationRow> rows) {
    AblationRow worst =
        rows.values().stream()
            .min(java.util.Comparator.comparingDouble(AblationRow::gain))
            .orElseThrow();
    long below = rows.values().stream().filter(r -> r.gainHigh() < 0).count();
    out.printf(
        Locale.ROOT,
        "%s: router − single best at worst %+.4f (%+.4f to %+.4f, split %s); below it by more than the interval in %d of %d splits%n",
        name,
        worst.gain(),
        worst.gainLow(),
        worst.gainHigh(),
        worst.split(),
        below,
        rows.size());
  }

  private static double mean(Map<String, AblationRow> rows, ToDoubleFunction<AblationRow> measure) {
    return rows.values().stream().mapToDouble(measure).average().orElse(Double.NaN);
  }

  /// Paired over the splits that both have.
  private String difference(
      Map<String, AblationRow> rows, String other, ToDoubleFunction<AblationRow> measure) {
    Map<String, AblationRow> base = bySystem.getOrDefault(other, Map.of());
    List<Double> differences = new ArrayList<>();
    rows.forEach((split, row) -> {
      AblationRow paired = base.get(split);
      if (paired != null) {
        differences.add(measure.applyAsDouble(row) - measure.applyAsDouble(paired));
      }
    });
    return interval(differences);
  }

  private static String interval(List<Double> values) {
    int n = values.size();
    if (n == 0) {
      return "";
    }
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    if (n == 1) {
      return String.format(Locale.ROOT, "%+.4f", mean);
    }
    double square = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    double t = STUDENT_95[Math.min(STUDENT_95.length, n - 1) - 1];
    return String.format(Locale.ROOT, "%+.4f ± %.4f", mean, t * Math.sqrt(square / (n - 1) / n));
  }
}
