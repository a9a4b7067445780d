package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;

/// Another split of the same questions, with parts of the same sizes.
final class RandomSplit {
  private RandomSplit() {}

  static QuestionSplit like(QuestionSplit split, long seed) {
    List<SplitPart> parts = new ArrayList<>();
    for (int j = 0; j < split.questionCount(); j++) {
      parts.add(split.part(j));
    }
    Collections.shuffle(parts, new Random(seed));
    return QuestionSplit.of(parts);
  }
}
