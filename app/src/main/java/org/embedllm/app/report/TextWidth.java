package org.embedllm.app.report;

/// How wide a text is in a sans-serif face, precisely enough to reserve space for it.
final class TextWidth {
  private static final String NARROW = "iljtfrI.,:;'|()[]- /−–";
  private static final String BROAD = "mwMW@%—";

  private TextWidth() {}

  /// Width in the unit of `size`.
  static double of(String text, double size) {
    double width = 0;
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      if (NARROW.indexOf(c) >= 0) {
        width += 0.36;
      } else if (BROAD.indexOf(c) >= 0) {
        width += 0.9;
      } else {
        width += Character.isUpperCase(c) ? 0.7 : 0.57;
      }
    }
    return width * size;
  }

  /// The text, cut with an ellipsis where it is wider than `space`.
  static String fit(String text, double size, double space) {
    if (of(text, size) <= space) {
      return text;
    }
    int end = text.length();
    while (end > 1 && of(text.substring(0, end) + "…", size) > space) {
      end--;
    }
    return text.substring(0, end) + "…";
  }
}
