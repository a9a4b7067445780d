package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import tools.jackson.databind.JsonNode;

/// A routed prompt, drawn from `route --json`: the chosen model, the reason, and the next
/// candidates.
final class RoutedPrompt {
  private static final int SHOWN = 4;

  private RoutedPrompt() {}

  /// @param number that identifies its table
  static List<Block> blocks(int number, JsonNode route) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Block.Paragraph("Prompt: " + route.path("prompt").asString("")));
    blocks.add(
        new Block.Paragraph(
            "Goes to %s: %s."
                .formatted(
                    route.path("route").asString(""),
                    route.path("reason").asString("").replaceAll("\\.$", ""))));
    List<List<Cell>> rows = new ArrayList<>();
    JsonNode ranking = route.path("ranking");
    IntStream.range(0, Math.min(SHOWN, ranking.size()))
        .mapToObj(ranking::get)
        .forEach(candidate ->
            rows.add(
                List.of(
                    new Cell.Text(candidate.path("model").asString("")),
                    percent(candidate, "probability"),
                    new Cell.Text(interval(candidate)),
                    new Cell.Value(
                        1000 * candidate.path("cost").asDouble(Double.NaN), ValueFormat.USD))));
    blocks.add(
        new Block.Listing(
            "prompt-" + number,
            "The first %d of the ranking (simulated models, simulated prices)".formatted(SHOWN),
            new Table(
                List.of(
                    new Table.Column("model", "Model"),
                    new Table.Column("probability", "Right with"),
                    new Table.Column("interval", "95 % interval"),
                    new Table.Column("cost_per_thousand", "USD for 1,000 calls")),
                rows)));
    return blocks;
  }

  private static Cell percent(JsonNode candidate, String key) {
    return new Cell.Value(candidate.path(key).asDouble(Double.NaN), ValueFormat.PERCENT);
  }

  private static String interval(JsonNode candidate) {
    double low = candidate.path("low").asDouble(Double.NaN);
    double high = candidate.path("high").asDouble(Double.NaN);
    return high > low
        ? ValueFormat.PERCENT.show(low) + " to " + ValueFormat.PERCENT.show(high)
        : "–";
  }
}
