package org.embedllm.app.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// The positions of an axis's values on the page, and its labels.
///
/// @param axis its title and format
/// @param low value at `start`, in units of the axis (percent, not fraction)
/// @param high value at `end`
/// @param start coordinate of `low`
/// @param end coordinate of `high`
record AxisScale(Axis axis, double low, double high, double start, double end) {
  private static final double MARGIN = 0.04;
  private static final double SMALLEST_PLAIN = 1e-6; // written with all its zeros

  /// A scale that holds the given values.
  static AxisScale over(Axis axis, double[] values, double start, double end) {
    double[] shown =
        DoubleStream.of(values)
            .filter(Double::isFinite)
            .filter(v -> !axis.logarithmic() || v > 0)
            .map(axis.format()::onAxis)
            .toArray();
    double low = DoubleStream.of(shown).min().orElse(axis.logarithmic() ? 1 : 0);
    double high = DoubleStream.of(shown).max().orElse(axis.logarithmic() ? 10 : 1);
    if (axis.low().isPresent()) {
      low = Math.min(low, axis.format().onAxis(axis.low().getAsDouble()));
    }
    if (axis.high().isPresent()) {
      high = Math.max(high, axis.format().onAxis(axis.high().getAsDouble()));
    }
    if (axis.logarithmic()) {
      double factor = Math.max(1.05, Math.pow(high / low, MARGIN));
      return new AxisScale(axis, low / factor, high * factor, start, end);
    }
    if (low == high) {
      double margin = low == 0 ? 1 : Math.abs(low) * 0.1;
      return new AxisScale(axis, low - margin, high + margin, start, end);
    }
    double margin = (high - low) * MARGIN;
    boolean fixedLow = axis.low().isPresent() && low == onAxis(axis, axis.low().getAsDouble());
    boolean fixedHigh = axis.high().isPresent() && high == onAxis(axis, axis.high().getAsDouble());
    return new AxisScale(
        axis, fixedLow ? low : low - margin, fixedHigh ? high : high + margin, start, end);
  }

  private static double onAxis(Axis axis, double value) {
    return axis.format().onAxis(value);
  }

  /// The coordinate of a value.
  double at(double value) {
    return atShown(axis.format().onAxis(value));
  }

  private double atShown(double shown) {
    double share =
        axis.logarithmic()
            ? Math.log(shown / low) / Math.log(high / low)
            : (shown - low) / (high - low);
    return start + share * (end - start);
  }

  /// A labeled value.
  record Tick(double at, String label) {}

  /// About one tick for each `spacing` of length.
  List<Tick> ticks(double spacing) {
    int wanted = Math.max(3, (int) (Math.abs(end - start) / spacing));
    return axis.logarithmic() ? logarithmicTicks(wanted) : linearTicks(wanted);
  }

  private List<Tick> linearTicks(int wanted) {
    double rough = (high - low) / wanted;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power * 10;
    for (double candidate : new double[] {1, 2, 2.5, 5}) {
      if (candidate * power >= rough * 0.999) {
        step = candidate * power;
        break;
      }
    }
    int decimals = decimals(step);
    List<Tick> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      double value = k * step;
      String label = String.format(Locale.ROOT, "%,." + decimals + "f", k == 0 ? 0.0 : value);
      ticks.add(new Tick(atShown(value), label.replace('-', '−')));
    }
    return ticks;
  }

  private static int decimals(double step) {
    for (int decimals = 0; decimals < 8; decimals++) {
      double scaled = step * Math.pow(10, decimals);
      if (Math.abs(scaled - Math.rint(scaled)) < 1e-6) {
        return decimals;
      }
    }
    return 8;
  }

  private List<Tick> logarithmicTicks(int wanted) {
    double[][] ladders = {{1, 2, 5}, {1, 3}, {1}};
    List<Tick> ticks = new ArrayList<>();
    for (double[] ladder : ladders) {
      ticks = new ArrayList<>();
      for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) <= high; power++) {
        for (double digit : ladder) {
          double value = digit * Math.pow(10, power);
          if (value >= low && value <= high) {
            ticks.add(new Tick(atShown(value), shortNumber(value)));
          }
        }
      }
      if (ticks.size() <= wanted + 1) {
        return ticks;
      }
    }
    return ticks;
  }

  private static String shortNumber(double value) {
    if (value >= 1e6) {
      return Markup.number(value / 1e6) + "M";
    }
    if (value >= 1e3) {
      return Markup.number(value / 1e3) + "K";
    }
    if (value >= 0.01) {
      return Markup.number(value);
    }
    return value >= SMALLEST_PLAIN
        ? BigDecimal.valueOf(value).round(new MathContext(2)).stripTrailingZeros().toPlainString()
        : String.format(Locale.ROOT, "%.0e", value);
  }
}
