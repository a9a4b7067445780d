package org.embedllm.app.report;

/// An entry of a [Table].
public sealed interface Cell {
  /// Words.
  record Text(String text) implements Cell {}

  /// A number: in full in a file, as `format` has it on a page; NaN is an empty entry.
  record Value(double value, ValueFormat format) implements Cell {}

  static Cell of(String text) {
    return new Text(text);
  }

  static Cell of(double value, ValueFormat format) {
    return new Value(value, format);
  }

  /// A whole number.
  static Cell count(long value) {
    return new Value(value, ValueFormat.COUNT);
  }
}
