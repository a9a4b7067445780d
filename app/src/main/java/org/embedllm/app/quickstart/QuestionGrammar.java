package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A small grammar that writes questions of one skill.
///
/// Its text has four kinds of lines. `# ...` is a comment. `word: a | b | c` is a list. `[topic
/// 0.5]` opens a topic, with the difficulty of its questions on the logit scale. Every other line
/// is a template: `{word}` is an entry of a list, the same throughout a question; `{word2}` is
/// another one, never the same; `{3..40}` is a number, drawn again each time; `{{` and `}}` are
/// braces, `\n` is a line break.
final class QuestionGrammar {
  private static final Pattern LIST = Pattern.compile("([a-z]+): (.+)");
  private static final Pattern TOPIC = Pattern.compile("\\[([a-z]+) (-?[0-9.]+)]");
  private static final Pattern SLOT =
      Pattern.compile("\\{\\{|}}|\\\\n|\\{([a-z]+)([2-9]?)}|\\{(\\d+)\\.\\.(\\d+)}");

  private final Map<String, List<String>> lists;
  private final List<Template> templates;

  private record Template(String topic, double difficulty, String text) {}

  /// A question that was drawn.
  ///
  /// @param topic the part of the skill it belongs to
  /// @param difficulty of the topic, on the logit scale
  record Drawn(String topic, double difficulty, String text) {}

  private QuestionGrammar(Map<String, List<String>> lists, List<Template> templates) {
    this.lists = Map.copyOf(lists);
    this.templates = List.copyOf(templates);
  }

  /// @throws IllegalArgumentException when a template uses a missing list
  static QuestionGrammar parse(String source) {
    Map<String, List<String>> lists = new HashMap<>();
    List<Template> templates = new ArrayList<>();
    String topic = "";
    double difficulty = 0;
    for (String line : source.lines().toList()) {
      Matcher list = LIST.matcher(line);
      Matcher heading = TOPIC.matcher(line);
      if (list.matches()) {
        lists.put(list.group(1), List.of(list.group(2).split(" \\| ")));
      } else if (heading.matches()) {
        topic = heading.group(1);
        difficulty = Double.parseDouble(heading.group(2));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        templates.add(new Template(topic, difficulty, line));
      }
    }
    QuestionGrammar grammar = new QuestionGrammar(lists, templates);
    grammar.templates.forEach(grammar::requireLists);
    return grammar;
  }

  /// One question.
  Drawn draw(RandomGenerator random) {
    Template template = templates.get(random.nextInt(templates.size()));
    Map<String, List<String>> shuffled = new HashMap<>();
    StringBuilder text = new StringBuilder();
    Matcher slot = SLOT.matcher(template.text());
    while (slot.find()) {
      slot.appendReplacement(text, Matcher.quoteReplacement(fill(slot, shuffled, random)));
    }
    slot.appendTail(text);
    text.setCharAt(0, Character.toUpperCase(text.charAt(0)));
    return new Drawn(template.topic(), template.difficulty(), text.toString());
  }

  private String fill(Matcher slot, Map<String, List<String>> shuffled, RandomGenerator random) {
    if (slot.group(1) != null) {
      int index = slot.group(2).isEmpty() ? 0 : Integer.parseInt(slot.group(2)) - 1;
      return shuffled.computeIfAbsent(slot.group(1), name -> shuffle(name, random)).get(index);
    }
    if (slot.group(3) != null) {
      int low = Integer.parseInt(slot.group(3));
      return Integer.toString(random.nextInt(low, Integer.parseInt(slot.group(4)) + 1));
    }
    return switch (slot.group()) {
      case "{{" -> "{";
      case "}}" -> "}";
      default -> "\n";
    };
  }

  /// A list in random order.
  private List<String> shuffle(String name, RandomGenerator random) {
    List<String> entries = new ArrayList<>(lists.getOrDefault(name, List.of()));
    Collections.shuffle(entries, random);
    return entries;
  }

  private void requireLists(Template template) {
    Matcher slot = SLOT.matcher(template.text());
    while (slot.find()) {
      if (slot.group(1) != null && !lists.containsKey(slot.group(1))) {
        throw new IllegalArgumentException(
            "no list \"%s\" for the template: %s".formatted(slot.group(1), template.text()));
      }
    }
  }
}
