package org.embedllm.question;

import java.util.List;
import java.util.Objects;
import org.embedllm.tensor.FloatMatrix;

/// Vectors of questions, bound to the ids of the questions and to the encoder that made them.
///
/// @param ids id of each of the n questions, in row order
/// @param vectors [n, q]
/// @param encoder that made them
public record QuestionVectors(List<String> ids, FloatMatrix vectors, EncoderIdentity encoder) {
  public QuestionVectors {
    ids = List.copyOf(ids);
    Objects.requireNonNull(encoder, "encoder");
    if (ids.size() != vectors.rows() || encoder.dimension() != vectors.columns()) {
      throw new IllegalArgumentException(
          "%d ids and dimension %d do not fit vectors of shape [%d, %d]"
              .formatted(ids.size(), encoder.dimension(), vectors.rows(), vectors.columns()));
    }
  }

  /// n, the number of questions.
  public int count() {
    return vectors.rows();
  }

  /// q, the dimension of a vector.
  public int dimension() {
    return vectors.columns();
  }

  /// The given rows, in the given order.
  public QuestionVectors select(int[] which) {
    List<String> selected = java.util.Arrays.stream(which).mapToObj(ids::get).toList();
    return new QuestionVectors(selected, vectors.selectRows(which), encoder);
  }
}
