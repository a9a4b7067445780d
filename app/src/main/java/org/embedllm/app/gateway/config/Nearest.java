package org.embedllm.app.gateway.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// "Did you mean".
public final class Nearest {
  private Nearest() {}

  /// The known word closest to a mistyped one, where it is close enough to be meant: at most a
  /// third of its letters wrong, or one containing the other.
  public static Optional<String> to(String word, Collection<String> known) {
    String lower = word.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(k ->
            distance(lower, k.toLowerCase(Locale.ROOT))
                    <= Math.max(1, Math.max(lower.length(), k.length()) / 3)
                || (lower.length() >= 4 && k.toLowerCase(Locale.ROOT).contains(lower)))
        .min(
            Comparator.<String>comparingInt(k -> distance(lower, k.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /// ` Did you mean "x"?`, or nothing.
  public static String hint(String word, Collection<String> known) {
    return to(word, known).map(k -> " Did you mean \"" + k + "\"?").orElse("");
  }

  /// Levenshtein's distance with neighbouring letters exchanged counted once.
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
