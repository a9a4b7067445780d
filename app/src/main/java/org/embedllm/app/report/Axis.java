package org.embedllm.app.report;

import java.util.OptionalDouble;

/// An axis of a chart.
///
/// @param title the measured quantity, with its unit in parentheses
/// @param format how its values read
/// @param logarithmic whether equal steps are equal factors
/// @param low its start; empty for the start of the data
/// @param high its end; empty for the end of the data
public record Axis(
    String title,
    ValueFormat format,
    boolean logarithmic,
    OptionalDouble low,
    OptionalDouble high) {
  public static Axis of(String title, ValueFormat format) {
    return new Axis(title, format, false, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /// The same with equal steps for equal factors.
  public Axis asLogarithmic() {
    return new Axis(title, format, true, low, high);
  }

  /// The same from `start` to `end` at least.
  public Axis covering(double start, double end) {
    return new Axis(title, format, logarithmic, OptionalDouble.of(start), OptionalDouble.of(end));
  }
}
