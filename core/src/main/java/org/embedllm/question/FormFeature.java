package org.embedllm.question;

import java.util.Set;
import java.util.function.ToDoubleFunction;

/// One measurement of a text's form, brought to 0 to 1 between a low and a high value that few
/// texts lie beyond.
enum FormFeature {
  LENGTH(3.5, 8, form -> StrictMath.log1p(form.text().length())),
  STEM_LENGTH(3.5, 8, form -> StrictMath.log1p(form.stem().length())),
  ITEMS(0, 10, form -> form.items().size()),
  ITEM_LENGTH(0, 5.5, form -> StrictMath.log1p(form.meanItemLength())),
  ITEM_LENGTH_SPREAD(0, 4.5, form -> StrictMath.log1p(form.itemLengthSpread())),
  NUMERIC_ITEMS(0, 1, TextForm::numericItems),
  DIGITS(0, 0.5, form -> form.share(FormFeature::isDigit)),
  UPPER_CASE(0, 0.4, form -> form.share(c -> c >= 'A' && c <= 'Z')),
  BACKSLASHES(0, 0.3, form -> form.share(c -> c == '\\')),
  DOLLARS(0, 0.2, form -> form.share(c -> c == '$')),
  BEYOND_ASCII(0, 0.3, form -> form.share(c -> c > 127)),
  LINES(0, 0.3, form -> form.share(c -> c == '\n')),
  STEM_DIGITS(
      0, 4.5, form -> StrictMath.log1p(form.stem().chars().filter(FormFeature::isDigit).count())),
  SENTENCES(0, 3.5, form -> StrictMath.log1p(form.stemSentences())),
  NEGATION(0, 1, form -> is(form.has(Words.NEGATIONS))),
  PRONOUNS(0, 0.35, form -> form.wordShare(Words.PRONOUNS)),
  BRACKETS(0, 0.35, form -> form.share(c -> "()[]{}".indexOf(c) >= 0)),
  OPERATORS(0, 0.35, form -> form.share(c -> "=+*/^<>".indexOf(c) >= 0)),
  DISTINCT_ITEMS(0, 2.5, form -> StrictMath.log1p(form.distinctItems())),
  COMMAS(0, 0.25, form -> form.share(c -> c == ',' || c == ';')),
  QUESTION_MARK(0, 1, form -> is(form.stem().indexOf('?') >= 0));

  private static final class Words {
    static final Set<String> NEGATIONS = Set.of("not", "except", "never", "cannot");
    static final Set<String> PRONOUNS =
        Set.of(
            "i", "you", "he", "she", "we", "they", "me", "him", "them", "us", "my", "your", "his",
            "her", "our", "their");

    private Words() {}
  }

  private final double low;
  private final double high;
  private final ToDoubleFunction<TextForm> measure;

  FormFeature(double low, double high, ToDoubleFunction<TextForm> measure) {
    this.low = low;
    this.high = high;
    this.measure = measure;
  }

  /// From 0, at or below the low value, to 1, at or above the high one.
  double of(TextForm form) {
    return Math.clamp((measure.applyAsDouble(form) - low) / (high - low), 0.0, 1.0);
  }

  /// Name and range, for the encoder's digest.
  String description() {
    return name() + " " + low + " " + high;
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  private static double is(boolean condition) {
    return condition ? 1 : 0;
  }
}
