package org.embedllm.gateway.observe;

import java.util.Optional;
import org.embedllm.gateway.observe.CompletedRequest.Choice;

/// A decision with its result, as in the store and the live view.
///
/// @param request with a choice; without its text unless the configuration keeps prompts
/// @param score feedback in [0, 1], where there was any
/// @param vote on its answer, where there was one
public record DecisionRecord(
    CompletedRequest request, Optional<Double> score, Optional<Vote> vote) {
  static final int SHOWN_CHARACTERS = 600;

  /// Which of two models answered better.
  ///
  /// @param better the model that is preferred
  /// @param worse the other one
  public record Vote(String better, String worse) {}

  /// @throws IllegalArgumentException where nothing was decided
  public DecisionRecord {
    if (request.choice().isEmpty()) {
      throw new IllegalArgumentException("a decision record needs a decision");
    }
  }

  /// @param withText whether the text it was routed on may be kept
  public static DecisionRecord of(CompletedRequest request, boolean withText) {
    return new DecisionRecord(
        withText ? request : request.withoutText(), Optional.empty(), Optional.empty());
  }

  public Choice choice() {
    return request.choice().orElseThrow();
  }

  public String id() {
    return choice().id();
  }

  /// The model it is about: the one that answered, else the chosen one.
  public String model() {
    return request.answer().model().orElse(choice().model());
  }

  /// The text routed on; empty unless it is kept.
  public Optional<String> prompt() {
    return Optional.of(choice().text()).filter(text -> !text.isEmpty());
  }

  /// The beginning of the text.
  Optional<String> shownPrompt() {
    return prompt()
        .map(p -> p.length() > SHOWN_CHARACTERS ? p.substring(0, SHOWN_CHARACTERS) + "…" : p);
  }

  /// The same without what was asked.
  public DecisionRecord withoutPrompt() {
    return new DecisionRecord(request.withoutText(), score, vote);
  }

  public DecisionRecord withScore(double score) {
    return new DecisionRecord(request, Optional.of(score), vote);
  }

  public DecisionRecord withVote(Vote vote) {
    return new DecisionRecord(request, score, Optional.of(vote));
  }
}
