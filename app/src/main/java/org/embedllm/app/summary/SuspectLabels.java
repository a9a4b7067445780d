package org.embedllm.app.summary;

import java.util.List;
import java.util.OptionalDouble;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.itemresponse.LabelSuspects;
import org.embedllm.storage.BadInputException;

/// The questions of a data set that look wrongly keyed, as text and as JSON.
///
/// @param matrix the answers they were found in
/// @param found what was found
public record SuspectLabels(CorrectnessMatrix matrix, LabelSuspects found) {
  /// @param falseDiscoveryRate bound on the expected share of wrong entries in the list; the usual
  ///   one where it is empty
  /// @throws BadInputException when the bound is not above 0 and below 1
  public static SuspectLabels of(CorrectnessMatrix matrix, OptionalDouble falseDiscoveryRate) {
    if (falseDiscoveryRate.isEmpty()) {
      return new SuspectLabels(matrix, LabelSuspects.of(matrix));
    }
    double rate = falseDiscoveryRate.getAsDouble();
    if (!(rate > 0 && rate < 1)) {
      throw BadInputException.of("--false-discovery-rate must be above 0 and below 1; got " + rate);
    }
    return new SuspectLabels(matrix, LabelSuspects.of(matrix, rate));
  }

  private Question question(LabelSuspects.Suspect suspect) {
    return matrix.questions().get(suspect.question());
  }

  /// The keys of `inspect --suspects --json` beside the name of the data set.
  public Json json() {
    List<Json> rows =
        found.suspects().stream()
            .map(suspect ->
                new Json()
                    .put("id", question(suspect).id())
                    .put("benchmark", question(suspect).benchmark())
                    .put("text", question(suspect).text())
                    .put("right", suspect.right())
                    .put("answers", suspect.answers())
                    .put("auc", suspect.auc())
                    .put("adjustedPValue", suspect.adjustedPValue()))
            .toList();
    return new Json()
        .put("questions", matrix.questionCount())
        .put("tested", found.tested())
        .put("falseDiscoveryRate", found.falseDiscoveryRate())
        .put("suspects", rows.stream().map(Json::document).toList());
  }

  /// Prints the list.
  public void print(Console console) {
    console.line(
        "%d of %d questions look wrongly keyed; %d had enough answers to test.",
        found.suspects().size(), matrix.questionCount(), found.tested());
    if (found.suspects().isEmpty()) {
      return;
    }
    console.line("Weak models get them right and strong ones do not. Look at their keys.");
    console.line("");
    TextTable table =
        new TextTable("question", "benchmark", "right", "answers", "AUC", "adjusted p");
    for (LabelSuspects.Suspect suspect : found.suspects()) {
      table.row(
          question(suspect).id(),
          question(suspect).benchmark(),
          Integer.toString(suspect.right()),
          Integer.toString(suspect.answers()),
          TextTable.number(suspect.auc(), 3),
          TextTable.number(suspect.adjustedPValue(), 4));
    }
    table.print(console);
  }
}
