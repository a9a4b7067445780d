package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.embedllm.app.task.Prompt;
import org.embedllm.app.task.Prompts;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The user's own prompts: one a line, JSON Lines, or CSV with `prompt` and, where they are known,
/// `reference`, `options` (a JSON array), `category` and `prompt_id`.
final class PromptTable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  // The names that import recognizes, in its order.
  private static final List<String> ANSWER =
      List.of(
          "reference",
          "reference_answer",
          "ground_truth",
          "answer_key",
          "answer",
          "target",
          "gold");
  private static final List<String> BENCHMARK = List.of("category", "benchmark", "task", "dataset");
  private static final List<String> ID = List.of("prompt_id", "question_id", "sample_id", "id");
  private static final String OPTIONS = "options";

  private PromptTable() {}

  /// The questions of a file, each once.
  ///
  /// @throws BadInputException when the file holds no prompt, or one id with two texts
  static List<AskedQuestion> read(Path file) throws IOException {
    List<String> names = new ArrayList<>(ANSWER);
    names.addAll(BENCHMARK);
    names.addAll(ID);
    names.add(OPTIONS);
    List<AskedQuestion> questions = new ArrayList<>();
    Set<String> texts = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (Prompt prompt : Prompts.read(file, names)) {
      String id = first(prompt.fields(), ID);
      if (!texts.add(prompt.text())) {
        continue;
      }
      if (!ids.add(id.isEmpty() ? prompt.text() : id)) {
        throw BadInputException.in(
            file, "has the prompt_id \"%s\" with two texts: give each its own id".formatted(id));
      }
      questions.add(
          new AskedQuestion(
              new Question(
                  id.isEmpty() ? prompt.text() : id,
                  prompt.text(),
                  first(prompt.fields(), BENCHMARK)),
              new Reference(first(prompt.fields(), ANSWER), options(file, prompt))));
    }
    return questions;
  }

  private static String first(Map<String, String> fields, List<String> names) {
    return names.stream()
        .map(name -> fields.getOrDefault(name, ""))
        .filter(value -> !value.isBlank())
        .findFirst()
        .orElse("");
  }

  private static List<String> options(Path file, Prompt prompt) {
    String text = prompt.fields().getOrDefault(OPTIONS, "");
    try {
      return text.isBlank() ? List.of() : JSON.readValue(text, TEXTS);
    } catch (JacksonException e) {
      throw BadInputException.in(
          file,
          "options must be a JSON array such as [\"yes\", \"no\"]; got %.60s for the prompt \"%.60s\""
              .formatted(text, prompt.text()));
    }
  }
}
