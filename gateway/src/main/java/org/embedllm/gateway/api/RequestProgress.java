package org.embedllm.gateway.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.access.Ledger;
import org.embedllm.gateway.decide.AnswerUsage;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.FailedAttempt;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.upstream.Answer;
import org.embedllm.gateway.upstream.Dispatcher.AllFailed;
import org.embedllm.gateway.upstream.Dispatcher.Attempt;
import org.embedllm.gateway.upstream.Dispatcher.Dispatched;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.gateway.upstream.UpstreamFailure;

/// A completion on its way: what its record will say.
final class RequestProgress {
  private final long start = System.nanoTime();
  private final Client client;
  private final Instant at;
  private Optional<String> answeredBy = Optional.empty();
  private Optional<String> upstream = Optional.empty();
  private Optional<Usage> usage = Optional.empty();
  private Optional<FailedAttempt> broken = Optional.empty();
  private List<FailedAttempt> failed = List.of();
  private double cost = Double.NaN;
  private int status = 200;
  private double upstreamMillis = Double.NaN;
  private double firstByteMillis = Double.NaN;
  Optional<Decision> decision = Optional.empty();
  Optional<String> error = Optional.empty();
  Optional<Ledger.Reservation> reserved = Optional.empty();
  Optional<BudgetPacing.Call> paced = Optional.empty();
  boolean streamed;

  RequestProgress(Client client, Instant at) {
    this.client = client;
    this.at = at;
  }

  void failed(int with, String code) {
    status = with;
    error = Optional.of(code);
  }

  void failed(ApiError told) {
    status = told.status();
    error = told.code();
  }

  /// An upstream has refused the request, and the client is told so.
  void refused(Upstream by, Answer.Refused refused) {
    failed(refused.status(), "refused_by_upstream");
    var all = new ArrayList<>(failed);
    all.add(new FailedAttempt(by.label(), FailedAttempt.REFUSED, refused.detail()));
    failed = all;
  }

  /// An answer has begun.
  ///
  /// @param asked `System.nanoTime()` when the first upstream was asked
  void answering(Dispatched dispatched, long asked) {
    long now = System.nanoTime();
    upstreamMillis = (now - asked) / 1e6;
    firstByteMillis = (now - start) / 1e6;
    failed = attempts(dispatched.failed());
    answeredBy = Optional.of(dispatched.upstream().config().model());
    upstream = Optional.of(dispatched.upstream().label());
  }

  /// An earlier answer is sent again: it costs nothing.
  void repeated(String model) {
    firstByteMillis = (System.nanoTime() - start) / 1e6;
    answeredBy = Optional.of(model);
    cost = 0;
  }

  /// USD; NaN where unknown.
  double cost() {
    return cost;
  }

  void allFailed(AllFailed all, long asked) {
    upstreamMillis = (System.nanoTime() - asked) / 1e6;
    failed = attempts(all.attempts());
  }

  private static List<FailedAttempt> attempts(List<Attempt> attempts) {
    var failed = new ArrayList<FailedAttempt>(attempts.size());
    for (Attempt a : attempts) {
      failed.add(
          new FailedAttempt(
              a.upstream().label(), a.failure().kind().label(), a.failure().detail()));
    }
    return failed;
  }

  /// An answer has broken off after it had begun.
  void broken(Upstream upstream, UpstreamFailure failure) {
    error = Optional.of("upstream_" + failure.kind().label());
    broken =
        Optional.of(new FailedAttempt(upstream.label(), failure.kind().label(), failure.detail()));
  }

  void account(Dispatched dispatched, Usage used) {
    usage = Optional.of(used);
    cost =
        dispatched
            .upstream()
            .config()
            .price()
            .map(p -> p.of(used.promptTokens(), used.answerTokens()))
            .orElse(Double.NaN);
    // Before the client knows that it is done: its next request finds it counted.
    reserved.ifPresent(r -> r.settle(cost, used.total()));
  }

  /// What the answer took; empty where the upstream did not report it or the answer failed.
  Optional<AnswerUsage> answerUsage(RequestBody body) {
    boolean whole = error.isEmpty() && status == 200;
    return usage
        .filter(used -> whole && used.measured())
        .map(used ->
            new AnswerUsage(
                used.answerTokens(),
                used.answerTokens() >= body.maxTokens().orElse(Integer.MAX_VALUE),
                streamed ? firstByteMillis / 1e3 : Double.NaN,
                (System.nanoTime() - start) / 1e9));
  }

  CompletedRequest completed() {
    boolean forecast = decision.flatMap(Decision::policy).isPresent();
    return new CompletedRequest(
        new CompletedRequest.Request(at, client.name(), streamed),
        decision.map(d -> CompletedRequest.Choice.of(d, answeredBy)),
        new CompletedRequest.Answer(answeredBy, upstream, status, error, usage, failed, broken),
        new CompletedRequest.Timing(
            decision.filter(d -> forecast).map(d -> d.encodeNanos() / 1e6).orElse(Double.NaN),
            decision.filter(d -> forecast).map(d -> d.routeNanos() / 1e6).orElse(Double.NaN),
            upstreamMillis,
            firstByteMillis,
            (System.nanoTime() - start) / 1e6),
        cost);
  }
}
