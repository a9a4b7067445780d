package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Progress;
import org.embedllm.scoring.JudgeAgreement;

/// Asks a model the user's own prompts, all of them.
final class OwnPrompts {
  private final List<AskedQuestion> questions;

  /// @param questions that can be scored
  OwnPrompts(List<AskedQuestion> questions) {
    this.questions = questions;
  }

  /// Asks what no earlier run has asked.
  ///
  /// @param progress is told by how many answers there are more
  AskSummary ask(
      AskRun run,
      String model,
      Map<String, AnswersFile.Earlier> earlier,
      SpendLimit limit,
      Optional<JudgeAgreement.Counter> agreement,
      Progress progress)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    AskSummary.Counts counts = new AskSummary.Counts();
    List<AskedQuestion> left = new ArrayList<>();
    for (AskedQuestion asked : questions) {
      AnswersFile.Earlier before = earlier.get(asked.question().id());
      if (before == null) {
        left.add(asked);
      } else {
        counts.add(before.score(), before.usd());
      }
    }
    counts.asked.set(questions.size());
    int answers =
        run.ask(
                left,
                answer -> {
                  counts.add(answer.score(), answer.usd());
                  progress.advanceTo(counts.answered.get());
                  progress.detail(model + " " + counts.accuracyText());
                  agreement.ifPresent(answer::count);
                  agreement.ifPresent(PlannedQuestions::requireBelievable);
                })
            .size();
    boolean stopped = limit.reached();
    if (stopped) {
      counts.asked.addAndGet(answers - left.size());
    }
    return AskSummary.of(
        model,
        counts,
        (System.nanoTime() - start) / 1e9,
        stopped ? "the next call would exceed --max-usd" : "all prompts were asked",
        agreement.map(JudgeAgreement.Counter::agreement));
  }
}
