package org.embedllm.source.harness;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Reference;
import org.embedllm.source.file.JsonFields;
import tools.jackson.databind.JsonNode;

/// What a record says of a question and of the answer to it.
final class Entry {
  private final String benchmark;
  private final JsonNode source;
  private final Map<Measure, Double> measures = new EnumMap<>(Measure.class);
  private Optional<String> id = Optional.empty();
  private String text = "";
  private String output = "";
  private Reference reference = Reference.NONE;

  /// @param source the record, in which attributes are looked up
  Entry(String benchmark, JsonNode source) {
    this.benchmark = benchmark;
    this.source = source;
  }

  /// A question with an id.
  ///
  /// @param text may be empty where another source has it
  Entry question(String ownId, String text) {
    this.id = ownId.isEmpty() ? Optional.empty() : Optional.of(ownId);
    this.text = text;
    return this;
  }

  /// A measurement; a node that is no number, or a negative one, says nothing.
  Entry measure(Measure measure, JsonNode value) {
    return measure(measure, JsonFields.number(value));
  }

  Entry measure(Measure measure, double value) {
    if (value >= 0 && value < Double.POSITIVE_INFINITY) {
      measures.put(measure, value);
    }
    return this;
  }

  Entry output(String written) {
    this.output = written;
    return this;
  }

  Entry reference(String answer, List<String> options) {
    this.reference = new Reference(answer, options);
    return this;
  }

  String benchmark() {
    return benchmark;
  }

  JsonNode source() {
    return source;
  }

  Map<Measure, Double> measures() {
    return Map.copyOf(measures);
  }

  Optional<String> id() {
    return id;
  }

  String text() {
    return text;
  }

  String output() {
    return output;
  }

  Reference reference() {
    return reference;
  }

  /// The choices that a question offers; none where they are its right answers alone, which tell
  /// it.
  ///
  /// @param right texts of all right answers
  static List<String> offered(List<String> choices, List<String> right) {
    List<String> known = right.stream().map(String::strip).toList();
    boolean told = choices.stream().map(String::strip).allMatch(known::contains);
    return choices.size() < 2 || told ? List.of() : choices;
  }

  /// A question and its choices, one a line behind `A.`, `B.`, unless the text has them already.
  static String withChoices(String question, List<String> choices) {
    if (choices.isEmpty() || choices.stream().allMatch(question::contains)) {
      return question;
    }
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
}
