package org.embedllm.source;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.storage.BadInputException;

/// The range that scores are written in; it is mapped to [0, 1].
///
/// @param low the worst score
/// @param high the best score, above `low`
public record ScoreScale(double low, double high) {
  /// Scores between 0 and 1.
  public static final ScoreScale UNIT = new ScoreScale(0, 1);

  private static final Pattern FORM =
      Pattern.compile("\\s*([+-]?[0-9.]+)\\s*\\.\\.\\s*([+-]?[0-9]+(?:\\.[0-9]+)?)\\s*");

  public ScoreScale {
    if (!(low < high)) {
      throw new IllegalArgumentException("low must be below high; got %s..%s".formatted(low, high));
    }
  }

  /// A scale written as `LOW..HIGH`, such as `0..100`.
  ///
  /// @throws BadInputException when the text is something else
  public static ScoreScale parse(String text) {
    Matcher matcher = FORM.matcher(text);
    try {
      if (matcher.matches()) {
        return new ScoreScale(
            Double.parseDouble(matcher.group(1)), Double.parseDouble(matcher.group(2)));
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the same error as any other text.
    }
    throw BadInputException.of(
        "--scale is LOW..HIGH such as 0..100 or 1..10, LOW below HIGH; got \"" + text + "\"");
  }

  /// Whether scores are taken as they are.
  public boolean isUnit() {
    return low == 0 && high == 1;
  }

  /// A number on the scale as a score in [0, 1], or [Scores#NOT_A_SCORE] where it is outside.
  public float score(double number) {
    return number >= low && number <= high
        ? (float) Math.abs((number - low) / (high - low))
        : Scores.NOT_A_SCORE;
  }

  @Override
  public String toString() {
    return number(low) + ".." + number(high);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
