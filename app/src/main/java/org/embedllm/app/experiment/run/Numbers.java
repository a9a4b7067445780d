package org.embedllm.app.experiment.run;

import java.util.List;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.forecast.Estimate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Numbers for JSON, tables and charts.
public final class Numbers {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Numbers() {}

  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  public static ArrayNode array() {
    return JSON.createArrayNode();
  }

  /// A number; null where it is not known.
  public static void put(ObjectNode node, String key, double value) {
    if (Double.isFinite(value)) {
      node.put(key, value);
    } else {
      node.putNull(key);
    }
  }

  /// A number with its sibling `KEYInterval`.
  public static void put(ObjectNode node, String key, Estimate estimate) {
    put(node, key, estimate.value());
    if (Double.isFinite(estimate.interval().low())) {
      node.putArray(key + "Interval")
          .add(estimate.interval().low())
          .add(estimate.interval().high());
    } else {
      node.putNull(key + "Interval");
    }
  }

  /// Numbers; null where one is not known.
  public static ArrayNode array(List<Double> values) {
    ArrayNode array = array();
    for (double value : values) {
      if (Double.isFinite(value)) {
        array.add(value);
      } else {
        array.addNull();
      }
    }
    return array;
  }

  public static Chart.Estimate chart(Estimate estimate) {
    return new Chart.Estimate(
        estimate.value(), estimate.interval().low(), estimate.interval().high());
  }

  /// Three cells: the number and the ends of its interval.
  public static List<Cell> cells(Estimate estimate, ValueFormat format) {
    return List.of(
        Cell.of(estimate.value(), format),
        Cell.of(estimate.interval().low(), format),
        Cell.of(estimate.interval().high(), format));
  }

  /// Columns from pairs of key and title.
  public static List<Table.Column> columns(String... keysAndTitles) {
    return java.util.stream.IntStream.range(0, keysAndTitles.length / 2)
        .mapToObj(k -> new Table.Column(keysAndTitles[2 * k], keysAndTitles[2 * k + 1]))
        .toList();
  }

  /// A fraction as percent, and its interval: `68.6 % (66.0 to 71.2 %)`.
  public static String percent(Estimate estimate) {
    String low = ValueFormat.PERCENT.show(estimate.interval().low()).replace(" %", "");
    return "%s (95 %% interval %s to %s)"
        .formatted(
            ValueFormat.PERCENT.show(estimate.value()),
            low,
            ValueFormat.PERCENT.show(estimate.interval().high()));
  }

  /// A difference of fractions in percentage points, with its sign and interval.
  public static String points(Estimate difference) {
    return "%s points (95 %% interval %s to %s)"
        .formatted(
            signed(difference.value()),
            signed(difference.interval().low()),
            signed(difference.interval().high()));
  }

  private static String signed(double fraction) {
    String text = String.format(java.util.Locale.ROOT, "%+.1f", 100 * fraction);
    return text.replace('-', '−');
  }
}
