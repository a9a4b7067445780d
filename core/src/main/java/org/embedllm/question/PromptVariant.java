package org.embedllm.question;

import java.util.Locale;

/// The fixed forms in which exam questions are asked again, as people ask them, to measure whether
/// a forecaster holds when the form of a text changes. In all of them the list of options at the
/// end is left out ([TextFeatures#withoutOptions]). The answers count as the same.
public enum PromptVariant {
  /// The question alone.
  WITHOUT_OPTIONS("without options") {
    @Override
    public String of(String text) {
      return TextFeatures.withoutOptions(text);
    }
  },
  /// The question in lower case, without a question mark at its end.
  LOWER_CASE("lower case") {
    @Override
    public String of(String text) {
      String lower = TextFeatures.withoutOptions(text).toLowerCase(Locale.ROOT).stripTrailing();
      int end = lower.length();
      while (end > 0 && lower.charAt(end - 1) == '?') {
        end--;
      }
      String stem = lower.substring(0, end).stripTrailing();
      return stem.isEmpty() ? lower : stem;
    }
  },
  /// The question between two sentences of a chat.
  IN_CHAT("in a chat") {
    @Override
    public String of(String text) {
      return "Hi, I'm stuck on something and hope you can help me out. "
          + TextFeatures.withoutOptions(text).strip()
          + " Could you explain it to me? Thanks!";
    }
  };

  private final String label;

  PromptVariant(String label) {
    this.label = label;
  }

  /// How it is called in output.
  public String label() {
    return label;
  }

  /// A question's text in this form.
  public abstract String of(String text);
}
