package org.embedllm.gateway.shadow;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.embedllm.gateway.config.ShadowConfig;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.decide.Upstreams;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Turn;
import org.embedllm.gateway.upstream.Dispatcher;
import org.embedllm.gateway.upstream.Upstream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// Asks other models after the client has its answer, and lets a judge score both. It never makes a
/// client wait: what finds no free place, or would use the upstream's last half, is dropped.
public final class Shadow implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);

  private static final double EXPECTED_TOKENS = 500; // of an answer

  private final ModelCall calls;
  private final BiConsumer<Comparison, String> listener;
  private final Clock clock;
  private final DailyBudget budget;
  private final AtomicReference<Double> judged = new AtomicReference<>(0.0); // USD, the latest
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicReference<Optional<Judging>> judging =
      new AtomicReference<>(Optional.empty());

  private record Judging(ShadowConfig config, AnswerJudge judge) {}

  /// @param listener gets each comparison and the text routed on, on a thread of the shadow's
  /// @param spent USD today already
  public Shadow(
      Dispatcher dispatcher, BiConsumer<Comparison, String> listener, Clock clock, double spent) {
    this.calls = new ModelCall(dispatcher);
    this.listener = listener;
    this.clock = clock;
    this.budget = new DailyBudget(clock, spent);
  }

  /// What shall keep the client's answer; empty where the request is not one of the share.
  public Optional<AnswerCapture> capture(ShadowConfig config, Decision decision, RequestBody body) {
    boolean taken =
        config.share() > 0
            && decision.ranking().size() > 1
            && decision.policy().isPresent()
            && body.hasMessages()
            && (config.special() || body.needs().isEmpty())
            && ThreadLocalRandom.current().nextDouble() < config.share();
    return taken ? Optional.of(new AnswerCapture()) : Optional.empty();
  }

  /// The client has its answer.
  public void answered(
      ShadowConfig config,
      Upstreams upstreams,
      Decision decision,
      RequestBody body,
      String model,
      AnswerCapture answer) {
    if (config.judge().isEmpty() || threads.isShutdown()) {
      return;
    }
    if (running.incrementAndGet() > config.concurrency()) {
      running.decrementAndGet();
      return;
    }
    threads.execute(() -> {
      try {
        compare(config, upstreams, decision, body, model, answer);
      } catch (IOException e) {
        LOG.debug("no comparison for {}: {}", decision.id(), e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.warn("no comparison for {}", decision.id(), e);
      } finally {
        running.decrementAndGet();
      }
    });
  }

  private void compare(
      ShadowConfig config,
      Upstreams upstreams,
      Decision decision,
      RequestBody body,
      String model,
      AnswerCapture answer)
      throws IOException, InterruptedException {
    List<String> others = new ArrayList<>();
    for (Decision.Ranked ranked : decision.ranking()) {
      if (!ranked.model().equals(model)) {
        others.add(ranked.model());
      }
    }
    if (others.isEmpty()) {
      return;
    }
    String answered = answer.text();
    if (answered.isBlank()) {
      return; // A call of tools, or a long answer.
    }
    String other = others.get(ThreadLocalRandom.current().nextInt(others.size()));
    Optional<Upstream> upstream = free(upstreams, other, body);
    if (upstream.isEmpty()) {
      return;
    }
    double known = upstream.get().expectedCost(body.estimatedPromptTokens(), 0, EXPECTED_TOKENS);
    double price = Double.isNaN(known) ? 0 : known;
    double expected = price + judged.get();
    if (!budget.reserve(expected, config.budget())) {
      return;
    }
    double usd = 0;
    try {
      ModelCall.Answered said = calls.ask(upstream.get(), withoutStream(body));
      usd += Double.isNaN(said.usd()) ? price : said.usd();
      String prompt = prompt(body);
      AnswerJudge judge = judge(config);
      AnswerJudge.Verdict first = judge.grade(prompt, answered);
      usd += first.usd();
      AnswerJudge.Verdict second = judge.grade(prompt, said.text());
      usd += second.usd();
      judged.set(first.usd() + second.usd());
      if (first.score().isPresent() && second.score().isPresent()) {
        listener.accept(
            new Comparison(
                decision.id(),
                clock.instant(),
                model,
                other,
                others.size(),
                first.score().getAsDouble(),
                second.score().getAsDouble(),
                usd,
                ""),
            decision.text());
      }
    } finally {
      budget.pay(expected, usd);
    }
  }

  private static Optional<Upstream> free(Upstreams upstreams, String model, RequestBody body) {
    return upstreams.able(model, body).stream()
        .filter(u -> u.available() && 2 * u.active() <= u.config().concurrency())
        .findFirst();
  }

  private AnswerJudge judge(ShadowConfig config) {
    return judging
        .updateAndGet(old ->
            old.filter(j -> j.config().equals(config))
                .or(() ->
                    Optional.of(
                        new Judging(
                            config,
                            AnswerJudge.of(config.judge().orElseThrow(), config.rubric(), calls)))))
        .orElseThrow()
        .judge();
  }

  /// The same request, answered whole.
  private static RequestBody withoutStream(RequestBody body) {
    if (!body.stream()) {
      return body;
    }
    ObjectNode whole =
        (ObjectNode)
            ChatJson.mapper()
                .readTree(body.forUpstream(body.model().orElse("auto"), false, java.util.Set.of()));
    whole.remove(List.of("stream", "stream_options"));
    return RequestBody.parse(ChatJson.bytes(whole));
  }

  /// The conversation as the judge reads it.
  private static String prompt(RequestBody body) {
    if (body.turns().size() == 1) {
      return body.turns().getFirst().text();
    }
    var text = new StringBuilder();
    for (Turn turn : body.turns()) {
      text.append(turn.role()).append(": ").append(turn.text()).append("\n\n");
    }
    return text.toString();
  }

  /// USD spent since midnight UTC.
  public double spentToday() {
    return budget.spentToday();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
