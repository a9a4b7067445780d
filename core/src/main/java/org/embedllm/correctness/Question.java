package org.embedllm.correctness;

import java.util.Objects;

/// A question that models were asked.
///
/// @param id the data set's own `prompt_id`, or the text where it has none; unique in a matrix
/// @param text the text as the source gives it
/// @param benchmark the benchmark it belongs to (the public layout's `category`), or
///   [#NO_BENCHMARK]
/// @param attributes what else is known when it is asked
public record Question(String id, String text, String benchmark, Attributes attributes) {
  /// The benchmark of a question that belongs to none.
  public static final String NO_BENCHMARK = "";

  public Question {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(benchmark, "benchmark");
    Objects.requireNonNull(attributes, "attributes");
  }

  /// A question of which nothing else is known.
  public Question(String id, String text, String benchmark) {
    this(id, text, benchmark, Attributes.NONE);
  }
}
