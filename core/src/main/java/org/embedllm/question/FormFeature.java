package org.embedllm.question;

import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// One measurement of a text's form, brought to 0 to 1 between a low and a high value that few
/// texts lie beyond.
///
/// @param name what is measured
/// @param low measured values up to here are 0
/// @param high measured values from here on are 1
/// @param measure of a text
record FormFeature(String name, double low, double high, ToDoubleFunction<TextForm> measure) {
  /// All of them, in the order of a vector.
  static final List<FormFeature> ALL =
      List.of(
          new FormFeature("length", 3.5, 8, form -> StrictMath.log1p(form.text().length())),
          new FormFeature("stem length", 3.5, 8, form -> StrictMath.log1p(form.stem().length())),
          new FormFeature("items", 0, 10, form -> form.items().size()),
          new FormFeature("item length", 0, 5.5, form -> StrictMath.log1p(form.meanItemLength())),
          new FormFeature(
              "item length spread", 0, 4.5, form -> StrictMath.log1p(form.itemLengthSpread())),
          new FormFeature("numeric items", 0, 1, TextForm::numericItems),
          new FormFeature("digits", 0, 0.5, form -> form.share(FormFeature::isDigit)),
          new FormFeature("upper case", 0, 0.4, form -> form.share(c -> c >= 'A' && c <= 'Z')),
          new FormFeature("backslashes", 0, 0.3, form -> form.share(c -> c == '\\')),
          new FormFeature("dollars", 0, 0.2, form -> form.share(c -> c == '$')),
          new FormFeature("beyond ascii", 0, 0.3, form -> form.share(c -> c > 127)),
          new FormFeature("lines", 0, 0.3, form -> form.share(c -> c == '\n')),
          new FormFeature(
              "stem digits",
              0,
              4.5,
              form -> StrictMath.log1p(form.stemCount(FormFeature::isDigit))),
          new FormFeature("sentences", 0, 3.5, form -> StrictMath.log1p(form.stemSentences())),
          new FormFeature("negation", 0, 1, form -> is(form.has(Words.NEGATIONS))),
          new FormFeature("pronouns", 0, 0.35, form -> form.wordShare(Words.PRONOUNS)),
          new FormFeature("brackets", 0, 0.35, form -> form.share(c -> "()[]{}".indexOf(c) >= 0)),
          new FormFeature("operators", 0, 0.35, form -> form.share(c -> "=+*/^<>".indexOf(c) >= 0)),
          new FormFeature("distinct items", 0, 2.5, form -> StrictMath.log1p(form.distinctItems())),
          new FormFeature("commas", 0, 0.25, form -> form.share(c -> c == ',' || c == ';')),
          new FormFeature("question mark", 0, 1, form -> is(form.stem().indexOf('?') >= 0)));

  private static final class Words {
    static final Set<String> NEGATIONS = Set.of("not", "except", "never", "cannot");
    static final Set<String> PRONOUNS =
        Set.of(
            "i", "you", "he", "she", "we", "they", "me", "him", "them", "us", "my", "your", "his",
            "her", "our", "their");

    private Words() {}
  }

  /// From 0, at or below the low value, to 1, at or above the high one.
  double of(TextForm form) {
    return Math.clamp((measure.applyAsDouble(form) - low) / (high - low), 0.0, 1.0);
  }

  /// Name and range, for the encoder's digest.
  String description() {
    return name + " " + low + " " + high;
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  private static double is(boolean condition) {
    return condition ? 1 : 0;
  }
}
