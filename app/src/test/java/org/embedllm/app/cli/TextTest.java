package org.embedllm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.embedllm.app.task.PromptForecasts;
import org.junit.jupiter.api.Test;

class TextTest {
  @Test
  void table_alignsItsColumns() {
    List<String> lines =
        new TextTable("model", "accuracy").row("äb", "70.0 %").row("longer-name", "–").lines();
    assertThat(lines)
        .containsExactly(
            "model        accuracy",
            "─────────────────────",
            "äb             70.0 %",
            "longer-name         –");
  }

  @Test
  void table_leavesOutColumnsInWhichNothingIsKnown() {
    TextTable table = new TextTable("model", "tokens", "cost").row("a", "–", "–");
    assertThat(table.row("b", "–", "$1").fitting(80)).containsExactly(0, 2);
    assertThat(table.row("c", "12", "–").fitting(80)).containsExactly(0, 1, 2);
  }

  @Test
  void error_onATerminal_breaksBetweenWords() {
    assertThat(
            StandardError.fitted("embedllm: x.db: is no file: name the store, 95 % sure", 44)
                .lines())
        .containsExactly("embedllm: x.db: is no file: name the store,", "95 % sure");
  }

  @Test
  void numbers_thatAreUnknown_areDashes() {
    assertThat(TextTable.percent(0.70349)).isEqualTo("70.3 %");
    assertThat(TextTable.percent(Double.NaN)).isEqualTo("–");
    assertThat(TextTable.number(Double.NaN, 2)).isEqualTo("–");
    assertThat(TextTable.dollars(0.000123456)).isEqualTo("$0.000123");
    assertThat(TextTable.dollars(0)).isEqualTo("$0");
    assertThat(TextTable.dollars(Double.NaN)).isEqualTo("–");
    assertThat(TextTable.percentRange(Double.NaN, Double.NaN)).isEqualTo("–");
    assertThat(TextTable.percentRange(0.125, 1)).isEqualTo("12.5 to 100.0");
  }

  @Test
  void suggestion_namesWhatIsClose() {
    List<String> known = List.of("gpt-4o-2024-08-06", "gpt-4o-mini", "claude-3-opus", "x");
    assertThat(Suggestion.didYouMean("gpt4o-mini", known)).isEqualTo("; did you mean gpt-4o-mini?");
    assertThat(Suggestion.didYouMean("gpt-4o", known))
        .isEqualTo("; did you mean gpt-4o-mini or gpt-4o-2024-08-06?");
    assertThat(Suggestion.didYouMean("gpt4o", known))
        .isEqualTo("; did you mean gpt-4o-mini or gpt-4o-2024-08-06?");
    assertThat(Suggestion.didYouMean("Claude-3-Opus", known)).contains("claude-3-opus");
    assertThat(Suggestion.didYouMean("entirely different", known)).isEmpty();
    assertThat(Suggestion.didYouMean("newa", List.of("beta", "news")))
        .isEqualTo("; did you mean news?");
  }

  @Test
  void prompt_onOneLine_isShortened() {
    assertThat(PromptForecasts.shortened("a\n b")).isEqualTo("a b");
    assertThat(PromptForecasts.shortened("é".repeat(100))).hasSize(72).endsWith("…");
  }
}
