package org.embedllm.source;

import java.util.Locale;

/// Labels and scores as they are written in tables.
public final class Scores {
  /// The result for a value that is no score; NaN means unobserved.
  public static final float NOT_A_SCORE = -1f;

  private Scores() {}

  /// A label: 0, 1, true or false, however the number is written. Nothing, `null`, `NaN` and `NA`
  /// mean that there is no answer.
  ///
  /// @return 0, 1, NaN, or [#NOT_A_SCORE]
  public static float label(String text) {
    float score = plain(text, ScoreScale.UNIT);
    return score == 0f || score == 1f || Float.isNaN(score) ? score : NOT_A_SCORE;
  }

  /// A score in [0, 1], what a label may be, or a word such as `yes`, `pass` or `incorrect`.
  ///
  /// @return the score, NaN where there is no answer, or [#NOT_A_SCORE]
  public static float score(String text) {
    return score(text, ScoreScale.UNIT);
  }

  /// A score on a scale; a word is the scale's best or worst.
  ///
  /// @return a score in [0, 1], NaN where there is no answer, or [#NOT_A_SCORE]
  public static float score(String text, ScoreScale scale) {
    float score = plain(text, scale);
    if (score != NOT_A_SCORE) {
      return score;
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "yes", "pass", "passed", "correct", "right" -> 1f;
      case "no", "fail", "failed", "incorrect", "wrong" -> 0f;
      default -> NOT_A_SCORE;
    };
  }

  /// Whether a text says that there is no value.
  public static boolean isMissing(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "", "nan", "null", "na", "n/a", "none" -> true;
      default -> false;
    };
  }

  /// A number, a truth value, or nothing.
  private static float plain(String text, ScoreScale scale) {
    if (text.length() == 1 && scale.isUnit()) {
      char c = text.charAt(0);
      return c == '0' ? 0f : c == '1' ? 1f : NOT_A_SCORE;
    }
    if (isMissing(text)) {
      return Float.NaN;
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> 1f;
      case "false" -> 0f;
      default -> number(text.strip(), scale);
    };
  }

  private static float number(String text, ScoreScale scale) {
    boolean percent = text.endsWith("%") && scale.high() == 100;
    String number = percent ? text.substring(0, text.length() - 1).strip() : text;
    char last = number.isEmpty() ? ' ' : number.charAt(number.length() - 1);
    if (!(Character.isDigit(last) || last == '.')) {
      return NOT_A_SCORE;
    }
    try {
      return scale.score(Double.parseDouble(number));
    } catch (NumberFormatException e) {
      return NOT_A_SCORE;
    }
  }
}
