package org.embedllm.artifact;

import java.io.IOException;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.question.QuestionVectors;

/// Gives vectors of questions by the encoder of a pool: stored ones, or new ones.
@FunctionalInterface
public interface VectorSource {
  /// Vectors of questions, by their ids.
  ///
  /// @throws org.embedllm.storage.BadInputException when the encoder is not there
  /// @throws IOException when stored vectors cannot be read, or new ones not be stored
  QuestionVectors of(List<Question> questions) throws IOException;
}
