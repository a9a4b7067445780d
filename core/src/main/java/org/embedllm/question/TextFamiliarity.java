package org.embedllm.question;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.embedllm.tensor.FloatMatrix;

/// Whether a text is written like the training texts at all. Sentence encoders give random letters
/// and empty texts a vector too, and some of these lie among real questions. Immutable.
///
/// A text is unlike training where
///
/// - it has no letter and no digit;
/// - most of its letters are of a script that hardly any training letter has; or
/// - pairs of neighboring characters are no likelier by the pairs of the training texts than by
///   chance: `Σ ln (p(b | a) C) < 2` over all pairs (a, b), with C classes of characters. Classes
///   are the letters a to z, digits, white space, marks, other letters.
public final class TextFamiliarity {
  private static final int LETTERS = 26;
  private static final int DIGIT = LETTERS;
  private static final int SPACE = LETTERS + 1;
  private static final int MARK = LETTERS + 2;
  private static final int OTHER = LETTERS + 3;
  private static final int CLASSES = LETTERS + 4;
  private static final double PRIOR = 100; // pairs from each class, evenly spread
  private static final double LEAST_EVIDENCE = 2; // nats
  private static final double LEAST_SHARE = 0.01; // of training letters, for a script
  private static final int LONGEST = 20_000; // characters read of a text
  private static final int LEAST_TRAINING = 10_000; // pairs, to know what is usual

  private final FloatMatrix pairs; // ln (p(b | a) C), [C, C]
  private final Set<String> scripts;

  private TextFamiliarity(FloatMatrix pairs, Set<String> scripts) {
    this.pairs = pairs;
    this.scripts = scripts;
    if (pairs.rows() != CLASSES || pairs.columns() != CLASSES) {
      throw new IllegalArgumentException("%s are no pairs of characters".formatted(pairs));
    }
  }

  /// As it was kept.
  ///
  /// @param pairs see [#pairs]
  /// @param scripts see [#scripts]
  public static TextFamiliarity of(FloatMatrix pairs, Collection<String> scripts) {
    return new TextFamiliarity(pairs, new TreeSet<>(scripts));
  }

  /// Counts the characters of training texts; empty where they are too few to tell what is usual.
  public static Optional<TextFamiliarity> fit(Collection<String> texts) {
    long[] counts = new long[CLASSES * CLASSES];
    Map<Character.UnicodeScript, Integer> letters = new EnumMap<>(Character.UnicodeScript.class);
    for (String text : texts) {
      int before = SPACE;
      for (int i = 0; i <= Math.min(text.length(), LONGEST); i++) {
        int after = i < text.length() ? classOf(text.charAt(i)) : SPACE;
        counts[before * CLASSES + after]++;
        before = after;
      }
      count(text, letters);
    }
    if (Arrays.stream(counts).sum() < LEAST_TRAINING) {
      return Optional.empty();
    }
    float[] pairs = new float[CLASSES * CLASSES];
    for (int a = 0; a < CLASSES; a++) {
      double sum = 0;
      for (int b = 0; b < CLASSES; b++) {
        sum += counts[a * CLASSES + b];
      }
      for (int b = 0; b < CLASSES; b++) {
        double p = (counts[a * CLASSES + b] + PRIOR / CLASSES) / (sum + PRIOR);
        pairs[a * CLASSES + b] = (float) Math.log(p * CLASSES);
      }
    }
    int all = letters.values().stream().mapToInt(n -> n).sum();
    Set<String> scripts = new TreeSet<>();
    letters.forEach((script, count) -> {
      if (count > LEAST_SHARE * all) {
        scripts.add(name(script));
      }
    });
    return Optional.of(new TextFamiliarity(FloatMatrix.wrap(CLASSES, CLASSES, pairs), scripts));
  }

  /// ln (p(b | a) C) by classes of characters, [C, C].
  public FloatMatrix pairs() {
    return pairs;
  }

  /// Unicode scripts of the training letters, in lower case, sorted.
  public Set<String> scripts() {
    return new TreeSet<>(scripts);
  }

  /// Whether a text is unlike the training texts.
  public boolean isUnlike(String text) {
    if (isWordless(text)) {
      return true;
    }
    Map<Character.UnicodeScript, Integer> letters = new EnumMap<>(Character.UnicodeScript.class);
    count(text, letters);
    int all = letters.values().stream().mapToInt(n -> n).sum();
    int known =
        letters.entrySet().stream()
            .filter(e -> scripts.contains(name(e.getKey())))
            .mapToInt(Map.Entry::getValue)
            .sum();
    return 2 * known < all || evidence(text) < LEAST_EVIDENCE;
  }

  /// Whether a text has no letter and no digit.
  public static boolean isWordless(String text) {
    return text.codePoints().noneMatch(Character::isLetterOrDigit);
  }

  private double evidence(String text) {
    double sum = 0;
    int before = SPACE;
    for (int i = 0; i <= Math.min(text.length(), LONGEST); i++) {
      int after = i < text.length() ? classOf(text.charAt(i)) : SPACE;
      sum += pairs.get(before, after);
      before = after;
    }
    return sum;
  }

  private static void count(String text, Map<Character.UnicodeScript, Integer> letters) {
    int latin = 0;
    int end = Math.min(text.length(), LONGEST);
    int at = 0;
    while (at < end) {
      int point = text.codePointAt(at);
      if (point < 128) {
        latin += classOf((char) point) < LETTERS ? 1 : 0;
      } else if (Character.isLetter(point)) {
        letters.merge(Character.UnicodeScript.of(point), 1, Integer::sum);
      }
      at += Character.charCount(point);
    }
    letters.merge(Character.UnicodeScript.LATIN, latin, Integer::sum);
  }

  private static String name(Character.UnicodeScript script) {
    return script.name().toLowerCase(Locale.ROOT);
  }

  private static int classOf(char c) {
    if (c >= 'a' && c <= 'z') {
      return c - 'a';
    }
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (Character.isDigit(c)) {
      return DIGIT;
    }
    if (Character.isWhitespace(c)) {
      return SPACE;
    }
    return Character.isLetter(c) || Character.isSurrogate(c) ? OTHER : MARK;
  }
}
