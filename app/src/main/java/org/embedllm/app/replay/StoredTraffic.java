package org.embedllm.app.replay;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.embedllm.forecast.Interval;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.store.ClientVote;
import org.embedllm.gateway.store.DecisionLog;

/// What a gateway's store says of each model, and of pairs of models that were compared. Not loaded
/// where the gateway is not installed.
///
/// @param requests in the store
/// @param first when the first came; the epoch where there is none
/// @param last when the last came
/// @param models by name
/// @param pairs that a shadow compared
/// @param wins by model, over all prompts and by kind of prompt
/// @param comparisons of two answers by the shadow's judge
/// @param votes of clients
/// @param shadowUsd what the shadow cost
public record StoredTraffic(
    int requests,
    Instant first,
    Instant last,
    List<OfModel> models,
    List<Pair> pairs,
    List<Wins> wins,
    int comparisons,
    int votes,
    double shadowUsd) {
  public StoredTraffic {
    models = List.copyOf(models);
    pairs = List.copyOf(pairs);
    wins = List.copyOf(wins);
  }

  /// @param model its name
  /// @param answered requests that it answered
  /// @param wouldAnswer requests that the router would have given it
  /// @param feedback number of scores that it got
  /// @param quality mean of them; NaN without any
  /// @param cost mean USD of an answer; NaN where not known
  /// @param seconds mean time of an answer; NaN without any
  public record OfModel(
      String model,
      int answered,
      int wouldAnswer,
      int feedback,
      double quality,
      double cost,
      double seconds) {
    public Interval interval() {
      return Interval.ofShare(quality, feedback);
    }
  }

  /// Two models that answered the same requests.
  ///
  /// @param answered the model that answered the clients
  /// @param other the model that was asked beside it
  /// @param rate how often the other one was better
  public record Pair(String answered, String other, WinRate rate) {}

  /// A model's answers against those of all others.
  ///
  /// @param model its name
  /// @param kind of the prompts; empty for all
  /// @param rate how often its answer was the better one
  public record Wins(String model, Optional<String> kind, WinRate rate) {}

  private static final class Sums {
    private int answered;
    private int would;
    private int feedback;
    private double quality;
    private int priced;
    private double usd;
    private double millis;
  }

  static StoredTraffic read(String store) {
    return of(DecisionLog.read(store));
  }

  /// @param content of a store, or its latest part
  public static StoredTraffic of(DecisionLog.Content content) {
    Map<String, Sums> models = new TreeMap<>();
    for (DecisionRecord record : content.decisions()) {
      String router = record.choice().assignment().router();
      if (!router.isEmpty()) {
        models.computeIfAbsent(router, _ -> new Sums()).would++;
      }
      if (record.request().answer().model().isPresent()) {
        add(models.computeIfAbsent(record.model(), _ -> new Sums()), record);
      }
    }
    List<DecisionRecord> all = content.decisions();
    return new StoredTraffic(
        all.size(),
        all.isEmpty() ? Instant.EPOCH : all.getFirst().request().request().at(),
        all.isEmpty() ? Instant.EPOCH : all.getLast().request().request().at(),
        summaries(models),
        pairs(content.comparisons()),
        wins(content),
        content.comparisons().size(),
        content.votes().size(),
        content.comparisons().stream().mapToDouble(Comparison::usd).sum());
  }

  /// Of the other model.
  private static double win(Comparison c) {
    return c.otherScore() > c.answeredScore() ? 1 : c.otherScore() < c.answeredScore() ? 0 : 0.5;
  }

  private static List<Pair> pairs(List<Comparison> comparisons) {
    Map<List<String>, WinRate> pairs = new LinkedHashMap<>();
    for (Comparison c : comparisons) {
      pairs.merge(List.of(c.answered(), c.other()), new WinRate(1, win(c)), WinRate::plus);
    }
    return pairs.entrySet().stream()
        .map(e -> new Pair(e.getKey().getFirst(), e.getKey().getLast(), e.getValue()))
        .sorted(Comparator.comparing(Pair::answered).thenComparing(Pair::other))
        .toList();
  }

  /// Over all prompts first, then by kind; in each the highest rate first.
  private static List<Wins> wins(DecisionLog.Content content) {
    Map<Optional<String>, Map<String, WinRate>> kinds =
        new TreeMap<>(Comparator.comparing((Optional<String> kind) -> kind.orElse("")));
    for (Comparison c : content.comparisons()) {
      Set<Optional<String>> of = new LinkedHashSet<>();
      of.add(Optional.empty());
      of.add(Optional.of(c.kind()).filter(kind -> !kind.isEmpty()));
      for (Optional<String> kind : of) {
        Map<String, WinRate> models = kinds.computeIfAbsent(kind, _ -> new TreeMap<>());
        models.merge(c.other(), new WinRate(1, win(c)), WinRate::plus);
        models.merge(c.answered(), new WinRate(1, 1 - win(c)), WinRate::plus);
      }
    }
    for (ClientVote vote : content.votes()) {
      Map<String, WinRate> models = kinds.computeIfAbsent(Optional.empty(), _ -> new TreeMap<>());
      models.merge(vote.better(), new WinRate(1, 1), WinRate::plus);
      models.merge(vote.worse(), new WinRate(1, 0), WinRate::plus);
    }
    List<Wins> wins = new ArrayList<>();
    kinds.forEach((kind, models) ->
        models.entrySet().stream()
            .map(e -> new Wins(e.getKey(), kind, e.getValue()))
            .sorted(Comparator.comparingDouble((Wins w) -> w.rate().value()).reversed())
            .forEach(wins::add));
    return wins;
  }

  private static void add(Sums of, DecisionRecord record) {
    of.answered++;
    of.millis += record.request().timing().total();
    if (!Double.isNaN(record.request().cost())) {
      of.priced++;
      of.usd += record.request().cost();
    }
    if (record.score().isPresent()) {
      of.feedback++;
      of.quality += record.score().get();
    }
  }

  private static List<OfModel> summaries(Map<String, Sums> models) {
    List<OfModel> summaries = new ArrayList<>();
    models.forEach((name, of) ->
        summaries.add(
            new OfModel(
                name,
                of.answered,
                of.would,
                of.feedback,
                of.feedback == 0 ? Double.NaN : of.quality / of.feedback,
                of.priced == 0 ? Double.NaN : of.usd / of.priced,
                of.answered == 0 ? Double.NaN : of.millis / of.answered / 1000)));
    return summaries;
  }
}
