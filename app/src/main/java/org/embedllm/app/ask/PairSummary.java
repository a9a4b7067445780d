package org.embedllm.app.ask;

import java.util.Locale;
import java.util.Map;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.forecast.Interval;
import org.embedllm.scoring.PairAgreement;

/// What a judge said of pairs of answers.
///
/// @param agreement how far it can be believed
/// @param wins by model
/// @param unread pairs of which the judge gave no verdict that could be read
/// @param refused pairs that the judge's server refused, for nothing
/// @param refusal what it said of the last of these
/// @param usd what the judge cost; 0 where that is not known
/// @param stopped whether --max-usd left pairs out
record PairSummary(
    PairAgreement agreement,
    Map<String, Wins> wins,
    int unread,
    int refused,
    String refusal,
    double usd,
    boolean stopped) {
  PairSummary {
    wins = Map.copyOf(new java.util.TreeMap<>(wins));
  }

  /// @param pairs with the model
  /// @param better of them in which its answer was; a tie as half a one
  record Wins(int pairs, double better) {
    Wins plus(Wins other) {
      return new Wins(pairs + other.pairs, better + other.better);
    }

    double rate() {
      return better / pairs;
    }

    Interval interval() {
      return Interval.ofShare(rate(), pairs);
    }
  }

  void print(Console console) {
    var table = new TextTable("model", "pairs", "better, 95 %");
    new java.util.TreeMap<>(wins)
        .forEach((model, of) ->
            table.row(
                model,
                Integer.toString(of.pairs()),
                AskSummary.accuracyText(of.rate(), of.interval())));
    table.print(console);
    console.line(
        "the judge says the same in both orders on %d of %d pairs; the others are ties",
        agreement.consistent(), agreement.pairs());
    if (unread > 0) {
      console.warn("%d verdicts of the judge could not be read and do not count", unread);
    }
    if (refused > 0) {
      console.warn("the judge refused %d pairs, which do not count: %s", refused, refusal);
    }
    if (agreement.known() == 0) {
      console.warn("no right answer is known: how far the judge can be believed was not measured");
    } else {
      console.line(
          "where right answers say which is better, the judge says so on %d of %d pairs",
          agreement.same(), agreement.known());
    }
    if (usd > 0) {
      console.line("%s", String.format(Locale.ROOT, "comparing cost $%.4f", usd));
    }
    if (stopped) {
      console.line("the next comparison would exceed --max-usd");
    }
  }

  Json json() {
    return new Json()
        .put("pairs", agreement.pairs())
        .put("consistent", agreement.consistent())
        .put("known", agreement.known())
        .put("same", agreement.same())
        .put("unread", unread)
        .put("refused", refused)
        .put("usd", usd)
        .put(
            "models",
            new java.util.TreeMap<>(wins)
                .entrySet().stream()
                    .map(e ->
                        new Json()
                            .put("model", e.getKey())
                            .put("pairs", e.getValue().pairs())
                            .put("better", e.getValue().rate())
                            .put("low", e.getValue().interval().low())
                            .put("high", e.getValue().interval().high())
                            .document())
                    .toList());
  }
}
