package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
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
  private double usd;
  private boolean stopped;

  JudgedPairs(JudgeCalls judge, PairsFile file, SpendLimit limit) {
    this.judge = judge;
    this.file = file;
    this.limit = limit;
    file.earlier().forEach(each -> limit.spent(each.usd()));
    file.earlier().forEach(this::count);
  }

  /// An answer that may be compared.
  ///
  /// @param score against the right answer; empty where it is not known
  record Written(String model, String text, OptionalDouble score) {}

  private record Pair(AskedQuestion asked, Written one, Written other) {
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
      String id = asked.question().id();
      pairs(asked, answers.getOrDefault(id, List.of()), pairs).stream()
          .filter(p -> !file.has(id, p.one().model(), p.other().model()))
          .forEach(left::add);
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
    return new PairSummary(agreement.agreement(), wins, usd, stopped);
  }

  private static IOException failure(ExecutionException e) {
    if (e.getCause() instanceof RuntimeException failed) {
      throw failed;
    }
    return e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
  }

  /// The same pairs in each run.
  private static List<Pair> pairs(AskedQuestion asked, List<Written> answers, int most) {
    List<Written> shuffled = new ArrayList<>(answers);
    Random random = new Random(asked.question().id().hashCode());
    Collections.shuffle(shuffled, random);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < shuffled.size(); i++) {
      for (int k = i + 1; k < shuffled.size(); k++) {
        pairs.add(new Pair(asked, shuffled.get(i), shuffled.get(k)));
      }
    }
    Collections.shuffle(pairs, random);
    return pairs.subList(0, Math.min(most, pairs.size()));
  }

  private void one(Pair pair, Progress progress) throws IOException, InterruptedException {
    double expected = judge.largest();
    if (!limit.reserve(expected)) {
      stop();
      return;
    }
    double paid = 0;
    try {
      var said =
          judge.ask(j ->
              j.compare(
                  pair.asked().prompt(),
                  pair.asked().reference(),
                  pair.one().text(),
                  pair.other().text()));
      paid = said.usd();
      if (said.verdict().isPresent() && said.verdict().get().isPresent()) {
        PairVerdict verdict = said.verdict().get().get();
        var compared =
            new PairsFile.Compared(
                pair.asked().question().id(),
                pair.one().model(),
                pair.other().model(),
                verdict,
                pair.better(),
                paid);
        file.add(pair.asked().question(), compared);
        progress.advanceTo(count(compared));
        requireBelievable();
      }
    } finally {
      limit.pay(expected, paid);
    }
  }

  private synchronized void stop() {
    stopped = true;
  }

  private synchronized int count(PairsFile.Compared compared) {
    agreement.add(compared.verdict(), compared.better());
    double share = compared.verdict().share();
    wins.merge(compared.model(), new PairSummary.Wins(1, share), PairSummary.Wins::plus);
    wins.merge(compared.other(), new PairSummary.Wins(1, 1 - share), PairSummary.Wins::plus);
    usd += compared.usd();
    return agreement.agreement().pairs();
  }

  private void requireBelievable() {
    PairAgreement found = agreement.agreement();
    if (found.littleBetterThanChance()) {
      throw BadInputException.of(
          "the judge prefers the same answer in both orders in %d of %d pairs, and the right one in %d of %d: it cannot be believed"
              .formatted(found.consistent(), found.pairs(), found.same(), found.known()));
    }
  }
}
