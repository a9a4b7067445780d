package org.embedllm.app.ask;

import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;

/// A question to ask.
///
/// @param question its id, text and benchmark
/// @param reference what is right; [Reference#NONE] where that is not known
record AskedQuestion(Question question, Reference reference) {
  /// What the model is asked: the text, with the options below it where they are not in it.
  String prompt() {
    List<String> options = reference.options();
    String text = question.text();
    if (options.size() < 2 || options.stream().allMatch(text::contains)) {
      return text;
    }
    StringBuilder prompt = new StringBuilder(text).append('\n');
    for (int k = 0; k < options.size(); k++) {
      prompt.append('\n').append((char) ('A' + k)).append(". ").append(options.get(k));
    }
    return prompt.toString();
  }
}
