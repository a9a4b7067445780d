package org.embedllm.source;

/// Which questions stay together in a split made here, beside those of one text.
public sealed interface Grouping {
  /// No others.
  record None() implements Grouping {}

  /// Those with one value of a column.
  record Column(String name) implements Grouping {}

  /// Those whose texts are near-duplicates.
  record Similar() implements Grouping {}
}
