package org.embedllm.app.quickstart;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Chart.Estimate;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import tools.jackson.databind.JsonNode;

/// Accuracies by name, with their intervals, the best first.
final class AccuracyRanking {
  static final Axis ACCURACY = Axis.of("Accuracy (%)", ValueFormat.PERCENT);

  private final Map<String, Estimate> rows = new LinkedHashMap<>();

  /// Takes a number and its interval, where they are known, from an evaluation's JSON.
  AccuracyRanking row(String name, JsonNode parent, String key) {
    if (parent.path(key).isNumber()) {
      rows.put(name, estimate(parent, key));
    }
    return this;
  }

  /// The number at `key` and the interval at `keyInterval`.
  static Estimate estimate(JsonNode parent, String key) {
    JsonNode interval = parent.path(key + "Interval");
    return new Estimate(
        parent.path(key).asDouble(Double.NaN),
        interval.path(0).asDouble(Double.NaN),
        interval.path(1).asDouble(Double.NaN));
  }

  /// @param column heading of the names
  Figure figure(String id, String title, String finding, String caption, String column) {
    List<Map.Entry<String, Estimate>> sorted =
        rows.entrySet().stream()
            .sorted(Comparator.comparingDouble(row -> -row.getValue().value()))
            .toList();
    return new Figure(
        id,
        title,
        finding,
        caption,
        new Chart.Dots(
            ACCURACY,
            sorted.stream().map(Map.Entry::getKey).toList(),
            List.of(new Chart.Row("", sorted.stream().map(Map.Entry::getValue).toList())),
            sorted.stream().map(row -> ValueFormat.PERCENT.show(row.getValue().value())).toList(),
            false),
        table(column, sorted));
  }

  private static Table table(String column, List<Map.Entry<String, Estimate>> sorted) {
    return new Table(
        List.of(
            new Table.Column("name", column),
            new Table.Column("accuracy", "Accuracy"),
            new Table.Column("low", "95 % from"),
            new Table.Column("high", "to")),
        sorted.stream()
            .map(row ->
                List.of(
                    Cell.of(row.getKey()),
                    Cell.of(row.getValue().value(), ValueFormat.PERCENT),
                    Cell.of(row.getValue().low(), ValueFormat.PERCENT),
                    Cell.of(row.getValue().high(), ValueFormat.PERCENT)))
            .toList());
  }
}
