package org.embedllm.app.gateway.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.observe.Finished;
import org.embedllm.app.gateway.observe.LiveDecision;
import org.embedllm.app.gateway.openai.Usage;

/// A decision as it is remembered.
///
/// @param id its id
/// @param at when it was made
/// @param caller whose key it was
/// @param requested the request's `model`
/// @param policy the policy that chose; empty where a model was named
/// @param chosen the model chosen
/// @param probability that the chosen one is right; NaN where nothing was forecast
/// @param answeredBy the model that answered; empty where none did, or none was asked
/// @param answeredProbability the same of the one that answered
/// @param status HTTP status of the answer; 0 where only the decision was asked for
/// @param error its error code
/// @param streamed whether the answer was a stream
/// @param promptTokens read; negative where unknown
/// @param answerTokens written; negative where unknown
/// @param measured whether the upstream counted them
/// @param cost USD; NaN where unknown
/// @param totalMillis from the request to the end of the answer
/// @param upstreamMillis spent waiting for upstreams
/// @param encodeMillis spent on the forecast
/// @param routeMillis spent on the choice; NaN where unknown
/// @param firstByteMillis until the answer's first event; NaN where unknown, or there was none
/// @param failed candidates tried in vain
/// @param reason why this model
/// @param prompt the text routed on, where it is kept
/// @param score feedback, where there was any
public record Memory(
    String id,
    Instant at,
    Optional<String> caller,
    String requested,
    Optional<String> policy,
    String chosen,
    double probability,
    Optional<String> answeredBy,
    double answeredProbability,
    int status,
    Optional<String> error,
    boolean streamed,
    long promptTokens,
    long answerTokens,
    boolean measured,
    double cost,
    double totalMillis,
    double upstreamMillis,
    double encodeMillis,
    double routeMillis,
    double firstByteMillis,
    String failed,
    String reason,
    Optional<String> prompt,
    Optional<Double> score) {

  /// A decision whose request has come to its end.
  ///
  /// @param prompt its text, where it is kept
  static Memory of(Finished f, Decision d, Optional<String> prompt) {
    double answered =
        f.answeredBy()
            .flatMap(m -> d.ranking().stream().filter(r -> r.model().equals(m)).findFirst())
            .map(Decision.Ranked::probability)
            .orElse(Double.NaN);
    return new Memory(
        d.id(),
        f.at(),
        f.caller(),
        d.requested(),
        d.policy(),
        d.model(),
        d.chosen().probability(),
        f.answeredBy(),
        answered,
        f.status(),
        f.error(),
        f.streamed(),
        f.usage().map(Usage::promptTokens).orElse(-1L),
        f.usage().map(Usage::answerTokens).orElse(-1L),
        f.usage().map(Usage::measured).orElse(false),
        f.cost(),
        f.totalNanos() / 1e6,
        f.upstreamNanos() / 1e6,
        d.encodeNanos() / 1e6,
        d.routeNanos() / 1e6,
        f.firstByteNanos() > 0 ? f.firstByteNanos() / 1e6 : Double.NaN,
        String.join(",", f.failed()),
        d.reason(),
        prompt,
        Optional.empty());
  }

  /// A decision for which no model was asked.
  ///
  /// @param prompt its text, where it is kept
  static Memory of(Instant at, Optional<String> caller, Decision d, Optional<String> prompt) {
    double p = d.chosen().probability();
    return new Memory(
        d.id(),
        at,
        caller,
        d.requested(),
        d.policy(),
        d.model(),
        p,
        Optional.empty(),
        p,
        0,
        Optional.empty(),
        false,
        -1,
        -1,
        false,
        Double.NaN,
        (d.encodeNanos() + d.routeNanos()) / 1e6,
        0,
        d.encodeNanos() / 1e6,
        d.routeNanos() / 1e6,
        Double.NaN,
        "",
        d.reason(),
        prompt,
        Optional.empty());
  }

  /// How somebody who watches sees it.
  ///
  /// @param withPrompt whether its text may be shown
  LiveDecision live(boolean withPrompt) {
    return new LiveDecision(
        at,
        id,
        caller,
        requested,
        policy,
        chosen,
        answeredBy,
        answeredBy.isPresent() ? answeredProbability : probability,
        cost,
        new LiveDecision.Latency(
            encodeMillis,
            routeMillis,
            status > 0 ? upstreamMillis : Double.NaN,
            Math.max(0, firstByteMillis - upstreamMillis - encodeMillis - routeMillis),
            totalMillis),
        failed.isEmpty() ? List.of() : List.of(failed.split(",")),
        status,
        error,
        streamed,
        withPrompt ? prompt : Optional.empty(),
        score);
  }
}
