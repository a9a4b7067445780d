package org.embedllm.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.usage.UsageEstimate;
import org.jspecify.annotations.Nullable;

/// Models ranked for one prompt.
final class RankingText {
  private final PromptForecasts.OfPrompt prompt;
  private final boolean priced;
  private final boolean timed;
  private final TextTable table;
  private int shown;

  /// @param priced whether any price is known
  /// @param quantity what the probabilities are
  RankingText(PromptForecasts.OfPrompt prompt, boolean priced, ForecastQuantity quantity) {
    this.prompt = prompt;
    this.priced = priced;
    this.timed =
        prompt.usage().models().stream()
            .anyMatch(one -> one.estimates().containsKey(UsageQuantity.SECONDS));
    String columns = "model," + quantity.heading() + ",95 % interval";
    columns += prompt.usage().models().isEmpty() ? "" : ",tokens";
    columns += priced ? ",cost" : "";
    columns += timed ? ",seconds" : "";
    this.table = new TextTable(columns.split(","));
  }

  /// A ranked model as JSON; what is not known is null.
  static Map<String, @Nullable Object> json(
      Candidate candidate, PromptForecasts.OfPrompt prompt, CallCosts costs) {
    String model = candidate.model();
    Json json =
        new Json()
            .put("model", model)
            .put("probability", candidate.probability())
            .put("low", candidate.low())
            .put("high", candidate.high())
            .put("cost", candidate.cost());
    UsageEstimate cost = costs.cost(model, prompt.tokens(), prompt.usage());
    if (cost.low() < cost.high()) {
      json.put("costInterval", List.of(cost.low(), cost.high()));
    }
    put(json, "outputTokens", prompt.usage().of(model, UsageQuantity.OUTPUT_TOKENS));
    put(json, "seconds", prompt.usage().of(model, UsageQuantity.SECONDS));
    put(json, "firstTokenSeconds", prompt.usage().of(model, UsageQuantity.FIRST_TOKEN_SECONDS));
    return json.document();
  }

  private static void put(Json json, String key, Optional<UsageEstimate> estimate) {
    if (estimate.isEmpty()) {
      json.put(key, (Object) null);
      return;
    }
    json.put(key, estimate.get().mean());
    json.put(key + "Interval", List.of(estimate.get().low(), estimate.get().high()));
  }

  void row(Candidate candidate) {
    List<String> cells = new ArrayList<>();
    cells.add(candidate.model());
    cells.add(TextTable.percent(candidate.probability()));
    cells.add(
        candidate.low() < candidate.high()
            ? TextTable.percentRange(candidate.low(), candidate.high())
            : TextTable.UNKNOWN);
    if (!prompt.usage().models().isEmpty()) {
      cells.add(
          prompt
              .usage()
              .of(candidate.model(), UsageQuantity.OUTPUT_TOKENS)
              .map(t -> String.format(Locale.ROOT, "%.0f", t.mean()))
              .orElse(TextTable.UNKNOWN));
    }
    if (priced) {
      cells.add(TextTable.dollars(candidate.cost()));
    }
    if (timed) {
      cells.add(
          Double.isNaN(candidate.seconds())
              ? TextTable.UNKNOWN
              : String.format(Locale.ROOT, "%.1f", candidate.seconds()));
    }
    table.row(cells.toArray(String[]::new));
    shown++;
  }

  void print(Console console, int all) {
    table.print(console);
    if (shown < all) {
      console.line("… and %d more (--top, or --json for all)", all - shown);
    }
    console.line("");
  }
}
