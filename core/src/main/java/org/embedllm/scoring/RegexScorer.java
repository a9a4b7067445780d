package org.embedllm.scoring;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.correctness.Reference;

/// A regular expression. With a group, what the group found last must be the reference; without
/// one, an output in which it is found is right.
///
/// @param pattern the expression
public record RegexScorer(Pattern pattern) implements AnswerScorer {
  @Override
  public OptionalDouble score(String output, Reference reference) {
    String answer = FinalAnswer.withoutReasoning(output);
    if (answer.isEmpty()) {
      return OptionalDouble.empty();
    }
    Matcher matcher = pattern.matcher(answer);
    if (matcher.groupCount() == 0) {
      return OptionalDouble.of(matcher.find() ? 1 : 0);
    }
    String found = "";
    boolean any = false;
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        found = matcher.group(1);
        any = true;
      }
    }
    if (!any || reference.answer().isBlank()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(PlainText.of(found).equals(PlainText.of(reference.answer())) ? 1 : 0);
  }

  @Override
  public String instruction() {
    return "";
  }

  @Override
  public String name() {
    return "regex:" + pattern.pattern();
  }

  /// Two expressions of the same text are the same scorer.
  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof RegexScorer scorer && scorer.name().equals(name());
  }

  @Override
  public int hashCode() {
    return name().hashCode();
  }
}
