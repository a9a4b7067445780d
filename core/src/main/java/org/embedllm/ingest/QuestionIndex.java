package org.embedllm.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.Origin;
import org.jspecify.annotations.Nullable;

/// The questions read so far, over all sources: each text is kept once, and whatever names the same
/// question has the same number.
final class QuestionIndex {
  /// A question as far as it is known.
  private static final class Entry {
    private final String key;
    private final Origin origin;
    private String text;
    private String benchmark;
    private Optional<SplitPart> part;

    Entry(String key, SourceQuestion question, Origin origin) {
      this.key = key;
      this.origin = origin;
      this.text = question.text();
      this.benchmark = question.benchmark();
      this.part = question.part();
    }
  }

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d{1,300}\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,2})?");

  private final Map<Optional<SplitPart>, Map<String, Integer>> byPart = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private int last; // number of the question met last
  private final Map<Integer, String> groups = new HashMap<>();
  private final GroupUnion groupUnion = new GroupUnion();
  private final Map<Integer, Reference> references = new HashMap<>();
  private final Map<String, Map<Integer, String>> attributes = new TreeMap<>(); // by name
  private final Set<String> textAttributes = new HashSet<>();

  /// The number of a question.
  ///
  /// @throws org.embedllm.storage.BadInputException when its id was met with another text
  int number(SourceQuestion question, Origin at) {
    String key = question.id().orElse(question.text());
    // Most tables have all answers to a question, or all of a model, one below the other.
    for (int guess = last; guess < Math.min(last + 2, entries.size()); guess++) {
      Entry entry = entries.get(guess);
      if (entry.key.equals(key) && entry.part.equals(question.part())) {
        complete(entry, question, at);
        last = guess;
        return guess;
      }
    }
    Map<String, Integer> known = byPart.computeIfAbsent(question.part(), p -> new HashMap<>());
    Integer found = known.get(key);
    if (found == null) {
      found = elsewhere(key, question, known, at);
    }
    if (found == null) {
      found = entries.size();
      entries.add(new Entry(key, question, at));
      known.put(key, found);
    } else {
      complete(entries.get(found), question, at);
    }
    last = found;
    return found;
  }

  /// The question of the same key in another part that this one is: one of the two has no part.
  private @Nullable Integer elsewhere(
      String key, SourceQuestion question, Map<String, Integer> known, Origin at) {
    for (Map<String, Integer> inPart : byPart.values()) {
      Integer number = inPart.get(key);
      if (number == null) {
        continue;
      }
      Entry entry = entries.get(number);
      requireSameText(entry, question.text(), at);
      if (question.part().isEmpty()) {
        return number;
      }
      if (entry.part.isEmpty()) {
        entry.part = question.part();
        inPart.remove(key);
        known.put(key, number);
        return number;
      }
    }
    return null;
  }

  private static void complete(Entry entry, SourceQuestion question, Origin at) {
    requireSameText(entry, question.text(), at);
    if (entry.text.isEmpty()) {
      entry.text = question.text();
    }
    if (entry.benchmark.isEmpty()) {
      entry.benchmark = question.benchmark();
    }
  }

  private static void requireSameText(Entry known, String text, Origin at) {
    if (!known.text.equals(text) && !known.text.isEmpty() && !text.isEmpty()) {
      throw at.problem(
          "prompt_id \"%s\" has another text here than at %s; an id names one question"
              .formatted(abbreviated(known.key), known.origin));
    }
  }

  void group(int question, String group) {
    String before = groups.putIfAbsent(question, group);
    if (before != null && !before.equals(group)) {
      groupUnion.join(before, group);
    }
  }

  void reference(int question, Reference reference) {
    references.putIfAbsent(question, reference);
  }

  void attribute(int question, String name, String value, Origin at) {
    if (value.isEmpty()) {
      return;
    }
    Map<Integer, String> values = attributes.computeIfAbsent(name, n -> new HashMap<>());
    String before = values.putIfAbsent(question, value);
    if (before == null && !textAttributes.contains(name) && number(value).isEmpty()) {
      textAttributes.add(name);
    }
    if (before != null && !before.equals(value)) {
      throw at.problem(
          "attribute %s of question \"%s\" is \"%s\" here and \"%s\" before; an attribute has one value for a question"
              .formatted(name, abbreviated(entries.get(question).key), value, before));
    }
  }

  /// A decimal number; what Java alone takes for one, such as `1d`, is a text.
  private static Optional<AttributeValue> number(String value) {
    return NUMBER.matcher(value).matches()
        ? Optional.of(new AttributeValue.Numeric(Double.parseDouble(value)))
        : Optional.empty();
  }

  /// The questions of an id, or of a text where they have none: one for each part that has it.
  List<Integer> numbers(String key) {
    return byPart.values().stream()
        .filter(inPart -> inPart.containsKey(key))
        .map(inPart -> inPart.get(key))
        .toList();
  }

  int count() {
    return entries.size();
  }

  /// Ids of the questions, or texts where they have none, by number.
  List<String> keys() {
    return entries.stream().map(entry -> entry.key).toList();
  }

  boolean hasText(int question) {
    return !entries.get(question).text.isEmpty();
  }

  Origin origin(int question) {
    return entries.get(question).origin;
  }

  Optional<SplitPart> part(int question) {
    return entries.get(question).part;
  }

  /// The group of a question, the same name for groups that share a question.
  Optional<String> group(int question) {
    return Optional.ofNullable(groups.get(question)).map(groupUnion::representative);
  }

  Optional<Reference> reference(int question) {
    return Optional.ofNullable(references.get(question));
  }

  /// The questions in their places.
  ///
  /// @param rank position of each question by number; -1 for one that is left out
  /// @param count number of places
  List<Question> ordered(int[] rank, int count) {
    Question[] ordered = new Question[count];
    Set<String> taken = HashSet.newHashSet(count);
    for (int q = 0; q < rank.length; q++) {
      if (rank[q] < 0) {
        continue;
      }
      Entry entry = entries.get(q);
      String id = entry.key;
      // An id in two parts of a supplied split is a question in each of them.
      for (int copy = 2; !taken.add(id); copy++) {
        String part = entry.part.map(SplitPart::label).orElse("");
        id = entry.key + "#" + part + (copy == 2 ? "" : copy);
      }
      ordered[rank[q]] = new Question(id, entry.text, entry.benchmark, attributes(q));
    }
    return List.of(ordered);
  }

  private Attributes attributes(int question) {
    Map<String, AttributeValue> values = new TreeMap<>();
    attributes.forEach((name, byQuestion) -> {
      String value = byQuestion.get(question);
      if (value != null) {
        values.put(
            name,
            textAttributes.contains(name)
                ? new AttributeValue.Text(value)
                : number(value).orElseThrow());
      }
    });
    return Attributes.of(values);
  }

  private static String abbreviated(String key) {
    return key.length() <= 60 ? key : key.substring(0, 60) + "…";
  }
}
