package org.embedllm.source;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a column of a table can mean.
public enum ColumnRole {
  /// The model that answered.
  MODEL("model_name", "model", "llm", "model_id"),
  /// The question's own id.
  ID("prompt_id", "question_id", "sample_id"),
  /// The question's text.
  QUESTION("prompt", "question", "question_text", "text"),
  /// The benchmark that the question belongs to.
  BENCHMARK("category", "benchmark", "task", "dataset", "task_name", "eval_name"),
  /// The score, or the label.
  SCORE("score", "label", "correct"),
  /// What the call cost, in USD.
  COST("cost", "call_cost", "cost_usd", "total_cost"),
  /// Tokens of the prompt.
  INPUT_TOKENS("input_tokens"),
  /// Tokens of the answer.
  OUTPUT_TOKENS("output_tokens"),
  /// Characters of the answer, where its tokens were not counted; a token is 4 of them.
  OUTPUT_CHARACTERS("output_characters", "output_chars", "answer_chars"),
  /// Seconds that the call took.
  LATENCY("latency", "latency_seconds", "seconds"),
  /// What the model wrote.
  OUTPUT("output", "response", "model_response", "model_output"),
  /// The right answer.
  REFERENCE("reference", "reference_answer", "ground_truth", "answer_key"),
  /// The answers to choose from, a JSON array.
  OPTIONS("options"),
  /// How many answers a score is the mean of; how many judges stand behind a vote.
  WEIGHT("weight", "repeats", "samples", "judges"),
  /// How far the answers behind a mean score are apart: the sample variance of their scores.
  SCORE_VARIANCE("score_variance"),
  /// The first model of a vote.
  MODEL_A("model_a", "model_1"),
  /// The second model of a vote.
  MODEL_B("model_b", "model_2"),
  /// Who won a vote.
  WINNER("winner"),
  /// The part of a split: `train`, `val` or `test`.
  SPLIT("split");

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> names;

  ColumnRole(String... names) {
    this.names = List.of(names);
  }

  /// Names that a column of this role goes by, the most informative first, in lower case with `_`.
  public List<String> names() {
    return names;
  }

  /// The name used on the command line, such as `input-tokens`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The role of a label; `_` counts as `-`.
  public static Optional<ColumnRole> labeled(String label) {
    String wanted = label.strip().toLowerCase(Locale.ROOT).replace('_', '-');
    return Arrays.stream(values()).filter(role -> role.label().equals(wanted)).findFirst();
  }
}
