package org.embedllm.source;

import java.util.Locale;

/// Labels and scores as they are written in tables.
public final class Scores {
  /// The result for a value that is no score; NaN means unobserved.
  public static final float NOT_A_SCORE = -1f;

  private Scores() {}

  /// A label: 0, 1, true or false, however the number is written. Nothing, `null` and `NaN` mean
  /// that there is no answer.
  ///
  /// @return 0, 1, NaN, or [#NOT_A_SCORE]
  public static float label(String text) {
    float score = score(text);
    return score == 0f || score == 1f || Float.isNaN(score) ? score : NOT_A_SCORE;
  }

  /// A score in [0, 1], or what a label may be.
  ///
  /// @return the score, NaN where there is no answer, or [#NOT_A_SCORE]
  public static float score(String text) {
    if (text.length() == 1) {
      char c = text.charAt(0);
      return c == '0' ? 0f : c == '1' ? 1f : NOT_A_SCORE;
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "", "nan", "null" -> Float.NaN;
      case "true" -> 1f;
      case "false" -> 0f;
      default -> number(text.strip());
    };
  }

  /// A number as a score: kept in [0, 1], anything else is [#NOT_A_SCORE].
  public static float of(double number) {
    return number >= 0 && number <= 1 ? (float) Math.abs(number) : NOT_A_SCORE;
  }

  private static float number(String text) {
    char last = text.charAt(text.length() - 1);
    if (!(Character.isDigit(last) || last == '.')) {
      return NOT_A_SCORE;
    }
    try {
      return of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return NOT_A_SCORE;
    }
  }
}
