package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.storage.BadInputException;

/// What all ways of asking share.
///
/// @param target file or data set that is written
/// @param budget most questions; empty for all
record AskSetup(
    Console console,
    UpstreamFlags upstream,
    ScoringFlags scoring,
    Path target,
    Optional<Integer> budget) {
  /// At most so many questions, and no more than the budget.
  int wanted(int most) {
    return Math.min(most, budget.orElse(most));
  }

  /// The user's prompts that can be scored.
  List<AskedQuestion> questions(Path file, ScoringFlags.Chosen chosen) throws IOException {
    List<AskedQuestion> read = PromptTable.read(file);
    List<AskedQuestion> takes = read.stream().filter(chosen::takes).toList();
    if (takes.isEmpty()) {
      throw BadInputException.in(
          file,
          "has no right answers: add a column reference, or let a judge score with --scorer judge"
              + " --judge URL --judge-name NAME");
    }
    if (takes.size() < read.size()) {
      console.warn(
          "%s: %d of %d prompts have no right answer and are not asked",
          file, read.size() - takes.size(), read.size());
    }
    return takes.subList(0, wanted(takes.size()));
  }

  /// The file of the answers; what earlier runs have spent counts, and what they have found of a
  /// judge that scores.
  ///
  /// @throws BadInputException where the judge cannot be believed
  AnswersFile answers(Path file, ScoringFlags.Chosen chosen, SpendLimit limit) throws IOException {
    AnswersFile opened = AnswersFile.open(file);
    try {
      limit.spent(opened.usd());
      if (chosen.agreement().isPresent()) {
        opened.count(chosen.judge().orElseThrow().name(), chosen.agreement().get());
        PlannedQuestions.requireBelievable(chosen.agreement().get());
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  AskText text() {
    return new AskText(console, target);
  }
}
