package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A number with its unit, as people and models write it.
///
/// @param value as written
/// @param halfLastPlace half a unit of the last decimal place; 0 for a whole number or a fraction
/// @param unit its unit
record Quantity(double value, double halfLastPlace, MeasureUnit unit) {
  private static final double ROUNDING = 1e-13; // of floating-point numbers

  /// Digits in groups of three, with a decimal point, or with a decimal comma.
  private static final String DIGITS =
      "(?:\\d{1,3}(?:\\.\\d{3}){2,}(?!\\d)"
          + "|[1-9]\\d{0,2}(?:[,\\u00a0\\u202f' ]\\d{3})+(?!\\d)(?:\\.\\d+)?"
          + "|(?:0,\\d+|\\d+,(?:\\d{1,2}|\\d{4,}))(?![\\d,.])"
          + "|\\d+(?:\\.\\d+)?|\\.\\d+)";

  private static final String UNIT = "°?[A-Za-zµ]+(?:\\^?\\{?[23²³]\\}?(?!\\d))?";
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<![\\p{L}\\d_.])(?<sign>[-+−]\\s?)?(?<currency>[$€£]\\s?)?"
              + "(?:(?<numerator>"
              + DIGITS
              + ")\\s*/\\s*(?<denominator>\\d+(?:\\.\\d+)?)"
              + "|(?<digits>"
              + DIGITS
              + ")(?:\\s*(?:[eE]|(?:×|\\*|x)\\s*10\\s*\\^)\\s*[({]?(?<exponent>[-+−]?\\d{1,4})(?!\\d)[)}]?)?)"
              + "(?:\\s?(?<scale>thousand|million|billion|trillion)(?![A-Za-z]))?"
              + "(?:\\s?(?<unit>%|"
              + UNIT
              + "(?:\\s?/\\s?"
              + UNIT
              + ")?))?");

  /// The number of a text that is nothing else.
  static Optional<Quantity> only(String text) {
    String plain = NumberText.plain(text).strip().replaceAll("[.;]$", "");
    Matcher matcher = NUMBER.matcher(plain);
    return matcher.lookingAt() && matcher.end() == plain.length() ? of(matcher) : Optional.empty();
  }

  /// The number that a statement gives: behind its last equals sign, else its first.
  static Optional<Quantity> stated(String text) {
    String plain = NumberText.plain(text);
    String first = plain.split("(?<=\\D)\\.\\s|(?<=\\d)\\.\\s", 2)[0];
    int equals = first.lastIndexOf('=');
    List<Quantity> found = all(equals >= 0 ? first.substring(equals + 1) : first);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
  }

  /// The last number of a text.
  static Optional<Quantity> last(String text) {
    List<Quantity> found = all(NumberText.plain(text));
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
  }

  private static List<Quantity> all(String plain) {
    List<Quantity> found = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(plain);
    while (matcher.find()) {
      of(matcher).ifPresent(found::add);
    }
    return found;
  }

  private static Optional<Quantity> of(Matcher m) {
    double sign = m.group("sign") == null || m.group("sign").startsWith("+") ? 1 : -1;
    String written = m.group("currency") != null ? "dollar" : m.group("unit");
    MeasureUnit unit = written == null ? MeasureUnit.NONE : MeasureUnit.of(written);
    double scale = scale(m.group("scale"), m.group("exponent"));
    if (m.group("numerator") != null) {
      double below = Double.parseDouble(m.group("denominator"));
      return below == 0
          ? Optional.empty()
          : Optional.of(new Quantity(sign * scale * digits(m.group("numerator")) / below, 0, unit));
    }
    String digits = m.group("digits");
    int places = places(digits);
    boolean whole = places == 0 && m.group("exponent") == null;
    double half = whole ? 0 : 0.5 * Math.pow(10, -places) * scale;
    double value = sign * digits(digits) * scale;
    return Double.isFinite(value) ? Optional.of(new Quantity(value, half, unit)) : Optional.empty();
  }

  private static double scale(@Nullable String word, @Nullable String exponent) {
    double named =
        switch (word == null ? "" : word) {
          case "thousand" -> 1e3;
          case "million" -> 1e6;
          case "billion" -> 1e9;
          case "trillion" -> 1e12;
          default -> 1;
        };
    return exponent == null
        ? named
        : named * Math.pow(10, Integer.parseInt(exponent.replace('−', '-').replace("+", "")));
  }

  /// Whether the comma is the decimal one.
  private static boolean hasDecimalComma(String text) {
    return text.matches("0,\\d+|\\d+,(?:\\d{1,2}|\\d{4,})");
  }

  private static double digits(String text) {
    String plain = hasDecimalComma(text) ? text.replace(',', '.') : text;
    boolean grouped = plain.matches("\\d{1,3}(?:\\.\\d{3}){2,}");
    return Double.parseDouble(plain.replaceAll(grouped ? "\\D" : "[^\\d.]", ""));
  }

  private static int places(String text) {
    if (text.matches("\\d{1,3}(?:\\.\\d{3}){2,}")) {
      return 0;
    }
    int point = hasDecimalComma(text) ? text.indexOf(',') : text.indexOf('.');
    return point < 0 ? 0 : text.length() - point - 1;
  }

  /// Whether all of its digits are written; a fraction or a root has more.
  boolean isWritten() {
    return value == Math.rint(value) || halfLastPlace > ROUNDING * Math.abs(value);
  }

  /// The value in another quantity's unit; as it is where either has no known unit. A share without
  /// a unit is compared with a percentage as people do: 0.25 is 25 %, and so is 25.
  ///
  /// @return empty where the units are of different kinds
  Optional<Double> in(Quantity other) {
    MeasureUnit wanted = other.unit;
    if (unit.kind().equals("share") != wanted.kind().equals("share")) {
      double asShare = value * unit.factor() / wanted.factor();
      boolean bare = unit.kind().isEmpty() || wanted.kind().isEmpty();
      boolean closer = Math.abs(asShare - other.value) < Math.abs(value - other.value);
      return bare ? Optional.of(closer ? asShare : value) : Optional.empty();
    }
    if (unit.kind().isEmpty() || wanted.kind().isEmpty()) {
      return Optional.of(value);
    }
    return unit.kind().equals(wanted.kind())
        ? Optional.of(value * unit.factor() / wanted.factor())
        : Optional.empty();
  }
}
