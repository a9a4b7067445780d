package org.embedllm.dataset;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.SourcePart;

/// Evaluation data together with the findings of its import.
///
/// @param data the answers and the split
/// @param splitBrought whether the sources brought the split; false where it was made here
/// @param conflictRule how differing answers of one model to one question were merged
/// @param conflicts number of (model, question) pairs with more than one answer and differing
///   scores
/// @param unobservedRows rows that named a model and a question and had no score
/// @param sharedPrompts number of texts in two parts of the split
/// @param groups group of a question by id, where questions were kept together by a column
/// @param sources the files it was read from
/// @param remarks further findings of the import for the user
/// @param directory the data set directory it was read from, if it was one
public record Dataset(
    EvaluationData data,
    boolean splitBrought,
    ConflictRule conflictRule,
    long conflicts,
    long unobservedRows,
    int sharedPrompts,
    Map<String, String> groups,
    List<SourcePart> sources,
    List<String> remarks,
    Optional<Path> directory) {
  public Dataset {
    groups = Map.copyOf(groups);
    sources = List.copyOf(sources);
    remarks = List.copyOf(remarks);
  }

  /// The same data set, read from a directory.
  public Dataset in(Path place) {
    return new Dataset(
        data,
        splitBrought,
        conflictRule,
        conflicts,
        unobservedRows,
        sharedPrompts,
        groups,
        sources,
        remarks,
        Optional.of(place));
  }

  /// The same data set with remarks.
  public Dataset withRemarks(List<String> said) {
    return new Dataset(
        data,
        splitBrought,
        conflictRule,
        conflicts,
        unobservedRows,
        sharedPrompts,
        groups,
        sources,
        said,
        directory);
  }
}
