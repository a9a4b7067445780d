package org.embedllm.scoring;

import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// LaTeX, Markdown and typography of numbers as plain text: `\frac{1}{2}` is `1/2`, `1½` is `3/2`,
/// `2\sqrt{3}` and `10^{3}` are their values.
final class NumberText {
  private static final Map<Character, String> FRACTIONS =
      Map.of(
          '½', "1/2", '⅓', "1/3", '⅔', "2/3", '¼', "1/4", '¾', "3/4", '⅕', "1/5", '⅛', "1/8", '⅜',
          "3/8", '⅝', "5/8", '⅞', "7/8");
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private static final Pattern VULGAR = Pattern.compile("(?:(\\d+)\\s?)?([½⅓⅔¼¾⅕⅛⅜⅝⅞])");
  private static final Pattern RAISED = Pattern.compile("(?<=\\d)([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)");
  private static final Pattern BARE_FRACTION = Pattern.compile("\\\\[dt]?frac\\s*(\\d)\\s*(\\d)");
  private static final Pattern FRACTION =
      Pattern.compile("(?:(\\d+) *)?\\\\[dt]?frac\\s*\\{([^{}]*)\\}\\s*\\{([^{}]*)\\}");
  private static final Pattern MIXED =
      Pattern.compile("(?<![\\d.,/])(\\d+)(?: | and )(\\d+)/(\\d+)(?![\\d.])");
  private static final Pattern ROOT =
      Pattern.compile(
          "(?:(\\d+(?:\\.\\d+)?) *(?:[×*·] *)?)?(?:\\\\sqrt\\s*(?:\\{\\s*(\\d+(?:\\.\\d+)?)\\s*\\}|(\\d))"
              + "|√\\s*[({]?(\\d+(?:\\.\\d+)?)[)}]?)");
  private static final Pattern PI =
      Pattern.compile("(?:(\\d+(?:\\.\\d+)?) *(?:[×*·] *)?)?(?:\\\\pi(?![A-Za-z])|π)");
  private static final Pattern POWER =
      Pattern.compile(
          "(?<![\\p{L}\\d.,×*])(?<!× ?|\\* ?|x ?)(\\d+)\\s?\\^\\s?[({]?\\s?([-−+]?\\d{1,3})\\s?[)}]?");

  private NumberText() {}

  static String plain(String text) {
    String plain =
        text.replaceAll("\\\\(?:text|mathrm|mathbf|textbf|operatorname)\\s*\\{([^{}]*)\\}", " $1")
            .replaceAll("\\\\(?:times|cdot)", "×")
            .replaceAll("\\^\\s?\\{?\\\\circ\\}?", "°")
            .replaceAll("\\{,\\}", ",")
            .replaceAll("(?<=\\p{L})(?:\\\\[(\\[,;:! ]|~)", " ")
            .replaceAll(
                "\\\\[,;:! ]|~|\\\\quad|\\\\left|\\\\right|\\\\\\(|\\\\\\)|\\\\\\[|\\\\\\]", "")
            .replaceAll("\\\\%", "%");
    plain = values(plain);
    return plain
        .replaceAll("\\\\\\$", "\\$")
        .replaceAll("\\$(?=\\s*(?:[-−]?\\d+[^$]*)\\$)|(?<=\\d)\\$", "")
        .replaceAll("[*_`]{1,2}(?=\\S)|(?<=\\S)[*_`]{1,2}(?!\\d)", "");
  }

  /// Fractions, roots and powers as numbers.
  private static String values(String text) {
    String plain = each(VULGAR, text, m -> whole(m.group(1), FRACTIONS.get(m.group(2).charAt(0))));
    plain = each(RAISED, plain, m -> "^" + lowered(m.group(1)));
    plain = each(ROOT, plain, NumberText::root);
    plain = each(PI, plain, m -> number(factor(m.group(1)) * Math.PI));
    plain = each(BARE_FRACTION, plain, m -> "\\frac{" + m.group(1) + "}{" + m.group(2) + "}");
    plain = each(FRACTION, plain, m -> whole(m.group(1), m.group(2) + "/" + m.group(3)));
    plain = each(MIXED, plain, m -> whole(m.group(1), m.group(2) + "/" + m.group(3)));
    return each(POWER, plain, NumberText::power);
  }

  private static String each(Pattern pattern, String text, Function<MatchResult, String> value) {
    return pattern
        .matcher(text)
        .replaceAll(m -> java.util.regex.Matcher.quoteReplacement(value.apply(m)));
  }

  /// `1` and `1/2` as `3/2`; the fraction where there is nothing before it.
  private static String whole(
      @org.jspecify.annotations.Nullable String before,
      @org.jspecify.annotations.Nullable String fraction) {
    String part = fraction == null ? "" : fraction.replaceAll("\\s", "");
    if (before == null || !part.matches("\\d{1,9}/\\d{1,9}") || before.length() > 9) {
      return (before == null ? "" : before + " ") + part;
    }
    long above = Long.parseLong(part.substring(0, part.indexOf('/')));
    long below = Long.parseLong(part.substring(part.indexOf('/') + 1));
    return above < below
        ? (Long.parseLong(before) * below + above) + "/" + below
        : before + " " + part;
  }

  private static String lowered(String raised) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < raised.length(); i++) {
      char c = raised.charAt(i);
      int digit = SUPERSCRIPTS.indexOf(c);
      text.append(digit >= 0 ? (char) ('0' + digit) : c == '⁻' ? '-' : '+');
    }
    return text.toString();
  }

  private static String root(MatchResult m) {
    String of = m.group(2) != null ? m.group(2) : m.group(3) != null ? m.group(3) : m.group(4);
    return number(factor(m.group(1)) * Math.sqrt(Double.parseDouble(of)));
  }

  private static double factor(@org.jspecify.annotations.Nullable String written) {
    return written == null ? 1 : Double.parseDouble(written);
  }

  private static String power(MatchResult m) {
    int exponent = Integer.parseInt(m.group(2).replace('−', '-'));
    double value = Math.pow(Double.parseDouble(m.group(1)), exponent);
    return Double.isFinite(value) ? number(value) : m.group();
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
