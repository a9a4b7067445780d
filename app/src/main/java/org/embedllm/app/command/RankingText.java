package org.embedllm.app.command;

import java.util.Locale;
import java.util.Map;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.jspecify.annotations.Nullable;

/// Models ranked for one prompt.
final class RankingText {
  private final boolean priced;
  private final TextTable table;
  private int shown;

  /// @param priced whether any price is known
  RankingText(boolean priced) {
    this.priced = priced;
    this.table =
        priced
            ? new TextTable("model", "P(correct)", "95 % interval", "cost")
            : new TextTable("model", "P(correct)", "95 % interval");
  }

  /// A ranked model as JSON.
  static Map<String, @Nullable Object> json(
      String model, double probability, double low, double high, double cost) {
    return new Json()
        .put("model", model)
        .put("probability", probability)
        .put("low", low)
        .put("high", high)
        .put("cost", cost)
        .document();
  }

  void row(String model, double probability, double low, double high, double cost) {
    String interval =
        low < high ? String.format(Locale.ROOT, "%.1f to %.1f", 100 * low, 100 * high) : "–";
    if (priced) {
      table.row(model, TextTable.percent(probability), interval, TextTable.dollars(cost));
    } else {
      table.row(model, TextTable.percent(probability), interval);
    }
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
