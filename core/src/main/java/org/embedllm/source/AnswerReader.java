package org.embedllm.source;

import java.util.List;

/// Reads one source and hands its answers to a collector.
interface AnswerReader {
  /// Reads everything.
  ///
  /// @return the files that were read
  /// @throws org.embedllm.storage.BadInputException when the source cannot be used
  List<SourcePart> read(AnswerCollector collector, ImportOptions options, ImportProgress progress);
}
