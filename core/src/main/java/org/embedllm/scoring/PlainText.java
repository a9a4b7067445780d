package org.embedllm.scoring;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/// Text without what does not change its meaning as an answer: letter case, accents of width,
/// Markdown marks, punctuation around words, articles and repeated spaces.
final class PlainText {
  private static final Pattern LATEX_TEXT =
      Pattern.compile("\\\\(?:text|mathrm|mathbf|textbf|mathit)\\s*\\{([^{}]*)\\}");
  private static final Pattern MARKS = Pattern.compile("[*_`$\"“”«»]+");
  private static final Pattern EDGES =
      Pattern.compile("(?<![\\p{L}\\p{N}])[.,;:!?()\\[\\]']+|[.,;:!?()\\[\\]']+(?![\\p{L}\\p{N}])");
  private static final Pattern ARTICLES = Pattern.compile("\\b(?:the|an|a)\\b");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private PlainText() {}

  static String of(String text) {
    String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    plain = LATEX_TEXT.matcher(plain).replaceAll("$1");
    plain = MARKS.matcher(plain).replaceAll(" ");
    plain = EDGES.matcher(plain).replaceAll(" ");
    String spaced = SPACE.matcher(plain).replaceAll(" ").strip();
    String bare = SPACE.matcher(ARTICLES.matcher(spaced).replaceAll(" ")).replaceAll(" ").strip();
    return bare.isEmpty() ? spaced : bare;
  }
}
