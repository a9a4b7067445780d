package org.embedllm.scoring;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.embedllm.correctness.Reference;
import org.embedllm.storage.BadInputException;

/// Scorers by their names, and the one that fits a reference.
public final class AnswerScorers {
  private static final String REGEX = "regex:";
  private static final String NUMBER = "number:";

  private AnswerScorers() {}

  /// A scorer from its text form.
  ///
  /// @param text `choice`, `number`, `number:TOLERANCE`, `exact`, `contains`, `regex:PATTERN` or
  ///   `json`
  /// @throws BadInputException where there is none of that name
  public static AnswerScorer parse(String text) {
    if (text.startsWith(REGEX)) {
      try {
        return new RegexScorer(Pattern.compile(text.substring(REGEX.length())));
      } catch (PatternSyntaxException e) {
        throw BadInputException.of("no regular expression: " + e.getMessage());
      }
    }
    if (text.startsWith(NUMBER)) {
      try {
        return new NumberScorer(Double.parseDouble(text.substring(NUMBER.length())));
      } catch (IllegalArgumentException e) {
        throw BadInputException.of(
            "the tolerance of a number must be from 0 to 1, such as number:0.01; got " + text);
      }
    }
    return switch (text) {
      case "choice" -> new ChoiceScorer();
      case "number" -> new NumberScorer(0);
      case "exact" -> new ExactScorer();
      case "contains" -> new ContainsScorer();
      case "json" -> new JsonScorer();
      default ->
          throw BadInputException.of(
              "there is no scorer \"%s\": choice, number, exact, contains, regex:PATTERN and json"
                      .formatted(text)
                  + " are known");
    };
  }

  /// The scorer for a question: choice where the right answer is one of several options, number
  /// where it is one, else exact.
  ///
  /// @return empty where the right answer is not known
  public static Optional<AnswerScorer> of(Reference reference) {
    if (FinalAnswer.rightOption(reference).isPresent()) {
      return Optional.of(new ChoiceScorer());
    }
    if (reference.answer().isBlank()) {
      return Optional.empty();
    }
    return Optional.of(NumberScorer.reads(reference) ? new NumberScorer(0) : new ExactScorer());
  }
}
