package org.embedllm.question;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What can be counted in a text without understanding it: its length, its list of items (the
/// options of a multiple-choice question, say), signs and a few function words of English.
///
/// The *stem* is the text before the first item. Characters are UTF-16 units.
final class TextForm {
  private static final Pattern ITEM =
      Pattern.compile("[ \\t]*(?:\\(?[A-Za-z0-9]{1,2}[.)]|[-*•])[ \\t]+(\\S.*)", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("[\\s$\\\\(]*[-+]?[0-9.,]+");
  private static final Pattern WORD = Pattern.compile("[a-z]+");
  private static final Pattern SENTENCE_END = Pattern.compile("[.?!](?=\\s|$)");

  private final String text;
  private final String stem;
  private final List<String> items;
  private final List<String> stemWords;

  private TextForm(String text, String stem, List<String> items) {
    this.text = text;
    this.stem = stem;
    this.items = items;
    this.stemWords = new ArrayList<>();
    Matcher word = WORD.matcher(stem.toLowerCase(Locale.ROOT));
    while (word.find()) {
      stemWords.add(word.group());
    }
  }

  static TextForm of(String text) {
    List<String> items = new ArrayList<>();
    int stemEnd = -1;
    int from = 0;
    while (from <= text.length()) {
      int newline = text.indexOf('\n', from);
      int to = newline < 0 ? text.length() : newline;
      Matcher item = ITEM.matcher(text.substring(from, to));
      if (item.matches()) {
        items.add(item.group(1).strip());
        stemEnd = stemEnd < 0 ? from : stemEnd;
      }
      from = to + 1;
    }
    return new TextForm(text, stemEnd < 0 ? text : text.substring(0, stemEnd), items);
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
    return (int) SENTENCE_END.matcher(stem).results().count();
  }

  /// Square root of the share of characters of a kind in the whole text.
  double share(java.util.function.IntPredicate kind) {
    return Math.sqrt(text.chars().filter(kind).count() / (text.length() + 1.0));
  }

  /// Number of characters of a kind in the stem.
  double stemCount(java.util.function.IntPredicate kind) {
    return (double) stem.chars().filter(kind).count();
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
