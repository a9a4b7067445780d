package org.embedllm.question;

import java.util.Locale;
import org.embedllm.correctness.Question;

/// What a stored vector belongs to.
enum RowKey {
  /// A text: whoever asks it gets the same vector. What every encoder makes.
  TEXT {
    @Override
    TextDigest of(Question question) {
      return TextDigest.of(question.text());
    }
  },
  /// A question, its id and its text: vectors brought along, of which nobody knows how they were
  /// made.
  QUESTION {
    @Override
    TextDigest of(Question question) {
      return TextDigest.of(question.id() + '\0' + question.text());
    }
  };

  abstract TextDigest of(Question question);

  /// The name in a file's metadata.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
