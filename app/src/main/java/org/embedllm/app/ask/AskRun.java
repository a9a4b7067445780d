package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAccumulator;
import org.embedllm.storage.BadInputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks one model, several questions at a time, and keeps its answers.
final class AskRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AskRun.class);
  private static final int MOST_REFUSALS = 10; // without a single answer

  private final ChatClient client;
  private final AnswerScoring scoring;
  private final AnswersFile file;
  private final SpendLimit limit;
  private final Optional<String> instruction;
  private final ExecutorService requests;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final DoubleAccumulator largest = new DoubleAccumulator(Math::max, 0);

  /// @param instruction for every question, instead of the scorer's own
  AskRun(
      ChatClient client,
      AnswerScoring scoring,
      AnswersFile file,
      SpendLimit limit,
      Optional<String> instruction) {
    this.client = client;
    this.scoring = scoring;
    this.file = file;
    this.limit = limit;
    this.instruction = instruction;
    this.requests =
        Executors.newFixedThreadPool(
            client.endpoint().concurrency(), Thread.ofVirtual().name("ask-", 0).factory());
  }

  /// Is told of each answer, by several threads.
  @FunctionalInterface
  interface Listener {
    void answered(AskedAnswer answer);
  }

  /// Asks some questions.
  ///
  /// @return the answers in the order of the questions; without those that the server refused, or
  ///   that the limit no longer allowed
  /// @throws BadInputException where the server takes no request
  /// @throws IOException where it no longer answers
  List<AskedAnswer> ask(List<AskedQuestion> questions, Listener listener)
      throws IOException, InterruptedException {
    List<Future<Optional<AskedAnswer>>> running = new ArrayList<>();
    for (AskedQuestion asked : questions) {
      running.add(requests.submit(() -> one(asked, listener)));
    }
    List<AskedAnswer> answers = new ArrayList<>();
    try {
      for (Future<Optional<AskedAnswer>> each : running) {
        each.get().ifPresent(answers::add);
      }
      return answers;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      running.forEach(each -> each.cancel(true));
    }
  }

  private Optional<AskedAnswer> one(AskedQuestion asked, Listener listener)
      throws IOException, InterruptedException {
    String prompt = asked.prompt();
    double expected =
        SpendLimit.expected(client.endpoint().price(), prompt, largest.get())
            + scoring.expectedUsd(asked);
    if (!limit.reserve(expected)) {
      return Optional.empty();
    }
    double usd = Double.NaN;
    try {
      ChatClient.Answer answer =
          client.ask(instruction.orElseGet(() -> scoring.instruction(asked)), prompt);
      usd = answer.usd();
      if (!Double.isNaN(usd)) {
        largest.accumulate(usd);
      }
      AskedAnswer scored = scored(asked, answer);
      usd = scored.usd();
      file.add(scored);
      listener.answered(scored);
      return Optional.of(scored);
    } catch (ChatClient.Refused e) {
      refused(asked, e);
      return Optional.empty();
    } finally {
      limit.pay(expected, usd);
    }
  }

  private AskedAnswer scored(AskedQuestion asked, ChatClient.Answer answer)
      throws IOException, InterruptedException {
    answered.incrementAndGet();
    AnswerScoring.Scored scored = scoring.score(asked, answer.text());
    return new AskedAnswer(client.endpoint().model(), asked, answer, scored, scoring.name(asked));
  }

  private void refused(AskedQuestion asked, ChatClient.Refused refusal) {
    LOG.debug("question {}: {}", asked.question().id(), refusal.getMessage());
    if (refused.incrementAndGet() >= MOST_REFUSALS && answered.get() == 0) {
      throw BadInputException.of(
          "the server refused the first %d questions: %s"
              .formatted(MOST_REFUSALS, refusal.getMessage()));
    }
  }

  @Override
  public void close() {
    requests.shutdownNow();
  }
}
