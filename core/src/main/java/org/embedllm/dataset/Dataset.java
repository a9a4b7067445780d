package org.embedllm.dataset;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Reference;

/// Evaluation data, what was kept beside it, and what its import found out.
///
/// @param data the answers and the split
/// @param groups group of a question by id, where questions were kept together
/// @param references the right answer to a question by id, where known
/// @param outputs what models wrote, where kept
/// @param report what the import found out
/// @param directory the data set directory it was read from, if it was one
public record Dataset(
    EvaluationData data,
    Map<String, String> groups,
    Map<String, Reference> references,
    AnswerOutputs outputs,
    ImportReport report,
    Optional<Path> directory) {
  public Dataset {
    groups = Map.copyOf(groups);
    references = Map.copyOf(references);
  }

  /// The same with other answers to the same questions.
  public Dataset withData(EvaluationData other) {
    return new Dataset(other, groups, references, outputs, report, directory);
  }

  /// Whether the split came with the sources; false where it was made at the import.
  public boolean splitBrought() {
    return report.splitBrought();
  }
}
