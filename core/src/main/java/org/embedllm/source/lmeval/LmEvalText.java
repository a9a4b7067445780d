package org.embedllm.source.lmeval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Reference;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.Origin;
import tools.jackson.databind.JsonNode;

/// The text of a question: the document's own question, query or problem, with its choices one a
/// line behind `A.`, `B.` and so on; never the few-shot prompt.
final class LmEvalText {
  private static final List<String> QUESTIONS =
      List.of(
          "question",
          "query",
          "problem",
          "Question",
          "Problem",
          "question_stem",
          "goal",
          "prompt",
          "instruction",
          "sentence",
          "input",
          "ctx",
          "context",
          "passage",
          "premise",
          "text",
          "page");
  private static final List<String> CHOICES = List.of("choices", "options", "endings");
  private static final List<List<String>> CHOICE_FIELDS =
      List.of(
          List.of("sol1", "sol2"),
          List.of("option1", "option2"),
          List.of("opa", "opb", "opc", "opd"),
          List.of("answerA", "answerB", "answerC"),
          List.of("A", "B", "C", "D"));

  private LmEvalText() {}

  /// The text of a document.
  ///
  /// @param field the field that holds it (`a.b` for a nested one), or empty to find it
  /// @throws org.embedllm.storage.BadInputException when no field holds a text
  static String of(JsonNode doc, Optional<String> field, Origin at) {
    if (field.isPresent()) {
      JsonNode value = doc;
      for (String name : field.get().split("\\.")) {
        value = value.path(name);
      }
      if (text(value).isEmpty()) {
        throw at.problem(
            "the document has no text in %s; it has %s".formatted(field.get(), names(doc)));
      }
      return JsonRecords.wellFormed(text(value));
    }
    if (doc.isString() && !doc.asString().isEmpty()) {
      return JsonRecords.wellFormed(doc.asString());
    }
    for (String name : QUESTIONS) {
      String question = question(doc.path(name));
      if (!question.isEmpty()) {
        return JsonRecords.wellFormed(withChoices(question, choices(doc)));
      }
    }
    throw at.problem(
        "the document has no question, query or problem; it has %s; name one with --question-field"
            .formatted(names(doc)));
  }

  /// The right answer to a sample's question: its target, which may be the number or the letter of
  /// a choice.
  static Reference reference(JsonNode sample) {
    List<String> choices = choices(sample.path("doc"));
    JsonNode targets = sample.path("target"); // a list where several answers are right
    String target =
        JsonRecords.wellFormed(text(targets.isArray() ? targets.path(0) : targets).strip());
    int index = index(target, choices.size());
    List<String> options = choices.stream().map(JsonRecords::wellFormed).toList();
    return new Reference(index < 0 ? target : options.get(index), options);
  }

  /// What a model wrote: the first of its answers after the filter; where it was asked how likely
  /// each choice is, the most likely one.
  static String output(JsonNode sample) {
    JsonNode answers = sample.path("filtered_resps");
    if (isLikelihoods(answers)) {
      int best = 0;
      for (int i = 1; i < answers.size(); i++) {
        best = likelihood(answers, i) > likelihood(answers, best) ? i : best;
      }
      List<String> choices = choices(sample.path("doc"));
      return choices.size() == answers.size() ? JsonRecords.wellFormed(choices.get(best)) : "";
    }
    while (answers.isArray() && !answers.isEmpty()) {
      answers = answers.get(0);
    }
    return answers.isString() ? JsonRecords.wellFormed(answers.asString()) : "";
  }

  /// Whether answers are log likelihoods, each with whether greedy decoding gives the choice.
  private static boolean isLikelihoods(JsonNode answers) {
    JsonNode first = answers.path(0);
    return first.isArray()
        && first.size() == 2
        && !Double.isNaN(JsonFields.number(first.get(0)))
        && first.get(1).asString("").matches("(?i)true|false");
  }

  private static double likelihood(JsonNode answers, int choice) {
    return JsonFields.number(answers.path(choice).path(0));
  }

  private static int index(String target, int choices) {
    boolean number = target.matches("\\d{1,3}");
    boolean letter = target.matches("[A-Z]");
    int index = number ? Integer.parseInt(target) : letter ? target.charAt(0) - 'A' : -1;
    return index < choices ? index : -1;
  }

  /// A question that is an object (as in some ARC copies) has its text in `stem`.
  private static String question(JsonNode node) {
    return node.isObject() ? text(node.path("stem")) : text(node);
  }

  private static String withChoices(String question, List<String> choices) {
    StringBuilder text = new StringBuilder(question);
    for (int i = 0; i < choices.size(); i++) {
      text.append('\n');
      if (i < 26) {
        text.append((char) ('A' + i)).append(". ");
      }
      text.append(choices.get(i));
    }
    return text.toString();
  }

  private static List<String> choices(JsonNode doc) {
    for (String name : CHOICES) {
      JsonNode node = doc.path(name);
      // ARC and CommonsenseQA keep {"text": [...], "label": [...]}.
      List<String> found = texts(node.isObject() ? node.path("text") : node);
      // A list of one is the answer and no choice.
      if (found.size() > 1 || (node.isString() && !found.isEmpty())) {
        return found;
      }
    }
    List<String> nested = texts(doc.path("question").path("choices"));
    if (nested.size() > 1) {
      return nested;
    }
    for (List<String> fields : CHOICE_FIELDS) {
      if (fields.stream().allMatch(name -> !text(doc.path(name)).isEmpty())) {
        return fields.stream().map(name -> text(doc.path(name))).toList();
      }
    }
    return List.of();
  }

  private static List<String> texts(JsonNode node) {
    if (node.isString()) {
      return List.of(node.asString());
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : node) {
      String text = text(element.isObject() ? element.path("text") : element);
      if (text.isEmpty()) {
        return List.of();
      }
      texts.add(text);
    }
    return texts;
  }

  private static String text(JsonNode node) {
    String text = node.isValueNode() && !node.isNull() ? node.asString("") : "";
    return text.isBlank() ? "" : text;
  }

  private static String names(JsonNode doc) {
    return doc.isObject() ? String.join(", ", doc.propertyNames()) : "no fields";
  }
}
