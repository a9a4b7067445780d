package org.embedllm.app.gateway.observe;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.openai.Usage;

/// A completion request that has come to its end, well or not.
///
/// @param at when it came
/// @param caller whose key it was; empty where no keys are needed
/// @param decision what was decided; empty where it did not come to that
/// @param answeredBy the model that answered; empty where none did
/// @param status HTTP status of the answer; 499 where the client had gone
/// @param error the error's code; empty where it went well
/// @param streamed whether the answer was a stream
/// @param usage tokens; empty where nothing was answered
/// @param cost USD; NaN where no price is known
/// @param failed `model:kind` of each candidate tried in vain
/// @param totalNanos from the request's last byte to the answer's last
/// @param upstreamNanos spent waiting for upstreams, up to the answer's first event
/// @param firstByteNanos until the answer's first event
public record Finished(
    Instant at,
    Optional<String> caller,
    Optional<Decision> decision,
    Optional<String> answeredBy,
    int status,
    Optional<String> error,
    boolean streamed,
    Optional<Usage> usage,
    double cost,
    List<String> failed,
    long totalNanos,
    long upstreamNanos,
    long firstByteNanos) {
  public Finished {
    failed = List.copyOf(failed);
  }

  /// Whoever wants to know of it. Called on the request's own thread: to be quick.
  @FunctionalInterface
  public interface Observer {
    void finished(Finished request);
  }
}
