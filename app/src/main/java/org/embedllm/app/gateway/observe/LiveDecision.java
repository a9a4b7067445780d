package org.embedllm.app.gateway.observe;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A decision as somebody watching sees it: what was chosen, and how the request ended.
///
/// @param at when its request came
/// @param id the decision's id
/// @param caller name of the key, never the key; empty where no keys are needed
/// @param requested the request's `model`
/// @param policy the policy that chose; empty where a model was named
/// @param chosen the model chosen
/// @param answeredBy the model that answered; empty where none did, or none was asked
/// @param probability that the one that answered is right, else that the chosen one is; NaN where
///   nothing was forecast
/// @param cost USD; NaN where unknown
/// @param latency where the time went
/// @param failed `model@host:kind` of each candidate tried in vain
/// @param status HTTP status of the answer; 0 where only the decision was asked for
/// @param error its error code
/// @param streamed whether the answer was a stream
/// @param prompt the text routed on, at most [#SHOWN_CHARACTERS] of it; empty unless the
///   configuration keeps prompts
/// @param score feedback, where there was any
public record LiveDecision(
    Instant at,
    String id,
    Optional<String> caller,
    String requested,
    Optional<String> policy,
    String chosen,
    Optional<String> answeredBy,
    double probability,
    double cost,
    Latency latency,
    List<String> failed,
    int status,
    Optional<String> error,
    boolean streamed,
    Optional<String> prompt,
    Optional<Double> score) {
  static final int SHOWN_CHARACTERS = 600;

  public LiveDecision {
    failed = List.copyOf(failed);
    prompt =
        prompt.map(p -> p.length() > SHOWN_CHARACTERS ? p.substring(0, SHOWN_CHARACTERS) + "…" : p);
  }

  /// Milliseconds by step; NaN where a step is not known.
  ///
  /// @param encode forecasting the prompt, mostly encoding it
  /// @param route choosing from the forecast
  /// @param upstream waiting for upstreams, up to the first event
  /// @param overhead everything before the first event but those
  /// @param total from the request to the end of its answer
  public record Latency(
      double encode, double route, double upstream, double overhead, double total) {}

  /// The model it is about: the one that answered, else the chosen one.
  public String model() {
    return answeredBy.orElse(chosen);
  }

  /// Whether a request was answered, well or not; not where only the decision was asked for.
  public boolean request() {
    return status > 0;
  }

  /// The same without what was asked.
  public LiveDecision withoutPrompt() {
    return changed(Optional.empty(), score);
  }

  LiveDecision scored(double outcome) {
    return changed(prompt, Optional.of(outcome));
  }

  private LiveDecision changed(Optional<String> shown, Optional<Double> outcome) {
    return new LiveDecision(
        at,
        id,
        caller,
        requested,
        policy,
        chosen,
        answeredBy,
        probability,
        cost,
        latency,
        failed,
        status,
        error,
        streamed,
        shown,
        outcome);
  }
}
