package org.embedllm.correctness;

import java.util.Objects;

/// What an attribute of a question says: a text or a number.
public sealed interface AttributeValue {
  /// A text, such as a language.
  record Text(String value) implements AttributeValue {
    public Text {
      Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /// A finite number, such as a count of tools.
  record Numeric(double value) implements AttributeValue {
    public Numeric {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("an attribute must be a finite number; got " + value);
      }
    }

    /// A whole number is written without a fraction.
    @Override
    public String toString() {
      boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
      return whole ? Long.toString((long) value) : Double.toString(value);
    }
  }
}
