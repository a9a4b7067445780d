package org.embedllm.question;

import java.util.Locale;
import org.embedllm.correctness.Question;

/// What a stored vector belongs to.
enum RowKey {
  /// A text, as for every encoder: the same text has the same vector.
  TEXT {
    @Override
    TextDigest of(Question question) {
      return TextDigest.of(question.text());
    }
  },
  /// A question, by id and text: for imported vectors, whose origin is unknown.
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
