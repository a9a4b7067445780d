package org.embedllm.question;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.embedllm.correctness.Question;
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

  /// The vectors of some questions, found by id, in the order of the questions.
  ///
  /// @throws IllegalArgumentException when a question has no vector
  public QuestionVectors of(List<Question> questions) {
    boolean inOrder = questions.size() == count();
    for (int j = 0; inOrder && j < questions.size(); j++) {
      inOrder = questions.get(j).id().equals(ids.get(j));
    }
    if (inOrder) {
      return this;
    }
    Map<String, Integer> rows = HashMap.newHashMap(count());
    for (int j = 0; j < count(); j++) {
      rows.put(ids.get(j), j);
    }
    int[] which = new int[questions.size()];
    for (int j = 0; j < which.length; j++) {
      String id = questions.get(j).id();
      Integer row = rows.get(id);
      if (row == null) {
        throw new IllegalArgumentException("question " + id + " has no vector");
      }
      which[j] = row;
    }
    return select(which);
  }
}
