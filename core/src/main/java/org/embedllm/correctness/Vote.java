package org.embedllm.correctness;

/// A judgement of two models' answers to one question.
///
/// @param question number of the question in the matrix
/// @param modelA row of the first model in the matrix
/// @param modelB row of the second model in the matrix
/// @param winner who gave the better answer
/// @param judges how many judges stand behind it, 1 or more
public record Vote(int question, int modelA, int modelB, Winner winner, int judges) {
  /// Who gave the better answer.
  public enum Winner {
    /// The first model.
    MODEL_A("model_a", 0),
    /// The second model.
    MODEL_B("model_b", 1),
    /// Both answers are equally good.
    TIE("tie", 2),
    /// Both answers are equally bad.
    BOTH_BAD("tie (bothbad)", 3);

    private final String label;
    private final int code;

    Winner(String label, int code) {
      this.label = label;
      this.code = code;
    }

    /// The winner of a code.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Winner ofCode(int code) {
      for (Winner winner : values()) {
        if (winner.code == code) {
          return winner;
        }
      }
      throw new IllegalArgumentException("a vote's winner is a code from 0 to 3; got " + code);
    }

    /// The number used in files.
    public int code() {
      return code;
    }

    /// The name used in tables.
    public String label() {
      return label;
    }
  }

  public Vote {
    if (question < 0 || modelA < 0 || modelB < 0 || modelA == modelB || judges < 1) {
      throw new IllegalArgumentException(
          "a vote compares two models on a question, by 1 judge or more; got question %d, models %d and %d, %d judges"
              .formatted(question, modelA, modelB, judges));
    }
  }
}
