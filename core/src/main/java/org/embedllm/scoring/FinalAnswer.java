package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.correctness.Reference;
import tools.jackson.databind.JsonNode;

/// Finds the answer in what a model wrote.
final class FinalAnswer {
  private static final List<String> FIELDS =
      List.of("answer", "final_answer", "choice", "option", "result", "value");

  private static final Pattern REASONING =
      Pattern.compile("(?is)<(think|thinking|thought|reasoning)>.*?</\\1>");
  private static final Pattern REASONING_END = Pattern.compile("(?is)^.*</(think|thinking)>");
  private static final Pattern BOX = Pattern.compile("\\\\(?:boxed|fbox)\\s*\\{");
  private static final Pattern HASHES = Pattern.compile("(?m)^\\s*####\\s*(.+)$");

  private static final Pattern TAG =
      Pattern.compile("(?is)<(answer|final_answer|final)>\\s*(.*?)\\s*</\\1>");

  /// "The answer is", "Answer:", "correct option is" and the like, in a few languages; not "the
  /// wrong answer is".
  private static final Pattern PHRASE =
      Pattern.compile(
          """
          (?iuxU)
          (?:(?:the|my|final|correct|right|best|so)\\s+)*
          (?<!\\b(?:wrong|incorrect|false|worst|bad|least(?:\\s\\w{1,20})?
               |not\\s(?:a|an|the)(?:\\s(?:right|correct|best))?)
             (?:\\s(?:answer|option|choice|possible))?\\s)
          (?:answer|solution|result|choice|option|selection|selected|\\bans\\b\\.?
             |antwort|lösung|ergebnis|r[ée]ponse|respuesta|resposta|risposta|antwoord|odpowiedź
             |cevap|ответ|答案|答え|正解|回答|정답|답)
          (?:\\s+(?:choice|option|letter|is\\s+option|is\\s+choice|here
             |correct[aeo]?|correta|corretto|richtig|juste))?
          (?:\\s+(?:to|for|of)\\s+(?:the|this)\\s+\\w+)?
          [\\s*_`"]*
          (?::|=|→|：|\\s[—–-]\\s|['’]s\\b|(?<=ans)\\.
             |\\b(?:is|would\\s+be|must\\s+be|should\\s+be|ist|lautet|est|es|é|è|jest)\\b
             |(?<=[案え解答답])(?:应该|应|は|은|는)?(?:是|为|為|选|選)?(?=[^\\p{L}]|[A-Z]|는|은|は))
          [\\s*_`"]*(?:[:：]|\\b(?:therefore|thus|clearly|simply)\\b)?[\\s*_`"]*
          (?!(?:not|none|nicht|pas|no)\\b)
          (?<said>\\S[^\\n]*)
          """);

  private FinalAnswer() {}

  /// The output without its reasoning, where that is marked as such.
  static String withoutReasoning(String output) {
    String open = REASONING.matcher(output).replaceAll(" ");
    return REASONING_END.matcher(open).replaceFirst("").strip();
  }

  /// What the output says its answer is, the most explicit place first: a box, a JSON field,
  /// `####`, then phrases such as "the answer is", the last one first.
  static List<String> explicit(String output) {
    List<String> found = new ArrayList<>();
    boxed(output).ifPresent(found::add);
    field(output).ifPresent(found::add);
    last(HASHES, output, 1).ifPresent(found::add);
    last(TAG, output, 2).ifPresent(found::add);
    List<String> said = new ArrayList<>();
    Matcher matcher = PHRASE.matcher(output);
    int from = 0;
    while (matcher.find(from)) {
      said.addFirst(matcher.group("said").strip());
      from = matcher.start("said");
    }
    found.addAll(said);
    return found;
  }

  /// The content of the last `\boxed{}`, braces within it included.
  private static Optional<String> boxed(String output) {
    Matcher matcher = BOX.matcher(output);
    Optional<String> found = Optional.empty();
    while (matcher.find()) {
      int depth = 1;
      int at = matcher.end();
      while (at < output.length() && depth > 0) {
        char c = output.charAt(at++);
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      }
      if (depth == 0) {
        found = Optional.of(output.substring(matcher.end(), at - 1).strip());
      }
    }
    return found;
  }

  /// The answer's field where the output is a JSON object.
  private static Optional<String> field(String output) {
    List<JsonNode> objects = JsonParts.of(output).stream().filter(JsonNode::isObject).toList();
    for (String name : FIELDS) {
      Optional<String> value =
          objects.reversed().stream()
              .map(object -> object.path(name))
              .filter(JsonNode::isValueNode)
              .map(JsonNode::asString)
              .findFirst();
      if (value.isPresent()) {
        return value;
      }
    }
    return Optional.empty();
  }

  /// The last line that is not blank.
  static String lastLine(String output) {
    List<String> lines = output.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    return lines.isEmpty() ? "" : lines.getLast();
  }

  private static Optional<String> last(Pattern pattern, String text, int group) {
    Matcher matcher = pattern.matcher(text);
    Optional<String> found = Optional.empty();
    while (matcher.find()) {
      found = Optional.of(matcher.group(group).strip());
    }
    return found;
  }

  /// The position of the right option; empty where the reference names none of its options.
  static Optional<Integer> rightOption(Reference reference) {
    List<String> options = reference.options();
    String answer = reference.answer().strip();
    if (options.size() < 2 || answer.isEmpty()) {
      return Optional.empty();
    }
    for (int k = 0; k < options.size(); k++) {
      if (PlainText.of(options.get(k)).equals(PlainText.of(answer))) {
        return Optional.of(k);
      }
    }
    Matcher letter = Pattern.compile("\\(?([A-Za-z])[.):]?(?:\\s.*)?").matcher(answer);
    if (letter.matches()) {
      int k = Character.toUpperCase(letter.group(1).charAt(0)) - 'A';
      return k < options.size() ? Optional.of(k) : Optional.empty();
    }
    if (answer.matches("\\d{1,2}") && Integer.parseInt(answer) < options.size()) {
      return Optional.of(Integer.parseInt(answer));
    }
    return Optional.empty();
  }
}
