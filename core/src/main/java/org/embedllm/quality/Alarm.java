package org.embedllm.quality;

/// Something in the data that a person would ask about before believing it.
///
/// @param kind what it is
/// @param text one sentence for people
public record Alarm(Kind kind, String text) {
  /// What an alarm is about.
  public enum Kind {
    /// A benchmark on which every answer is wrong.
    ALL_WRONG("all-wrong"),
    /// A benchmark on which every answer is right.
    ALL_RIGHT("all-right"),
    /// A model without a scored answer.
    MISSING_ANSWERS("missing-answers"),
    /// A model that is right everywhere, or wrong everywhere.
    CONSTANT_MODEL("constant-model"),
    /// Sources that give one model's answer to one question different scores.
    CONTRADICTION("contradiction"),
    /// Questions that better models get wrong more often.
    WRONG_KEY("wrong-key"),
    /// Two models with the same right and wrong answers.
    IDENTICAL_MODELS("identical-models"),
    /// Near-duplicate questions in different parts of the split.
    NEAR_DUPLICATES("near-duplicates");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /// The name used in JSON.
    public String label() {
      return label;
    }
  }
}
