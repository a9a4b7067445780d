package org.embedllm.storage;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// The known names closest to a mistyped one.
public final class DidYouMean {
  private static final int AT_MOST = 3;
  private static final int SHORT = 5; // characters

  private DidYouMean() {}

  /// ` Did you mean "x"?`, to follow a sentence; empty where no known name is close.
  public static String hint(String given, Collection<String> known) {
    List<String> close = closest(given, known);
    return close.isEmpty() ? "" : " Did you mean \"" + close.getFirst() + "\"?";
  }

  /// At most three known names, the closest first: those with few edits, or of which one contains
  /// the other.
  public static List<String> closest(String given, Collection<String> known) {
    String wanted = given.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(name -> isClose(wanted, name.toLowerCase(Locale.ROOT)))
        .sorted(Comparator.comparingInt(name -> distance(wanted, name.toLowerCase(Locale.ROOT))))
        .limit(AT_MOST)
        .toList();
  }

  private static boolean isClose(String wanted, String name) {
    String letters = plain(wanted);
    String known = plain(name);
    return (letters.length() >= 3 && known.contains(letters))
        || (known.length() >= 3 && letters.contains(known))
        || distance(wanted, name) <= allowed(wanted.length());
  }

  /// Letters and digits alone: `gpt4o` is in `gpt-4o-mini`.
  private static String plain(String name) {
    return name.replaceAll("[^\\p{L}\\p{N}]", "");
  }

  /// Edits that leave a name of some length recognisable.
  private static int allowed(int length) {
    return length < SHORT ? 1 : Math.max(2, length / 3);
  }

  /// Characters to insert, drop or replace, and neighbors to swap (optimal string alignment).
  public static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1]; // of the first i and j characters
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : edits(edits, a, b, i, j);
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int edits(int[][] edits, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int least =
        Math.min(
            edits[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, edits[i - 2][j - 2] + 1) : least;
  }
}
