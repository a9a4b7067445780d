package org.embedllm.app.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Families of models, guessed from their names: they have one color and shape in reports and on
/// the page.
///
/// The part before the last `/` or `__` (a publisher) and the part from an `@` on (a provider) do
/// not count. The rest is cut into words at every character that is neither a letter nor a digit.
/// The family is the leading letters of the first word that begins with two of them (`Qwen1.5-7B`
/// is qwen), or a first word made of one letter and digits (`o1-mini` is o1); the words `meta` and
/// `sim` are skipped (`Meta-Llama-3-8B` is llama).
public final class Families {
  private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{Nd}]+");
  private static final Pattern LETTERS = Pattern.compile("\\p{L}{2,}");
  private static final Pattern LETTER_AND_DIGITS = Pattern.compile("\\p{L}\\p{Nd}+");
  private static final Set<String> PASSED_OVER = Set.of("meta", "sim");
  private static final int LONGEST = 40;
  private static final String NONE = "other";

  private Families() {}

  /// The family of a name, in lower case; `other` where it has none.
  public static String of(String model) {
    int slash = model.lastIndexOf('/');
    int underscores = model.lastIndexOf("__");
    String name =
        model.substring(Math.max(slash < 0 ? 0 : slash + 1, underscores < 0 ? 0 : underscores + 2));
    int at = name.indexOf('@');
    String[] words = BETWEEN_WORDS.split(at > 0 ? name.substring(0, at) : name);
    for (String word : words) {
      String lower = word.toLowerCase(Locale.ROOT);
      Matcher letters = LETTERS.matcher(lower);
      if (LETTER_AND_DIGITS.matcher(lower).matches()) {
        return cut(lower);
      }
      if (letters.lookingAt() && !PASSED_OVER.contains(letters.group())) {
        return cut(letters.group());
      }
    }
    return NONE;
  }

  private static String cut(String family) {
    return family.length() <= LONGEST ? family : family.substring(0, LONGEST);
  }

  /// All families of some models, the largest first, equals by name.
  public static List<String> all(List<String> models) {
    Map<String, Integer> sizes = new TreeMap<>();
    models.forEach(model -> sizes.merge(of(model), 1, Integer::sum));
    return sizes.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
