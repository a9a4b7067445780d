package org.embedllm.gateway.shadow;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.upstream.Answer;
import org.embedllm.gateway.upstream.Call;
import org.embedllm.gateway.upstream.CallGuard;
import org.embedllm.gateway.upstream.Dispatcher;
import org.embedllm.gateway.upstream.Upstream;

/// A call of the gateway's own, for which no client waits.
final class ModelCall {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration CHECK = Duration.ofSeconds(1);

  private final Dispatcher dispatcher;

  ModelCall(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /// @param text of the first choice
  /// @param usd NaN where no price is known
  record Answered(String text, double usd) {}

  /// @param body that asks for no stream
  /// @throws IOException where the upstream does not answer
  Answered ask(Upstream upstream, RequestBody body) throws IOException {
    var guard = new CallGuard();
    var done = new AtomicBoolean();
    Thread watch = Thread.startVirtualThread(() -> watch(guard, done));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Dispatcher.Dispatched dispatched =
        dispatcher.dispatch(
            List.of(upstream),
            new Call("/chat/completions", body, Optional.empty(), Map.of(), true),
            guard,
            1,
            deadline)) {
      if (!(dispatched.answer() instanceof Answer.Whole whole)) {
        throw new IOException(upstream.label() + " refused the request");
      }
      dispatched.succeeded(whole.usage());
      double usd =
          whole
              .usage()
              .flatMap(used ->
                  upstream
                      .config()
                      .price()
                      .map(p -> p.of(used.promptTokens(), used.answerTokens())))
              .orElse(Double.NaN);
      return new Answered(AnswerCapture.text(whole.body()), usd);
    } catch (Dispatcher.AllFailed e) {
      throw new IOException(upstream.label() + " did not answer", e);
    } catch (CallGuard.ClientGone e) {
      throw new IOException("stopped", e);
    } finally {
      done.set(true);
      watch.interrupt();
    }
  }

  private static void watch(CallGuard guard, AtomicBoolean done) {
    try {
      while (!done.get()) {
        Thread.sleep(CHECK);
        guard.check(System.nanoTime());
      }
    } catch (InterruptedException e) {
      // The call has ended.
      Thread.currentThread().interrupt();
    }
  }
}
