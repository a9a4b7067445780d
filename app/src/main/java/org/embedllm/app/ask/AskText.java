package org.embedllm.app.ask;

import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.TextTable;
import org.embedllm.scoring.JudgeAgreement;

/// What a person reads of a run.
final class AskText {
  private final Console console;
  private final Path answers;

  /// @param answers where the answers are
  AskText(Console console, Path answers) {
    this.console = console;
    this.answers = answers;
  }

  void print(List<AskSummary> summaries) {
    var table = new TextTable("model", "answers", "scored", "accuracy, 95 %", "cost");
    for (AskSummary summary : summaries) {
      table.row(
          summary.model(),
          Integer.toString(summary.answered()),
          Integer.toString(summary.scored()),
          summary.accuracyText(),
          summary.costText());
    }
    table.print(console);
    summaries.getFirst().agreement().ifPresent(this::print);
  }

  void print(AskSummary summary) {
    console.line(
        "%s: %d questions asked, %d answered, %d scored, %s, %s",
        summary.model(),
        summary.asked(),
        summary.answered(),
        summary.scored(),
        summary.costText(),
        summary.timeText());
    summary.agreement().ifPresent(this::print);
    int unread = summary.answered() - summary.scored();
    if (unread > 0) {
      console.warn(
          "%d answers could not be read and do not count; see output in %s", unread, answers);
    }
    console.line("accuracy %s; %s", summary.accuracyText(), summary.ended());
  }

  private void print(JudgeAgreement agreement) {
    if (agreement.answers() == 0) {
      console.warn("no right answer is known: how far the judge can be believed was not measured");
    } else {
      console.line(
          "the judge says the same as the right answers on %d of %d answers (κ %.2f)",
          agreement.same(), agreement.answers(), agreement.kappa());
    }
  }
}
