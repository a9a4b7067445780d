package org.embedllm.dataset;

import java.util.List;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ModelRun;
import org.embedllm.source.SourcePart;

/// What an import found out about its sources.
///
/// @param splitBrought whether the sources brought the split; false where it was made here
/// @param conflictRule how differing answers of one model to one question were merged
/// @param conflicts number of (model, question) pairs with more than one answer and differing
///   scores
/// @param contradictions number of those pairs whose scores differ between sources
/// @param unobservedRows rows that named a model and a question and had no score
/// @param sharedPrompts number of texts in more than one part of the split
/// @param sources the files it was read from
/// @param warnings what else a user should know
/// @param runs how models ran, where the sources say it
/// @param skipped what was left out because it could not be read, or because it was asked for
public record ImportReport(
    boolean splitBrought,
    ConflictRule conflictRule,
    long conflicts,
    long contradictions,
    long unobservedRows,
    int sharedPrompts,
    List<SourcePart> sources,
    List<String> warnings,
    List<ModelRun> runs,
    List<SkippedTask> skipped) {
  public ImportReport {
    sources = List.copyOf(sources);
    warnings = List.copyOf(warnings);
    runs = List.copyOf(runs);
    skipped = List.copyOf(skipped);
  }

  /// A task that was left out.
  ///
  /// @param task its name
  /// @param reason why, and of which model or file where it concerns one only
  public record SkippedTask(String task, String reason) {}
}
