package org.embedllm.app.replay;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.app.replay.TrafficSummary.NamedEstimate;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.ReportPage;
import org.embedllm.app.report.SimulatedNote;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.forecast.Interval;
import org.embedllm.offpolicy.OffPolicyEstimate;

/// The page of a gateway's traffic.
record TrafficReport(TrafficSummary summary) {
  private static final String ALL = "all prompts";
  private static final int FEW = 10; // comparisons of a kind that are not shown
  private static final int MANY = 10_000; // comparisons that nobody waits for

  ReportPage page() {
    List<Block> blocks = new ArrayList<>();
    SimulatedNote.of(traffic().models().stream().map(StoredTraffic.OfModel::model).toList())
        .ifPresent(simulated -> blocks.add(new Block.Paragraph(simulated)));
    blocks.add(
        new Block.Facts(
            List.of(
                new Block.Fact("Requests", "%,d".formatted(traffic().requests())),
                new Block.Fact("From", time(traffic().first())),
                new Block.Fact("To", time(traffic().last())),
                new Block.Fact(
                    "Comparisons",
                    "%,d by the shadow, for $%.2f"
                        .formatted(traffic().comparisons(), traffic().shadowUsd())),
                new Block.Fact("Votes", "%,d by clients".formatted(traffic().votes())))));
    blocks.add(new Block.Heading("policies", "What would other policies have got?"));
    String note = summary.recommendation();
    blocks.add(
        new Block.Paragraph(
            note.substring(0, 1).toUpperCase(Locale.ROOT) + note.substring(1) + "."));
    List<NamedEstimate> told =
        summary.policies().stream().filter(p -> p.estimate().refusal().isEmpty()).toList();
    if (!told.isEmpty()) {
      blocks.add(new Block.Drawing(policyFigure(told)));
    }
    for (NamedEstimate named : summary.policies()) {
      named
          .estimate()
          .refusal()
          .ifPresent(reason ->
              blocks.add(
                  new Block.Paragraph(
                      "The log cannot tell of %s: %s.".formatted(named.policy(), reason))));
    }
    blocks.add(new Block.Heading("wins", "Which model answers better?"));
    if (traffic().wins().isEmpty()) {
      blocks.add(
          new Block.Paragraph("No answers were compared: configure a shadow, or send votes."));
    }
    if (!traffic().pairs().isEmpty()) {
      blocks.add(new Block.Drawing(wins()));
    }
    if (traffic().votes() > 0 || traffic().wins().stream().anyMatch(w -> w.kind().isPresent())) {
      blocks.add(new Block.Drawing(winsByKind()));
    }
    blocks.add(new Block.Heading("models", "Who answered, and what the router would have chosen"));
    blocks.add(new Block.Listing("answers", "Models", models()));
    return new ReportPage(
        "Report of a gateway",
        "Quality and cost of the models and policies, from the gateway's own store.",
        blocks);
  }

  private static String time(Instant instant) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT)
        .withZone(ZoneOffset.UTC)
        .format(instant);
  }

  private StoredTraffic traffic() {
    return summary.traffic();
  }

  private static Chart.Estimate estimate(double value, Interval interval) {
    return new Chart.Estimate(value, interval.low(), interval.high());
  }

  private static Figure policyFigure(List<NamedEstimate> told) {
    List<List<Cell>> rows = new ArrayList<>();
    for (NamedEstimate named : told) {
      OffPolicyEstimate e = named.estimate();
      rows.add(
          List.of(
              Cell.of(named.policy()),
              Cell.of(e.value(), ValueFormat.PERCENT),
              Cell.of(e.interval().low(), ValueFormat.PERCENT),
              Cell.of(e.interval().high(), ValueFormat.PERCENT),
              Cell.of(e.cost(), ValueFormat.USD),
              Cell.of(e.effectiveSamples(), ValueFormat.COUNT),
              Cell.of(named.source())));
    }
    boolean judged = told.getFirst().judged();
    NamedEstimate best =
        told.stream()
            .filter(named -> named.judged() == judged)
            .max(java.util.Comparator.comparingDouble(n -> n.estimate().value()))
            .orElseThrow();
    return new Figure(
        "policies",
        "Mean score of each policy",
        "By %s, “%s” comes out highest: %s."
            .formatted(
                judged ? "the judge" : "feedback",
                best.policy(),
                ValueFormat.PERCENT.show(best.estimate().value())),
        "Doubly robust estimates with 95 % intervals; the right column is the expected cost of a"
            + " request in USD. A judge scores by its comparisons of two answers.",
        new Chart.Dots(
            Axis.of("Mean score (%)", ValueFormat.PERCENT),
            told.stream()
                .map(n -> n.judged() == judged ? n.policy() : n.policy() + " (" + n.source() + ")")
                .toList(),
            List.of(
                new Chart.Row(
                    "",
                    told.stream()
                        .map(n -> estimate(n.estimate().value(), n.estimate().interval()))
                        .toList())),
            told.stream().map(n -> ValueFormat.USD.show(n.estimate().cost())).toList(),
            false),
        new Table(
            columns(
                "policy", "Policy",
                "estimate", "Score",
                "estimate_low", "Low",
                "estimate_high", "High",
                "cost", "USD",
                "effective_samples", "Counts like",
                "source", "Scores by"),
            rows));
  }

  private Figure wins() {
    List<List<Cell>> rows = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Chart.Estimate> rates = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (StoredTraffic.Pair pair : traffic().pairs()) {
      names.add(pair.other() + " against " + pair.answered());
      rates.add(estimate(pair.rate().value(), pair.rate().interval()));
      notes.add(toDecide(pair.rate()));
      rows.add(
          List.of(
              Cell.of(pair.other()),
              Cell.of(pair.answered()),
              Cell.count(pair.rate().comparisons()),
              Cell.of(pair.rate().value(), ValueFormat.PERCENT),
              Cell.of(pair.rate().interval().low(), ValueFormat.PERCENT),
              Cell.of(pair.rate().interval().high(), ValueFormat.PERCENT),
              Cell.of(notes.getLast())));
    }
    long decided = traffic().pairs().stream().filter(p -> p.rate().decided()).count();
    return new Figure(
        "wins",
        "How often another model's answer is better",
        "%d of %d pairs are decided.".formatted(decided, traffic().pairs().size()),
        "A tie counts as half a win; 95 % intervals (Wilson). On the right, how many more comparisons"
            + " would decide.",
        new Chart.Dots(
            Axis.of("Win rate (%)", ValueFormat.PERCENT).covering(0, 1),
            names,
            List.of(new Chart.Row("", rates)),
            notes,
            false),
        new Table(
            columns(
                "other", "Model",
                "answered", "Against",
                "comparisons", "Comparisons",
                "win_rate", "Win rate",
                "win_rate_low", "Low",
                "win_rate_high", "High",
                "more", "To decide"),
            rows));
  }

  private static String toDecide(WinRate rate) {
    return switch (rate.more()) {
      case 0 -> "decided";
      case -1 -> "alike so far";
      default ->
          rate.more() > MANY
              ? "over %,d more".formatted(MANY)
              : "about %,d more"
                  .formatted(new BigDecimal(rate.more()).round(new MathContext(2)).toBigInteger());
    };
  }

  private Figure winsByKind() {
    List<StoredTraffic.Wins> shown =
        traffic().wins().stream().filter(w -> w.rate().comparisons() >= FEW).toList();
    List<String> models = shown.stream().map(StoredTraffic.Wins::model).distinct().toList();
    List<Optional<String>> kinds = shown.stream().map(StoredTraffic.Wins::kind).distinct().toList();
    List<Chart.Row> series = new ArrayList<>();
    for (String model : models) {
      series.add(
          new Chart.Row(model, kinds.stream().map(kind -> estimate(shown, model, kind)).toList()));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (StoredTraffic.Wins w : traffic().wins()) {
      rows.add(
          List.of(
              Cell.of(w.kind().orElse(ALL)),
              Cell.of(w.model()),
              Cell.count(w.rate().comparisons()),
              Cell.of(w.rate().value(), ValueFormat.PERCENT),
              Cell.of(w.rate().interval().low(), ValueFormat.PERCENT),
              Cell.of(w.rate().interval().high(), ValueFormat.PERCENT),
              Cell.of(toDecide(w.rate()))));
    }
    return new Figure(
        "kinds",
        "Win rates by kind of prompt",
        leaders(shown, kinds),
        "A kind is the benchmark of the training questions nearest to a prompt. Each model is against"
            + " all others; models with fewer than %d comparisons of a kind are in the table alone."
                .formatted(FEW),
        new Chart.Dots(
            Axis.of("Win rate (%)", ValueFormat.PERCENT).covering(0, 1),
            kinds.stream().map(kind -> kind.orElse(ALL)).toList(),
            series,
            List.of(),
            false),
        new Table(
            columns(
                "kind", "Kind",
                "model", "Model",
                "comparisons", "Comparisons",
                "win_rate", "Win rate",
                "win_rate_low", "Low",
                "win_rate_high", "High",
                "more", "To decide"),
            rows));
  }

  private static Chart.Estimate estimate(
      List<StoredTraffic.Wins> wins, String model, Optional<String> kind) {
    return wins.stream()
        .filter(w -> w.model().equals(model) && w.kind().equals(kind))
        .findFirst()
        .map(w -> estimate(w.rate().value(), w.rate().interval()))
        .orElse(Chart.Estimate.of(Double.NaN));
  }

  /// The model that wins most often, by kind, where that is certain.
  private static String leaders(List<StoredTraffic.Wins> shown, List<Optional<String>> kinds) {
    List<String> found = new ArrayList<>();
    for (Optional<String> kind : kinds) {
      shown.stream()
          .filter(w -> w.kind().equals(kind) && w.rate().interval().low() > 0.5)
          .findFirst()
          .ifPresent(w -> found.add("%s: %s".formatted(kind.orElse(ALL), w.model())));
    }
    return found.isEmpty()
        ? "No model is certainly better than the others yet."
        : "Most often better: " + String.join("; ", found) + ".";
  }

  private Table models() {
    List<List<Cell>> rows = new ArrayList<>();
    for (StoredTraffic.OfModel of : traffic().models()) {
      rows.add(
          List.of(
              Cell.of(of.model()),
              Cell.count(of.answered()),
              Cell.count(of.wouldAnswer()),
              Cell.count(of.feedback()),
              Cell.of(of.quality(), ValueFormat.PERCENT),
              Cell.of(of.interval().low(), ValueFormat.PERCENT),
              Cell.of(of.interval().high(), ValueFormat.PERCENT),
              Cell.of(of.cost(), ValueFormat.USD),
              Cell.of(of.seconds(), ValueFormat.GENERAL)));
    }
    return new Table(
        columns(
            "model", "Model",
            "answered", "Answered",
            "router", "Router's choice",
            "feedback", "Feedback",
            "quality", "Mean score",
            "quality_low", "Low",
            "quality_high", "High",
            "usd", "USD a request",
            "seconds", "Seconds"),
        rows);
  }

  /// Keys and titles, one after the other.
  private static List<Table.Column> columns(String... names) {
    List<Table.Column> columns = new ArrayList<>();
    for (int c = 0; c < names.length; c += 2) {
      columns.add(new Table.Column(names[c], names[c + 1]));
    }
    return columns;
  }
}
