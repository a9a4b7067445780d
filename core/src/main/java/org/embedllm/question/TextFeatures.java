package org.embedllm.question;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/// Surface features of a text: its length, its list of items (such as the options of a
/// multiple-choice question), kinds of characters and a few function words of English.
///
/// The *stem* is the text before the first item. Characters are UTF-16 units. Counted with plain
/// loops: this runs for each prompt that is routed, mostly in code that is not compiled yet.
public final class TextFeatures {
  private static final Pattern NUMBER = Pattern.compile("[\\s$\\\\(]*[-+]?[0-9.,]+");

  private final String text;
  private final String stem;
  private final List<String> items;
  private final List<String> stemWords;

  private TextFeatures(String text, String stem, List<String> items) {
    this.text = text;
    this.stem = stem;
    this.items = items;
    this.stemWords = new ArrayList<>();
    String lower = stem.toLowerCase(Locale.ROOT);
    int start = 0;
    for (int i = 0; i <= lower.length(); i++) {
      if (i == lower.length() || lower.charAt(i) < 'a' || lower.charAt(i) > 'z') {
        if (i > start) {
          stemWords.add(lower.substring(start, i));
        }
        start = i + 1;
      }
    }
  }

  static TextFeatures of(String text) {
    List<String> items = new ArrayList<>();
    int stemEnd = -1;
    int from = 0;
    while (from <= text.length()) {
      int newline = text.indexOf('\n', from);
      int to = newline < 0 ? text.length() : newline;
      int item = item(text, from, to);
      if (item >= 0) {
        items.add(text.substring(item, to).strip());
        stemEnd = stemEnd < 0 ? from : stemEnd;
      }
      from = to + 1;
    }
    return new TextFeatures(text, stemEnd < 0 ? text : text.substring(0, stemEnd), items);
  }

  /// Where the text of a list item begins, behind its mark: a bullet, or a letter or number of at
  /// most two characters with a dot or bracket; then blanks. -1 where the line is no item.
  private static int item(String text, int from, int to) {
    int at = skipBlanks(text, from, to);
    if (at < to && "-*•".indexOf(text.charAt(at)) >= 0) {
      at++;
    } else {
      at += at < to && text.charAt(at) == '(' ? 1 : 0;
      int label = at;
      while (at < to && at < label + 2 && isLetterOrDigit(text.charAt(at))) {
        at++;
      }
      if (at == label || at == to || ".)".indexOf(text.charAt(at)) < 0) {
        return -1;
      }
      at++;
    }
    int item = skipBlanks(text, at, to);
    return item > at && item < to && !isSpace(text.charAt(item)) ? item : -1;
  }

  private static int skipBlanks(String text, int from, int to) {
    int at = from;
    while (at < to && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  /// A text without the list of options at its end: what is before the last item labeled A that an
  /// item labeled B follows. The text itself where there is no such list.
  public static String withoutOptions(String text) {
    int start = -1;
    int last = -1;
    int from = 0;
    while (from <= text.length()) {
      int newline = text.indexOf('\n', from);
      int to = newline < 0 ? text.length() : newline;
      switch (optionLabel(text, from, to)) {
        case 'a' -> last = from;
        case 'b' -> start = last;
        default -> {}
      }
      from = to + 1;
    }
    String stem = start > 0 ? text.substring(0, start).strip() : "";
    return stem.isEmpty() ? text : stem;
  }

  /// The letter of an option, in lower case; a blank where the line is none.
  private static char optionLabel(String text, int from, int to) {
    int label = skipBlanks(text, from, to);
    label += label < to && text.charAt(label) == '(' ? 1 : 0;
    boolean labeled =
        label + 1 < to && ".)".indexOf(text.charAt(label + 1)) >= 0 && item(text, from, to) >= 0;
    return labeled ? Character.toLowerCase(text.charAt(label)) : ' ';
  }

  String text() {
    return text;
  }

  String stem() {
    return stem;
  }

  /// Lines that begin with a letter or number and a dot or bracket, or with a bullet; without it.
  List<String> items() {
    return items;
  }

  /// Words of the stem in lower case.
  List<String> stemWords() {
    return stemWords;
  }

  double meanItemLength() {
    return items.stream().mapToInt(String::length).average().orElse(0);
  }

  /// Standard deviation of the items' lengths.
  double itemLengthSpread() {
    double mean = meanItemLength();
    double square = 0;
    for (String item : items) {
      square += (item.length() - mean) * (item.length() - mean) / items.size();
    }
    return Math.sqrt(square);
  }

  /// Share of items that begin with a number.
  double numericItems() {
    return items.isEmpty()
        ? 0
        : (double) items.stream().filter(i -> NUMBER.matcher(i).lookingAt()).count() / items.size();
  }

  int distinctItems() {
    Set<String> distinct = new HashSet<>(items);
    return distinct.size();
  }

  /// Sentences that end in the stem.
  int stemSentences() {
    int ends = 0;
    int last = stem.length() - 1;
    for (int i = 0; i <= last; i++) {
      char c = stem.charAt(i);
      if ((c == '.' || c == '?' || c == '!') && (i == last || endsSentence(i + 1))) {
        ends++;
      }
    }
    return ends;
  }

  /// White space, or the stem's last character where it ends a line in Unicode alone.
  private boolean endsSentence(int at) {
    char c = stem.charAt(at);
    return isSpace(c)
        || (at == stem.length() - 1 && (c == '\u0085' || c == '\u2028' || c == '\u2029'));
  }

  /// Square root of the share of characters of a kind in the whole text.
  double share(IntPredicate kind) {
    return Math.sqrt(count(text, kind) / (text.length() + 1.0));
  }

  /// Number of characters of a kind in the stem.
  double stemCount(IntPredicate kind) {
    return count(stem, kind);
  }

  private static int count(String text, IntPredicate kind) {
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      count += kind.test(text.charAt(i)) ? 1 : 0;
    }
    return count;
  }

  /// Square root of the share of some words among the stem's words.
  double wordShare(Set<String> words) {
    long count = stemWords.stream().filter(words::contains).count();
    return Math.sqrt(count / (stemWords.size() + 1.0));
  }

  /// Whether the stem has one of some words.
  boolean has(Set<String> words) {
    return stemWords.stream().anyMatch(words::contains);
  }
}
