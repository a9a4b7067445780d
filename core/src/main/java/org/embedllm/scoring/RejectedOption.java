package org.embedllm.scoring;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a text says against an option that it names: `the worst choice is D`, `rule out option B`,
/// `(C) cannot be right`.
final class RejectedOption {
  private static final String REFUSAL =
      "(?:eliminat\\w*|exclud\\w*|discard\\w*|reject\\w*|dismiss\\w*|except(?:ing|ed)?|rul(?:e|es|ed|ing)\\s+out"
          + "|not|never|cannot|neither|nor|\\w+n['’]t)\\b";
  private static final String AGAINST =
      "(?:(?:wrong|incorrect\\w*|false|untrue|invalid|inaccurate|unlikely|worst|least)\\b|"
          + REFUSAL
          + ")";
  private static final Pattern WORD = Pattern.compile("(?i)\\b" + AGAINST);
  private static final Pattern REFUSED = Pattern.compile("(?i)\\b" + REFUSAL);

  /// Where the clause before a name begins.
  private static final Pattern BREAK =
      Pattern.compile(
          "(?i)[,;:.!?\\n]|\\s[—–-]\\s|\\b(?:and|but|or|so|because|since|hence|thus|therefore|then|leaves|leaving)\\b");

  private static final Pattern ASIDE = Pattern.compile(",\\s*(?:[a-z]+\\s?){1,3},");

  private static final Pattern STATEMENT =
      Pattern.compile(
          "(?is)[\\s*_`)\\]\"'’.:,–—-]*(?:(?:wrong|incorrect|false)\\b"
              + "|(?=(?:is|was|are|were|can|could|do|does|did|should|must|has|have|would|seems|looks"
              + "|appears|cannot|\\w+n['’]t)\\b)"
              + "(?:(?!\\b(?:and|but|so|because|since|while|whereas|as)\\b)[^.;,\\n])*?\\b(?:out\\b|"
              + AGAINST
              + ")).*");

  private static final Pattern LETTER =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}'’])(?!I\\s+[a-z])(?!(?<=^|[.!?\\n]\\s?)A\\s+(?!is\\b|was\\b|has\\b|can|does|and\\b|or\\b)[a-z])"
              + "([A-Z])(?![\\p{L}\\p{N}'’])");

  private RejectedOption() {}

  /// Whether the words before a name, in its own clause, are against it.
  static boolean before(String text) {
    return WORD.matcher(clause(text)).find();
  }

  private static String clause(String text) {
    String words = ASIDE.matcher(text).replaceAll(" ").replaceFirst("[\\s*_`(\\[\"$\\\\{,]+$", "");
    int from = 0;
    for (Matcher end = BREAK.matcher(words); end.find(); ) {
      from = end.end();
    }
    return words.substring(from);
  }

  /// Whether the words after a name are a statement against it, and not its own text: where that
  /// denies something, they are taken for it.
  static boolean after(String text, String option) {
    String own = PlainText.of(option);
    return STATEMENT.matcher(text).matches()
        && !WORD.matcher(option).find()
        && (own.isEmpty() || !PlainText.of(text).startsWith(own));
  }

  /// Whether a text refuses an option by its own text: `It is not Paris`, `London is wrong`.
  ///
  /// @param only whether it names no other; a question may ask for a wrong option, and `the
  ///   incorrect one is Paris` answers it
  static boolean byText(String option, String text, boolean only) {
    return Pattern.compile(Pattern.quote(option.strip()), Pattern.CASE_INSENSITIVE)
        .matcher(text)
        .results()
        .anyMatch(m ->
            (only ? REFUSED : WORD).matcher(clause(text.substring(0, m.start()))).find()
                || after(text.substring(m.end()), ""));
  }

  /// Whether a text names one option alone, by its letter or its own text.
  static boolean isOnly(int option, String text, List<String> options) {
    String plain = " " + PlainText.of(text) + " ";
    String own = " " + PlainText.of(options.get(option)) + " ";
    for (int k = 0; k < options.size(); k++) {
      String other = " " + PlainText.of(options.get(k)) + " ";
      if (k != option && other.length() > 3 && plain.contains(other) && !own.contains(other)) {
        return false;
      }
    }
    return LETTER
        .matcher(text)
        .results()
        .map(m -> m.group(1).charAt(0) - 'A')
        .allMatch(k -> k == option || k >= options.size());
  }
}
