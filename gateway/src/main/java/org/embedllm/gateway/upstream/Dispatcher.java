package org.embedllm.gateway.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;

/// Tries candidates in their order until one answers.
public final class Dispatcher {
  private final UpstreamClient client;

  public Dispatcher(UpstreamClient client) {
    this.client = client;
  }

  /// An attempt that failed.
  public record Attempt(Upstream upstream, UpstreamFailure failure) {}

  private record Refusal(Upstream upstream, String parameter) {}

  /// The upstream that answered, its answer, and the attempts that failed before.
  public static final class Dispatched implements AutoCloseable {
    private final Upstream upstream;
    private final Answer answer;
    private final List<Attempt> failed;
    private final Upstream.Permit permit;

    Dispatched(Upstream upstream, Answer answer, List<Attempt> failed, Upstream.Permit permit) {
      this.upstream = upstream;
      this.answer = answer;
      this.failed = List.copyOf(failed);
      this.permit = permit;
    }

    public Upstream upstream() {
      return upstream;
    }

    public Answer answer() {
      return answer;
    }

    public List<Attempt> failed() {
      return failed;
    }

    /// The answer has been passed on whole.
    public void succeeded(Optional<Usage> usage) {
      permit.succeeded(usage);
    }

    /// The answer broke off.
    public void failed(UpstreamFailure failure) {
      permit.failed(failure);
    }

    @Override
    public void close() {
      if (answer instanceof Answer.Events events) {
        events.stream().close();
      }
      permit.close();
    }
  }

  /// Nobody answered.
  public static final class AllFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Attempt> attempts;

    AllFailed(List<Attempt> attempts) {
      super("no upstream answered", null, false, false);
      this.attempts = List.copyOf(attempts);
    }

    public List<Attempt> attempts() {
      return attempts;
    }
  }

  /// @param candidates in the order of preference, at least one
  /// @param most upstreams really asked
  /// @param deadline by which an answer must have begun
  public Dispatched dispatch(
      List<Upstream> candidates, Call call, CallGuard guard, int most, long deadline)
      throws AllFailed, ClientGone {
    var failed = new ArrayList<Attempt>();
    var leftOut = new HashSet<Refusal>();
    int asked = 0;
    for (int i = 0; i < candidates.size() && asked < most; i++) {
      Upstream upstream = candidates.get(i);
      boolean last = i == candidates.size() - 1;
      if (System.nanoTime() - deadline >= 0) {
        failed.add(
            new Attempt(upstream, new UpstreamFailure(Kind.TIMEOUT, "the deadline has passed")));
        break;
      }
      try {
        return attempt(upstream, call, guard, last, deadline, failed);
      } catch (UpstreamFailure e) {
        failed.add(new Attempt(upstream, e));
        asked += reallyAsked(e) ? 1 : 0;
        if (refusedHint(e, call).filter(p -> leftOut.add(new Refusal(upstream, p))).isPresent()) {
          i--; // Asked again without it.
        }
      }
    }
    throw new AllFailed(failed);
  }

  private Dispatched attempt(
      Upstream upstream,
      Call call,
      CallGuard guard,
      boolean wait,
      long deadline,
      List<Attempt> failed)
      throws UpstreamFailure, ClientGone {
    Upstream.Permit permit = upstream.enter(wait, guard);
    boolean keep = false;
    try {
      Answer answer = client.send(upstream, call, guard, deadline);
      keep = true;
      return new Dispatched(upstream, answer, failed, permit);
    } catch (UpstreamFailure e) {
      if (e.kind() == Kind.RATE_LIMITED) {
        upstream.rest(e.retryAfter().orElse(Duration.ofSeconds(1)), Kind.SATURATED);
      } else if (e.retryAfter().isPresent()) {
        upstream.rest(e.retryAfter().get(), Kind.RESTING);
      }
      permit.failed(e);
      throw e;
    } finally {
      if (!keep) {
        permit.close();
      }
    }
  }

  /// The parameter that an upstream refused, where it may be left out.
  private static Optional<String> refusedHint(UpstreamFailure e, Call call) {
    return e.said()
        .filter(said -> e.kind() == Kind.UNSUPPORTED)
        .flatMap(said -> said.parameter(call.body().optionalFields()))
        .filter(call.body()::isHint);
  }

  private static boolean reallyAsked(UpstreamFailure e) {
    return e.kind() != Kind.SATURATED && e.kind() != Kind.RESTING;
  }
}
