package org.embedllm.gateway.decide;

import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.rollout.Assignment;

/// Which model shall answer a request, and why.
///
/// @param id for feedback
/// @param requested the request's `model`
/// @param policy the policy that chose; empty where the request named a model
/// @param model the chosen one
/// @param reason one sentence a person understands
/// @param ranking all candidates, the chosen first
/// @param excluded models that were no candidates
/// @param text the text routed on; empty where nothing was forecast
/// @param assignment how the choice came about
/// @param encodeNanos time spent on the text's forecast
/// @param routeNanos time spent on the choice
public record Decision(
    String id,
    String requested,
    Optional<String> policy,
    String model,
    String reason,
    List<Ranked> ranking,
    List<Excluded> excluded,
    String text,
    Assignment assignment,
    long encodeNanos,
    long routeNanos) {
  /// A decision that came about in no other way than by naming a model.
  public Decision(
      String id,
      String requested,
      Optional<String> policy,
      String model,
      String reason,
      List<Ranked> ranking,
      List<Excluded> excluded,
      String text,
      long encodeNanos,
      long routeNanos) {
    this(
        id,
        requested,
        policy,
        model,
        reason,
        ranking,
        excluded,
        text,
        Assignment.NONE,
        encodeNanos,
        routeNanos);
  }

  public Decision {
    ranking = List.copyOf(ranking);
    excluded = List.copyOf(excluded);
  }

  /// The same with other candidates, the chosen first.
  Decision withRanking(List<Ranked> other) {
    return new Decision(
        id,
        requested,
        policy,
        model,
        reason,
        other,
        excluded,
        text,
        assignment,
        encodeNanos,
        routeNanos);
  }

  /// A candidate.
  ///
  /// @param model its name
  /// @param probability that it answers correctly; NaN where nothing was forecast
  /// @param low lower end of the 95 % interval
  /// @param high upper end
  /// @param cost expected for this call in USD; NaN where no price is known
  /// @param reason what speaks for or against it beside the policy; may be blank
  public record Ranked(
      String model, double probability, double low, double high, double cost, String reason) {}

  /// A model that cannot serve the request.
  ///
  /// @param model its name
  /// @param need which it does not meet
  public record Excluded(String model, UnmetNeed need) {
    public String reason() {
      return need.message();
    }
  }

  /// That a model is right; NaN where nothing was forecast of it.
  public double probability(String candidate) {
    for (Ranked ranked : ranking) {
      if (ranked.model().equals(candidate)) {
        return ranked.probability();
      }
    }
    return Double.NaN;
  }

  /// The chosen one's entry.
  public Ranked chosen() {
    return ranking.getFirst();
  }
}
