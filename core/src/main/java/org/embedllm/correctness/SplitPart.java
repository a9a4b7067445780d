package org.embedllm.correctness;

import java.util.Arrays;
import java.util.Optional;

/// A part of a [QuestionSplit]: fitted on, chosen on, or reported on.
public enum SplitPart {
  TRAIN("train"),
  VALIDATION("val"),
  TEST("test");

  private final String label;

  SplitPart(String label) {
    this.label = label;
  }

  /// The name used in files and on the command line: `train`, `val`, `test`.
  public String label() {
    return label;
  }

  /// The part of a label.
  public static Optional<SplitPart> labeled(String label) {
    return Arrays.stream(values()).filter(part -> part.label.equals(label)).findFirst();
  }
}
