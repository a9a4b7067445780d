package org.embedllm.app.ask;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.DoubleAccumulator;
import org.embedllm.scoring.Judge;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls of a judge, and what they cost. Safe for several threads.
final class JudgeCalls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JudgeCalls.class);

  private final ChatClient client;
  private final String rubric;
  private final DoubleAccumulator largest = new DoubleAccumulator(Math::max, 0);

  JudgeCalls(ChatClient client, String rubric) {
    this.client = client;
    this.rubric = rubric;
  }

  /// @param verdict empty where the judge's server refused a request
  /// @param usd what the calls cost; 0 where that is not known
  /// @param refusal what the server said where it refused one
  record Said<T>(Optional<T> verdict, double usd, String refusal) {}

  /// What is asked of the judge.
  @FunctionalInterface
  interface Asking<T> {
    T of(Judge judge) throws IOException, InterruptedException;
  }

  /// Asks for one verdict, in one call or more.
  <T> Said<T> ask(Asking<T> asking) throws IOException, InterruptedException {
    double[] usd = {0};
    Judge judge =
        new Judge(
            (system, user) -> {
              ChatClient.Answer answer = client.ask(system, user);
              usd[0] += Double.isNaN(answer.usd()) ? 0 : answer.usd();
              return answer.text();
            },
            rubric);
    Optional<T> verdict;
    String refusal = "";
    try {
      verdict = Optional.of(asking.of(judge));
    } catch (ChatClient.Refused e) {
      refusal = String.valueOf(e.getMessage());
      LOG.debug("no verdict: {}", refusal);
      verdict = Optional.empty();
    }
    largest.accumulate(usd[0]);
    return new Said<>(verdict, usd[0], refusal);
  }

  /// What the judge's server calls it.
  String name() {
    return client.endpoint().name();
  }

  /// What a verdict is expected to cost at most, in USD.
  ///
  /// @param calls that it takes
  /// @param shown what the judge reads in each
  double expected(int calls, String shown) {
    double most = largest.get();
    return most > 0
        ? most
        : calls * SpendLimit.expected(client.endpoint().price(), rubric + shown, 0);
  }

  @Override
  public void close() {
    client.close();
  }
}
