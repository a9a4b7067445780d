package org.embedllm.question;

import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// One measurement of a text, scaled to 0 to 1 between a low and a high value that few texts
/// exceed.
///
/// @param name what is measured
/// @param low measured values up to here are 0
/// @param high measured values from here on are 1
/// @param measure of a text
record TextFeature(String name, double low, double high, ToDoubleFunction<TextFeatures> measure) {
  /// All of them, in the order of a vector.
  static final List<TextFeature> ALL =
      List.of(
          new TextFeature("length", 3.5, 8, features -> StrictMath.log1p(features.text().length())),
          new TextFeature(
              "stem length", 3.5, 8, features -> StrictMath.log1p(features.stem().length())),
          new TextFeature("items", 0, 10, features -> features.items().size()),
          new TextFeature(
              "item length", 0, 5.5, features -> StrictMath.log1p(features.meanItemLength())),
          new TextFeature(
              "item length spread",
              0,
              4.5,
              features -> StrictMath.log1p(features.itemLengthSpread())),
          new TextFeature("numeric items", 0, 1, TextFeatures::numericItems),
          new TextFeature("digits", 0, 0.5, features -> features.share(TextFeature::isDigit)),
          new TextFeature(
              "upper case", 0, 0.4, features -> features.share(c -> c >= 'A' && c <= 'Z')),
          new TextFeature("backslashes", 0, 0.3, features -> features.share(c -> c == '\\')),
          new TextFeature("dollars", 0, 0.2, features -> features.share(c -> c == '$')),
          new TextFeature("beyond ascii", 0, 0.3, features -> features.share(c -> c > 127)),
          new TextFeature("lines", 0, 0.3, features -> features.share(c -> c == '\n')),
          new TextFeature(
              "stem digits",
              0,
              4.5,
              features -> StrictMath.log1p(features.stemCount(TextFeature::isDigit))),
          new TextFeature(
              "sentences", 0, 3.5, features -> StrictMath.log1p(features.stemSentences())),
          new TextFeature("negation", 0, 1, features -> is(features.has(Words.NEGATIONS))),
          new TextFeature("pronouns", 0, 0.35, features -> features.wordShare(Words.PRONOUNS)),
          new TextFeature(
              "brackets", 0, 0.35, features -> features.share(c -> "()[]{}".indexOf(c) >= 0)),
          new TextFeature(
              "operators", 0, 0.35, features -> features.share(c -> "=+*/^<>".indexOf(c) >= 0)),
          new TextFeature(
              "distinct items", 0, 2.5, features -> StrictMath.log1p(features.distinctItems())),
          new TextFeature("commas", 0, 0.25, features -> features.share(c -> c == ',' || c == ';')),
          new TextFeature(
              "question mark", 0, 1, features -> is(features.stem().indexOf('?') >= 0)));

  /// Those that stay as they are when a question is asked in another form: counted without the
  /// options, nothing of capitals, question marks, pronouns and sentences.
  static final List<TextFeature> CONTENT =
      ALL.stream()
          .filter(feature ->
              Set.of(
                      "length",
                      "stem length",
                      "digits",
                      "backslashes",
                      "dollars",
                      "beyond ascii",
                      "lines",
                      "stem digits",
                      "negation",
                      "brackets",
                      "operators",
                      "commas")
                  .contains(feature.name()))
          .toList();

  private static final class Words {
    static final Set<String> NEGATIONS = Set.of("not", "except", "never", "cannot");
    static final Set<String> PRONOUNS =
        Set.of(
            "i", "you", "he", "she", "we", "they", "me", "him", "them", "us", "my", "your", "his",
            "her", "our", "their");

    private Words() {}
  }

  /// From 0, at or below the low value, to 1, at or above the high one.
  double of(TextFeatures features) {
    return Math.clamp((measure.applyAsDouble(features) - low) / (high - low), 0.0, 1.0);
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
