package org.embedllm.app.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// "Did you mean" for a name that is not among the known ones.
final class Suggestion {
  private static final int AT_MOST = 3;

  private Suggestion() {}

  /// A question to append to an error, with the closest known names; empty where none is close.
  static String didYouMean(String given, List<String> known) {
    String wanted = given.toLowerCase(Locale.ROOT);
    List<String> close =
        known.stream()
            .filter(name -> isClose(wanted, name.toLowerCase(Locale.ROOT)))
            .sorted(
                Comparator.comparingInt(name -> distance(wanted, name.toLowerCase(Locale.ROOT))))
            .limit(AT_MOST)
            .toList();
    return close.isEmpty() ? "" : "; did you mean " + String.join(" or ", close) + "?";
  }

  private static boolean isClose(String wanted, String name) {
    return (wanted.length() >= 3 && name.contains(wanted))
        || (name.length() >= 3 && wanted.contains(name))
        || distance(wanted, name) <= Math.max(2, wanted.length() / 3);
  }

  /// Levenshtein distance: characters to insert, drop or replace.
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
