package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.embedllm.app.cli.Progress;
import org.embedllm.scoring.PairAgreement;
import org.embedllm.scoring.PairVerdict;
import org.embedllm.storage.BadInputException;

/// Lets a judge compare the answers of pairs of models to the same prompts.
final class JudgedPairs {
  private final JudgeCalls judge;
  private final PairsFile file;
  private final SpendLimit limit;
  private final PairAgreement.Counter agreement = new PairAgreement.Counter();
  private final Map<String, PairSummary.Wins> wins = new TreeMap<>();
  private int unread;
  private int refused;
  private String refusal = "";
  private double usd;
  private boolean stopped;

  /// @throws BadInputException where the judge's earlier verdicts cannot be believed
  JudgedPairs(JudgeCalls judge, PairsFile file, SpendLimit limit) {
    this.judge = judge;
    this.file = file;
    this.limit = limit;
    file.earlier().forEach(each -> limit.spent(each.usd()));
    file.earlier().forEach(this::count);
    requireBelievable();
  }

  /// An answer that may be compared.
  ///
  /// @param score against the right answer; empty where it is not known
  record Written(String model, String text, OptionalDouble score) {}

  private record Pair(AskedQuestion asked, ModelPair models, Written one, Written other) {
    /// The difference of the scores; 0 where one is not known.
    double better() {
      return one.score().isPresent() && other.score().isPresent()
          ? one.score().getAsDouble() - other.score().getAsDouble()
          : 0;
    }
  }

  /// Compares what no earlier run has compared.
  ///
  /// @param answers to each question
  /// @param pairs of each question at most, drawn at random
  /// @param concurrency most requests to the judge at a time
  /// @throws BadInputException where the judge cannot be believed
  PairSummary compare(
      List<AskedQuestion> questions,
      Map<String, List<Written>> answers,
      int pairs,
      int concurrency,
      Progress progress)
      throws IOException, InterruptedException {
    List<Pair> left = new ArrayList<>();
    for (AskedQuestion asked : questions) {
      left.addAll(left(asked, answers.getOrDefault(asked.question().id(), List.of()), pairs));
    }
    try (ExecutorService requests =
        Executors.newFixedThreadPool(concurrency, Thread.ofVirtual().name("judge-", 0).factory())) {
      List<Future<?>> running = new ArrayList<>();
      for (Pair pair : left) {
        running.add(
            requests.submit(() -> {
              one(pair, progress);
              return 0;
            }));
      }
      try {
        for (Future<?> each : running) {
          each.get();
        }
      } catch (ExecutionException e) {
        throw failure(e);
      } finally {
        requests.shutdownNow();
      }
    }
    requireBelievable();
    return new PairSummary(agreement.agreement(), wins, unread, refused, refusal, usd, stopped);
  }

  private static IOException failure(ExecutionException e) {
    if (e.getCause() instanceof RuntimeException failed) {
      throw failed;
    }
    return e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
  }

  private List<Pair> left(AskedQuestion asked, List<Written> answers, int most) {
    Map<String, Written> byModel = new TreeMap<>();
    answers.forEach(answer -> byModel.put(answer.model(), answer));
    String id = asked.question().id();
    List<Pair> pairs = new ArrayList<>();
    for (ModelPair drawn : ModelPair.draw(id, byModel.keySet(), file.known(id), most)) {
      Written one = Objects.requireNonNull(byModel.get(drawn.first()));
      Written other = Objects.requireNonNull(byModel.get(drawn.second()));
      pairs.add(new Pair(asked, drawn, one, other));
    }
    return pairs;
  }

  private void one(Pair pair, Progress progress) throws IOException, InterruptedException {
    String shown = pair.asked().prompt() + pair.one().text() + pair.other().text();
    double expected = judge.expected(2, shown);
    if (!limit.reserve(expected)) {
      stop();
      return;
    }
    double paid = 0;
    try {
      JudgeCalls.Said<Optional<PairVerdict>> said =
          judge.ask(j ->
              j.compare(
                  pair.asked().prompt(),
                  pair.asked().reference(),
                  pair.one().text(),
                  pair.other().text()));
      paid = said.usd();
      var compared =
          new PairsFile.Compared(
              pair.asked().question().id(),
              pair.models(),
              said.verdict().flatMap(verdict -> verdict),
              pair.better(),
              paid);
      if (said.verdict().isPresent() || paid > 0) {
        file.add(pair.asked().question(), compared);
        progress.advanceTo(count(compared));
      } else {
        // It may be asked again.
        progress.advanceTo(refused(said.refusal()));
      }
      requireBelievable();
    } finally {
      limit.pay(expected, paid);
    }
  }

  private synchronized void stop() {
    stopped = true;
  }

  private synchronized int refused(String said) {
    refused++;
    refusal = said;
    return seen();
  }

  private int seen() {
    return agreement.agreement().pairs() + unread + refused;
  }

  private synchronized int count(PairsFile.Compared compared) {
    usd += compared.usd();
    if (compared.verdict().isPresent()) {
      PairVerdict verdict = compared.verdict().get();
      agreement.add(verdict, compared.better());
      win(compared.pair().first(), verdict.share());
      win(compared.pair().second(), 1 - verdict.share());
    } else {
      unread++;
    }
    return seen();
  }

  private void win(String model, double share) {
    wins.merge(model, new PairSummary.Wins(1, share), PairSummary.Wins::plus);
  }

  private void requireBelievable() {
    PairAgreement found = agreement.agreement();
    if (found.littleBetterThanChance()) {
      String right =
          found.known() == 0
              ? ""
              : ", and the right one in %d of %d".formatted(found.same(), found.known());
      throw BadInputException.of(
          "the judge \"%s\" says the same in both orders on %d of %d pairs%s: it cannot be believed; delete %s and name another with --judge-name"
              .formatted(judge.name(), found.consistent(), found.pairs(), right, file.path()));
    }
  }
}
