package org.embedllm.app.web.view;

/// The beginning of a long text.
final class Excerpt {
  private static final int LONGEST = 600; // characters

  private Excerpt() {}

  static String of(String text) {
    if (text.codePointCount(0, text.length()) <= LONGEST) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, LONGEST - 1)) + "…";
  }
}
