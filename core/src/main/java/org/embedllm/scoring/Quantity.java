package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number with its unit, as people and models write it.
///
/// @param value as written
/// @param halfLastPlace half a unit of the last decimal place; 0 for a whole number or a fraction
/// @param unit as written, without a plural; empty where there is none
record Quantity(double value, double halfLastPlace, String unit) {
  private record Unit(String kind, double factor) {}

  private static final Map<String, Unit> UNITS =
      Map.ofEntries(
          Map.entry("mm", new Unit("length", 1e-3)),
          Map.entry("cm", new Unit("length", 1e-2)),
          Map.entry("m", new Unit("length", 1)),
          Map.entry("meter", new Unit("length", 1)),
          Map.entry("metre", new Unit("length", 1)),
          Map.entry("km", new Unit("length", 1e3)),
          Map.entry("inch", new Unit("length", 0.0254)),
          Map.entry("ft", new Unit("length", 0.3048)),
          Map.entry("mile", new Unit("length", 1609.344)),
          Map.entry("mg", new Unit("mass", 1e-6)),
          Map.entry("g", new Unit("mass", 1e-3)),
          Map.entry("gram", new Unit("mass", 1e-3)),
          Map.entry("kg", new Unit("mass", 1)),
          Map.entry("lb", new Unit("mass", 0.45359237)),
          Map.entry("ml", new Unit("volume", 1e-3)),
          Map.entry("l", new Unit("volume", 1)),
          Map.entry("liter", new Unit("volume", 1)),
          Map.entry("litre", new Unit("volume", 1)),
          Map.entry("ms", new Unit("time", 1e-3)),
          Map.entry("s", new Unit("time", 1)),
          Map.entry("second", new Unit("time", 1)),
          Map.entry("min", new Unit("time", 60)),
          Map.entry("minute", new Unit("time", 60)),
          Map.entry("h", new Unit("time", 3600)),
          Map.entry("hour", new Unit("time", 3600)),
          Map.entry("day", new Unit("time", 86_400)),
          Map.entry("j", new Unit("energy", 1)),
          Map.entry("kj", new Unit("energy", 1e3)),
          Map.entry("hz", new Unit("frequency", 1)),
          Map.entry("khz", new Unit("frequency", 1e3)),
          Map.entry("pa", new Unit("pressure", 1)),
          Map.entry("kpa", new Unit("pressure", 1e3)),
          Map.entry("cent", new Unit("money", 0.01)),
          Map.entry("dollar", new Unit("money", 1)),
          Map.entry("usd", new Unit("money", 1)),
          Map.entry("%", new Unit("share", 0.01)),
          Map.entry("percent", new Unit("share", 0.01)));

  private static final String DIGITS =
      "(?:\\d{1,3}(?:[,\\u00a0\\u202f' ]\\d{3})+(?!\\d)(?:\\.\\d+)?|\\d+(?:\\.\\d+)?|\\.\\d+)";
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<![\\p{L}\\d_.])(?<sign>[-+−]\\s?)?(?<currency>[$€£]\\s?)?"
              + "(?:(?<numerator>"
              + DIGITS
              + ")\\s*/\\s*(?<denominator>\\d+(?:\\.\\d+)?)"
              + "|(?<digits>"
              + DIGITS
              + ")(?:\\s*(?:[eE]|(?:×|\\*|x)\\s*10\\s*\\^)\\s*[({]?(?<exponent>[-+−]?\\d+)[)}]?)?)"
              + "(?:\\s?(?<unit>%|°?[A-Za-zµ]+))?");

  /// The number of a text that is nothing else.
  static Optional<Quantity> only(String text) {
    String plain = plain(text).strip().replaceAll("[.;]$", "");
    Matcher matcher = NUMBER.matcher(plain);
    return matcher.lookingAt() && matcher.end() == plain.length() ? of(matcher) : Optional.empty();
  }

  /// The number that a statement gives: behind its last equals sign, else its first.
  static Optional<Quantity> stated(String text) {
    String plain = plain(text);
    String first = plain.split("(?<=\\D)\\.\\s|(?<=\\d)\\.\\s", 2)[0];
    int equals = first.lastIndexOf('=');
    List<Quantity> found = all(equals >= 0 ? first.substring(equals + 1) : first);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
  }

  /// The last number of a text.
  static Optional<Quantity> last(String text) {
    List<Quantity> found = all(plain(text));
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
    String unit = m.group("currency") != null ? "dollar" : unit(m.group("unit"));
    if (m.group("numerator") != null) {
      double below = Double.parseDouble(m.group("denominator"));
      return below == 0
          ? Optional.empty()
          : Optional.of(new Quantity(sign * digits(m.group("numerator")) / below, 0, unit));
    }
    String digits = m.group("digits");
    String exponent = m.group("exponent");
    double scale =
        exponent == null
            ? 1
            : Math.pow(10, Integer.parseInt(exponent.replace('−', '-').replace("+", "")));
    int point = digits.indexOf('.');
    int places = point < 0 ? 0 : digits.length() - point - 1;
    double half = places == 0 && exponent == null ? 0 : 0.5 * Math.pow(10, -places) * scale;
    double value = sign * digits(digits) * scale;
    return Double.isFinite(value) ? Optional.of(new Quantity(value, half, unit)) : Optional.empty();
  }

  private static double digits(String text) {
    return Double.parseDouble(text.replaceAll("[^\\d.]", ""));
  }

  private static String unit(@org.jspecify.annotations.Nullable String written) {
    if (written == null) {
      return "";
    }
    String unit = written.toLowerCase(java.util.Locale.ROOT);
    if (UNITS.containsKey(unit)) {
      return unit;
    }
    String single =
        unit.endsWith("es") && unit.equals("inches") ? "inch" : unit.replaceAll("s$", "");
    return UNITS.containsKey(single) ? single : "";
  }

  /// The value in another quantity's unit; as it is where either has no known unit. A share without
  /// a unit is compared with a percentage as people do: 0.25 is 25 %, and so is 25.
  ///
  /// @return empty where the units are of different kinds
  Optional<Double> in(Quantity other) {
    Unit own = UNITS.getOrDefault(unit, new Unit("", 1));
    Unit wanted = UNITS.getOrDefault(other.unit, new Unit("", 1));
    if (own.kind().equals("share") != wanted.kind().equals("share")) {
      double asShare = value * own.factor() / wanted.factor();
      boolean bare = own.kind().isEmpty() || wanted.kind().isEmpty();
      boolean closer = Math.abs(asShare - other.value) < Math.abs(value - other.value);
      return bare ? Optional.of(closer ? asShare : value) : Optional.empty();
    }
    if (own.kind().isEmpty() || wanted.kind().isEmpty()) {
      return Optional.of(value);
    }
    return own.kind().equals(wanted.kind())
        ? Optional.of(value * own.factor() / wanted.factor())
        : Optional.empty();
  }

  /// LaTeX and Markdown as plain text: fractions, powers of ten, separators.
  private static String plain(String text) {
    return text.replaceAll("\\\\[dt]?frac\\s*\\{([^{}]*)\\}\\s*\\{([^{}]*)\\}", "$1/$2")
        .replaceAll("\\\\(?:text|mathrm|mathbf|textbf|operatorname)\\s*\\{([^{}]*)\\}", " $1")
        .replaceAll("\\\\(?:times|cdot)", "×")
        .replaceAll("\\{,\\}", ",")
        .replaceAll("\\\\[,;:! ]|~|\\\\quad|\\\\left|\\\\right|\\\\\\(|\\\\\\)|\\\\\\[|\\\\\\]", "")
        .replaceAll("\\\\%", "%")
        .replaceAll("\\\\\\$", "\\$")
        .replaceAll("\\$(?=\\s*(?:[-−]?\\d+[^$]*)\\$)|(?<=\\d)\\$", "")
        .replaceAll("[*_`]{1,2}(?=\\S)|(?<=\\S)[*_`]{1,2}(?!\\d)", "");
  }
}
