package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.correctness.Reference;

/// Multiple choice: the option's letter, or its text, however the model says it.
public record ChoiceScorer() implements AnswerScorer {
  private static final String SEPARATOR = "[.):\\]]";

  /// A letter that is the whole of an answer, or begins it: `B`, `(B)`, `**B.**`, `B) Paris`.
  private static final Pattern LEADING =
      Pattern.compile(
          "(?:option|choice|letter|answer|ans)?\\s*[*_`\\\\({\\[\"$]*(?:text|mathrm|mathbf|textbf)?[{(]*"
              + "(?<letter>[A-Za-z])"
              + "(?<end>[*_`\"})\\]$]*(?:\\s*$|\\s*[.,;:)\\]]|\\s*[-–—]\\s|\\s*[*_`]))"
              + "(?<rest>.*)",
          Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  /// A capital letter with more words behind it: `B because…`; not the word "A", nor a statement
  /// about an option: `B is a trap.`
  private static final Pattern CAPITAL =
      Pattern.compile(
          "(?!I\\s)[*_`(\"]*(?<letter>[B-Z]|A(?=\\s+(?:because|since|due to)\\b))[*_`)\"]*"
              + "(?:\\s(?!(?:is|are|was|were|has|have|had|can|cannot|could|does|would|will|and)\\b)"
              + ".*)?",
          Pattern.DOTALL);

  /// A sentence that ends with a letter: `So it must be B.`, `Hence (B)`, `not A, but B`.
  private static final Pattern ENDING =
      Pattern.compile(
          ".*?(?:(?<!\\b(?i:so) )\\b(?i:is|be|was|hence|so|thus|therefore|but|choose|pick|select|say|with|leaves)\\b"
              + "|['’]s\\b|(?<!\\b[A-Z]),|[:=→—–])"
              + "\\s*(?:option|choice|letter|answer)?\\s*[*_`(\\[\"$\\\\{]*"
              + "(?:(?:text|mathrm|mathbf|textbf)\\{)?(?<letter>[A-Z])[*_`)\\]\"$}]*[.!]?",
          Pattern.DOTALL);

  /// Where an analysis of the options one by one begins: `A: no. B: yes.`
  private static final Pattern ANALYSIS =
      Pattern.compile(
          "(?s)[*_`(]*A[*_`)]*\\s*[.:)–—-]\\s*\\S.*?(?:\\n|[.;]\\s)\\s*[*_`(-]*\\s*[*_`(]*B[*_`)]*\\s*[.:)–—-]\\s.*");

  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?;])\\s+|\\n+");

  /// `A or B`.
  private static final Pattern SEVERAL =
      Pattern.compile(
          "[*_`(\"]*(?<one>[A-Z])[*_`)\"]*\\s*(?:,|/|or|and|oder|und|ou|et|y)\\s*[*_`(\"]*"
              + "(?<two>[A-Z])\\b(?!')[*_`)\".]*(?:\\s*$|\\s*[.,;].*)",
          Pattern.DOTALL);

  private static final Pattern OTHER =
      Pattern.compile(
          "[*_`)\"]*\\s*(?:,|/|\\bor\\b|\\band\\b|\\boder\\b|\\bou\\b|\\bo\\b)\\s*[*_`(\"]*"
              + "(?<letter>[A-Z])\\b(?!')(?![*_`]*"
              + SEPARATOR
              + "?\\s+(?:is|are)\\b).*",
          Pattern.DOTALL);
  private static final Pattern IN_PARENTHESES = Pattern.compile("\\(([A-Z])\\)");
  private static final Pattern CHOSEN =
      Pattern.compile(
          "(?:choose|pick|select|go"
              + " with|option|choice)\\s+(?:option\\s+)?[*_`(\"]*([A-Z])\\b");
  private static final Pattern CORRECT =
      Pattern.compile(
          "(?:option\\s+|choice\\s+)?[*_`(\"]*\\b([A-Z])\\b[*_`)\"]*\\s+(?:is|would"
              + " be)\\s+(?:the\\s+)?(?:correct|right|best|true)\\b");

  @Override
  public OptionalDouble score(String output, Reference reference) {
    Optional<Integer> right = FinalAnswer.rightOption(reference);
    if (right.isEmpty()) {
      return OptionalDouble.empty();
    }
    Reading reading = read(FinalAnswer.withoutReasoning(output), reference.options());
    return switch (reading) {
      case Reading.Unclear _u -> OptionalDouble.empty();
      case Reading.Several _s -> OptionalDouble.of(0);
      case Reading.One one -> OptionalDouble.of(one.option() == right.get() ? 1 : 0);
    };
  }

  private sealed interface Reading {
    record One(int option) implements Reading {}

    /// It names more than one.
    record Several() implements Reading {}

    record Unclear() implements Reading {}
  }

  private static Reading read(String output, List<String> options) {
    if (output.isEmpty()) {
      return new Reading.Unclear();
    }
    List<String> places = new ArrayList<>(FinalAnswer.explicit(output));
    places.add(output);
    for (String place : places) {
      Reading reading = option(place, options);
      if (!(reading instanceof Reading.Unclear)) {
        return reading;
      }
    }
    Reading chosen = onlyLetter(CORRECT, output, options);
    chosen = chosen instanceof Reading.Unclear ? onlyLetter(CHOSEN, output, options) : chosen;
    chosen =
        chosen instanceof Reading.Unclear ? option(FinalAnswer.lastLine(output), options) : chosen;
    if (!(chosen instanceof Reading.Unclear)) {
      return chosen;
    }
    Optional<Reading> last = lastSentence(output, options);
    if (last.isPresent()) {
      return last.get();
    }
    chosen = mentioned(output, options);
    return chosen instanceof Reading.Unclear ? onlyLetter(IN_PARENTHESES, output, options) : chosen;
  }

  /// An option at the beginning of a text, by its letter or its own text.
  private static Reading option(String text, List<String> options) {
    String plain = PlainText.of(text);
    for (int k = 0; k < options.size(); k++) {
      if (plain.equals(PlainText.of(options.get(k)))) {
        return new Reading.One(k);
      }
    }
    if (ANALYSIS.matcher(text.strip()).matches()) {
      return new Reading.Unclear();
    }
    Matcher several = SEVERAL.matcher(text.strip());
    if (several.matches() && !several.group("one").equals(several.group("two"))) {
      return new Reading.Several();
    }
    Matcher leading = LEADING.matcher(text.strip());
    if (leading.matches()) {
      return letter(leading.group("letter"), leading.group("end") + leading.group("rest"), options);
    }
    Matcher capital = CAPITAL.matcher(text.strip());
    if (capital.matches()) {
      return letter(
          capital.group("letter"), text.strip().substring(capital.end("letter")), options);
    }
    Optional<Integer> begins = beginning(plain, options);
    return begins.isPresent()
            && !RejectedOption.byText(
                options.get(begins.get()), SENTENCE_END.split(text.strip())[0], true)
        ? new Reading.One(begins.get())
        : new Reading.Unclear();
  }

  private static Reading letter(String letter, String rest, List<String> options) {
    int k = Character.toUpperCase(letter.charAt(0)) - 'A';
    if (k < 0 || k >= options.size() || RejectedOption.after(rest, options.get(k))) {
      return new Reading.Unclear();
    }
    Matcher other = OTHER.matcher(rest);
    if (other.matches()) {
      int second = other.group("letter").charAt(0) - 'A';
      if (second != k && second < options.size()) {
        return new Reading.Several();
      }
    }
    return new Reading.One(k);
  }

  /// The letter with which the last sentence ends, or which is all of it.
  private static Optional<Reading> lastSentence(String output, List<String> options) {
    String[] sentences = SENTENCE_END.split(output.strip());
    String last = sentences[sentences.length - 1];
    Matcher ending = ENDING.matcher(last);
    if (ending.matches()) {
      Reading reading = letter(ending.group("letter"), "", options);
      // The question may ask for a wrong option: then no other one is named beside it.
      boolean against =
          reading instanceof Reading.One one
              && RejectedOption.before(last.substring(0, ending.start("letter")))
              && !RejectedOption.isOnly(one.option(), output, options);
      return Optional.of(against ? new Reading.Unclear() : reading);
    }
    Matcher leading = LEADING.matcher(last);
    return sentences.length > 1 && leading.matches() && leading.group("rest").isBlank()
        ? Optional.of(letter(leading.group("letter"), "", options))
        : Optional.empty();
  }

  /// The longest option that a text begins with, where no other one is named beside it.
  private static Optional<Integer> beginning(String plain, List<String> options) {
    Optional<Integer> best = Optional.empty();
    int longest = 0;
    for (int k = 0; k < options.size(); k++) {
      String option = PlainText.of(options.get(k));
      if (option.length() > longest
          && (plain + " ").startsWith(option + " ")
          && !plain.substring(option.length()).matches(" (?:or|and|oder|und|ou|et|y|o) .*")) {
        longest = option.length();
        best = Optional.of(k);
      }
    }
    return best;
  }

  /// The only option whose text is in the output; an option within a longer one does not count.
  private static Reading mentioned(String output, List<String> options) {
    String plain = " " + PlainText.of(output) + " ";
    List<Integer> found = new ArrayList<>();
    for (int k = 0; k < options.size(); k++) {
      String option = " " + PlainText.of(options.get(k)) + " ";
      if (option.length() > 2 && plain.contains(option) && !option.isBlank()) {
        found.add(k);
      }
    }
    found.removeIf(k ->
        found.stream()
            .anyMatch(other ->
                !other.equals(k)
                    && PlainText.of(options.get(other)).length()
                        > PlainText.of(options.get(k)).length()
                    && PlainText.of(options.get(other)).contains(PlainText.of(options.get(k)))));
    if (found.size() != 1) {
      return new Reading.Unclear();
    }
    int one = found.getFirst();
    boolean only = RejectedOption.isOnly(one, output, options);
    return RejectedOption.byText(options.get(one), output, only)
        ? new Reading.Unclear()
        : new Reading.One(one);
  }

  /// The letter that a pattern finds, where it finds one letter alone that nothing is said against.
  private static Reading onlyLetter(Pattern pattern, String output, List<String> options) {
    List<String> letters =
        pattern
            .matcher(output)
            .results()
            .filter(r -> !isRejected(output, r, options))
            .map(r -> r.group(1))
            .distinct()
            .toList();
    return letters.size() == 1 ? letter(letters.getFirst(), "", options) : new Reading.Unclear();
  }

  private static boolean isRejected(String output, MatchResult found, List<String> options) {
    int k = found.group(1).charAt(0) - 'A';
    return RejectedOption.before(output.substring(0, found.start(1)))
        || (k < options.size()
            && RejectedOption.after(output.substring(found.end()), options.get(k)));
  }

  @Override
  public String instruction() {
    return "End with the line \"Answer: X\", where X is the letter of the right option.";
  }

  @Override
  public String name() {
    return "choice";
  }
}
