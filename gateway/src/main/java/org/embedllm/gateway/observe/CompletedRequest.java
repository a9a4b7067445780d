package org.embedllm.gateway.observe;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.rollout.Assignment;

/// A request that has come to its end, well or not: the one record that log, metrics, traces, store
/// and live view read.
///
/// @param request what came
/// @param choice the decision; empty where there was none
/// @param answer what went back
/// @param timing where the time went
/// @param cost USD; NaN where no price is known
public record CompletedRequest(
    Request request, Optional<Choice> choice, Answer answer, Timing timing, double cost) {

  /// @param at when it came
  /// @param client name of the key, never the key; empty where no keys are needed
  /// @param streamed whether its answer was a stream
  public record Request(Instant at, Optional<String> client, boolean streamed) {}

  /// What was decided.
  ///
  /// @param id the decision's id
  /// @param requested the request's `model`
  /// @param policy the policy that chose; empty where a model was named
  /// @param model the model chosen
  /// @param probability that the chosen model is right; NaN where nothing was forecast
  /// @param answeredProbability the same of the model that answered; NaN where none did
  /// @param reason one sentence a person understands
  /// @param text the text routed on; empty where nothing was forecast
  /// @param assignment how the choice came about
  public record Choice(
      String id,
      String requested,
      Optional<String> policy,
      String model,
      double probability,
      double answeredProbability,
      String reason,
      String text,
      Assignment assignment) {
    /// @param answeredBy the model that answered; empty where none did
    public static Choice of(Decision decision, Optional<String> answeredBy) {
      double answered = answeredBy.map(decision::probability).orElse(Double.NaN);
      return new Choice(
          decision.id(),
          decision.requested(),
          decision.policy(),
          decision.model(),
          decision.chosen().probability(),
          answered,
          decision.reason(),
          decision.text(),
          decision.assignment());
    }

    Choice withoutText() {
      return new Choice(
          id, requested, policy, model, probability, answeredProbability, reason, "", assignment);
    }
  }

  /// @param model the model that answered; empty where none did, or none was asked
  /// @param upstream label of the upstream that answered; empty where none did, where the answer
  ///   came from the cache, and in what was read from the store
  /// @param status HTTP status; 499 where the client had gone, 0 where only the decision was asked
  ///   for
  /// @param error the error's code; empty where it went well
  /// @param usage tokens; empty where nothing was answered
  /// @param failed upstreams tried in vain, in their order
  /// @param broken the upstream whose answer broke off after it had begun
  public record Answer(
      Optional<String> model,
      Optional<String> upstream,
      int status,
      Optional<String> error,
      Optional<Usage> usage,
      List<FailedAttempt> failed,
      Optional<FailedAttempt> broken) {
    private static final int TOO_MANY_REQUESTS = 429;

    public Answer {
      failed = List.copyOf(failed);
    }

    /// Whether the client got no answer, or a part of one, and that was not its own fault.
    public boolean isFailure() {
      boolean busy = status == TOO_MANY_REQUESTS && !failed.isEmpty();
      return status >= 500 || busy || broken.isPresent();
    }
  }

  /// Milliseconds; NaN where a step is not known.
  ///
  /// @param encode forecasting the prompt, mostly encoding it
  /// @param route choosing from the forecast
  /// @param upstream waiting for upstreams, up to the first event
  /// @param firstByte until the answer's first event
  /// @param total from the request's last byte to the answer's last
  public record Timing(
      double encode, double route, double upstream, double firstByte, double total) {
    /// Everything before the first event but forecast, choice and upstream; NaN where there was no
    /// first event.
    public double overhead() {
      double known = or0(encode) + or0(route) + or0(upstream);
      return Double.isNaN(firstByte) ? Double.NaN : Math.max(0, firstByte - known);
    }

    private static double or0(double millis) {
      return Double.isNaN(millis) ? 0 : millis;
    }
  }

  /// A decision for which no model was asked.
  public static CompletedRequest decisionAlone(
      Instant at, Optional<String> client, Decision decision) {
    double encode = decision.encodeNanos() / 1e6;
    double route = decision.routeNanos() / 1e6;
    return new CompletedRequest(
        new Request(at, client, false),
        Optional.of(Choice.of(decision, Optional.empty())),
        new Answer(
            Optional.empty(),
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty()),
        new Timing(encode, route, Double.NaN, Double.NaN, encode + route),
        Double.NaN);
  }

  /// Whether a model was asked; not where only the decision was.
  public boolean asked() {
    return answer.status() > 0;
  }

  /// That the model which answered is right, or else the one that was chosen; NaN where nothing was
  /// forecast.
  public double probability() {
    return choice
        .map(c -> answer.model().isPresent() ? c.answeredProbability() : c.probability())
        .orElse(Double.NaN);
  }

  /// The same without the text it was routed on.
  public CompletedRequest withoutText() {
    return new CompletedRequest(request, choice.map(Choice::withoutText), answer, timing, cost);
  }

  /// A listener to completed requests, on the request's own thread: it must be quick.
  @FunctionalInterface
  public interface Listener {
    void completed(CompletedRequest request);
  }
}
