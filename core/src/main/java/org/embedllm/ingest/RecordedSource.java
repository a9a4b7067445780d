package org.embedllm.ingest;

import java.io.Serializable;
import java.util.List;

/// A source of an import that was read in another process.
///
/// @param recordings of each file or folder of it that is read as one, in order
/// @param modelOrder names in the order of models beside it
/// @param questionOrder ids or texts in the order of questions beside it
public record RecordedSource(
    List<RecordedBytes> recordings, List<String> modelOrder, List<String> questionOrder)
    implements Serializable {
  public RecordedSource {
    recordings = List.copyOf(recordings);
    modelOrder = List.copyOf(modelOrder);
    questionOrder = List.copyOf(questionOrder);
  }
}
