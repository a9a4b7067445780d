package org.embedllm.app.replay;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.forecast.Interval;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.store.DecisionLog;

/// What a gateway's store says of each model, and of pairs of models that were compared. Not loaded
/// where the gateway is not installed.
///
/// @param requests in the store
/// @param first when the first came; the epoch where there is none
/// @param last when the last came
/// @param models by name
/// @param pairs that a shadow compared
/// @param shadowUsd what the shadow cost
record StoredTraffic(
    int requests,
    Instant first,
    Instant last,
    List<OfModel> models,
    List<Pair> pairs,
    double shadowUsd) {
  StoredTraffic {
    models = List.copyOf(models);
    pairs = List.copyOf(pairs);
  }

  /// @param model its name
  /// @param answered requests that it answered
  /// @param wouldAnswer requests that the router would have given it
  /// @param outcomes feedback that it got
  /// @param quality mean of it; NaN without any
  /// @param cost mean USD of an answer; NaN where not known
  /// @param seconds mean time of an answer; NaN without any
  record OfModel(
      String model,
      int answered,
      int wouldAnswer,
      int outcomes,
      double quality,
      double cost,
      double seconds) {
    Interval interval() {
      return Interval.ofShare(quality, outcomes);
    }
  }

  /// Two models that answered the same requests.
  ///
  /// @param answered the model that answered the clients
  /// @param other the model that was asked beside it
  /// @param comparisons of them
  /// @param wins of the other model, a tie as half a one
  record Pair(String answered, String other, int comparisons, double wins) {
    private static final double Z = 1.959963984540054;

    double winRate() {
      return wins / comparisons;
    }

    Interval interval() {
      return Interval.ofShare(winRate(), comparisons);
    }

    boolean decided() {
      return !interval().contains(0.5);
    }

    /// Further comparisons after which the interval is expected to leave 50 %; 0 where it has, -1
    /// where the two are alike so far.
    int more() {
      if (decided()) {
        return 0;
      }
      double gap = Math.abs(winRate() - 0.5);
      double needed = Math.pow(Z / (2 * gap), 2);
      return gap < 0.005 ? -1 : (int) Math.max(1, Math.ceil(needed - comparisons));
    }
  }

  private static final class Sums {
    private int answered;
    private int would;
    private int outcomes;
    private double quality;
    private int priced;
    private double usd;
    private double millis;
  }

  static StoredTraffic read(String store) {
    DecisionLog.Content content = DecisionLog.read(store);
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
    Map<String, Pair> pairs = new TreeMap<>();
    double usd = 0;
    for (Comparison c : content.comparisons()) {
      double win =
          c.otherScore() > c.answeredScore() ? 1 : c.otherScore() < c.answeredScore() ? 0 : 0.5;
      pairs.merge(
          c.answered() + "\n" + c.other(),
          new Pair(c.answered(), c.other(), 1, win),
          (a, b) ->
              new Pair(
                  a.answered(), a.other(), a.comparisons() + b.comparisons(), a.wins() + b.wins()));
      usd += c.usd();
    }
    List<DecisionRecord> all = content.decisions();
    return new StoredTraffic(
        all.size(),
        all.isEmpty() ? Instant.EPOCH : all.getFirst().request().request().at(),
        all.isEmpty() ? Instant.EPOCH : all.getLast().request().request().at(),
        summaries(models),
        List.copyOf(pairs.values()),
        usd);
  }

  private static void add(Sums of, DecisionRecord record) {
    of.answered++;
    of.millis += record.request().timing().total();
    if (!Double.isNaN(record.request().cost())) {
      of.priced++;
      of.usd += record.request().cost();
    }
    if (record.score().isPresent()) {
      of.outcomes++;
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
                of.outcomes,
                of.outcomes == 0 ? Double.NaN : of.quality / of.outcomes,
                of.priced == 0 ? Double.NaN : of.usd / of.priced,
                of.answered == 0 ? Double.NaN : of.millis / of.answered / 1000)));
    return summaries;
  }
}
