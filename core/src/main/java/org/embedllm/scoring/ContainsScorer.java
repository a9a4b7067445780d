package org.embedllm.scoring;

import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;

/// The right answer's words are in the output, in their order.
public record ContainsScorer() implements AnswerScorer {
  @Override
  public OptionalDouble score(String output, Reference reference) {
    String answer = FinalAnswer.withoutReasoning(output);
    if (answer.isEmpty() || reference.answer().isBlank()) {
      return OptionalDouble.empty();
    }
    String right = PlainText.of(reference.answer());
    String wanted =
        right.codePoints().anyMatch(ContainsScorer::withoutSpaces) ? right : " " + right + " ";
    return OptionalDouble.of((" " + PlainText.of(answer) + " ").contains(wanted) ? 1 : 0);
  }

  /// Whether a letter is of a script that writes no space between words.
  private static boolean withoutSpaces(int letter) {
    return switch (Character.UnicodeScript.of(letter)) {
      case HAN, HIRAGANA, KATAKANA, HANGUL, THAI, LAO, KHMER, MYANMAR -> true;
      default -> false;
    };
  }

  @Override
  public String instruction() {
    return "";
  }

  @Override
  public String name() {
    return "contains";
  }
}
