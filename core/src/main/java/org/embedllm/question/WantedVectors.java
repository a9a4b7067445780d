package org.embedllm.question;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.Question;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// The vectors a set of questions needs, filled in as they are found or made: one row for each
/// different key, in order of first appearance.
final class WantedVectors {
  private final Map<TextDigest, Integer> rowOf = new LinkedHashMap<>();
  private final List<String> texts = new ArrayList<>();
  private final int[] rowOfQuestion; // [n]
  private final int dimension;
  private final float[] values; // [u, q]
  private final int[] tokens; // [u]
  private final boolean[] present; // [u]

  WantedVectors(List<Question> questions, RowKey key, int dimension) {
    this.dimension = dimension;
    this.rowOfQuestion = new int[questions.size()];
    for (int j = 0; j < rowOfQuestion.length; j++) {
      Question question = questions.get(j);
      TextDigest digest = key.of(question);
      Integer known = rowOf.putIfAbsent(digest, rowOf.size());
      rowOfQuestion[j] = known == null ? rowOf.size() - 1 : known;
      if (known == null) {
        texts.add(question.text());
      }
    }
    if ((long) rowOf.size() * dimension > Integer.MAX_VALUE - 8) {
      throw BadInputException.of(
          "%d texts of dimension %d do not fit one matrix".formatted(rowOf.size(), dimension));
    }
    this.values = new float[rowOf.size() * dimension];
    this.tokens = new int[rowOf.size()];
    this.present = new boolean[rowOf.size()];
  }

  /// u, the number of different keys.
  int size() {
    return texts.size();
  }

  String text(int row) {
    return texts.get(row);
  }

  List<TextDigest> keys() {
    return List.copyOf(rowOf.keySet());
  }

  List<Integer> questionRows() {
    return Arrays.stream(rowOfQuestion).boxed().toList();
  }

  /// Takes the vectors that a segment has.
  void fillFrom(VectorSegment segment) {
    float[] source = segment.vectors().sharedArray();
    for (int i = 0; i < segment.keys().size(); i++) {
      Integer row = rowOf.get(segment.keys().get(i));
      if (row != null && !present[row]) {
        System.arraycopy(source, i * dimension, values, row * dimension, dimension);
        tokens[row] = segment.tokens().get(i);
        present[row] = true;
      }
    }
  }

  /// Takes the encoded texts of the given rows.
  void fill(List<Integer> rows, EncodedTexts made) {
    if (made.vectors().rows() != rows.size() || made.vectors().columns() != dimension) {
      throw new IllegalStateException(
          "the encoder returned %s for %d texts of dimension %d"
              .formatted(made.vectors(), rows.size(), dimension));
    }
    float[] source = made.vectors().sharedArray();
    for (int i = 0; i < rows.size(); i++) {
      int row = rows.get(i);
      for (int k = i * dimension; k < (i + 1) * dimension; k++) {
        if (!Float.isFinite(source[k])) {
          throw BadInputException.of(
              "the encoder gave %s in the vector of the text \"%.60s\""
                  .formatted(source[k], text(row)));
        }
      }
      System.arraycopy(source, i * dimension, values, row * dimension, dimension);
      tokens[row] = made.tokenCounts().get(i);
      present[row] = true;
    }
  }

  /// Rows without a vector, longest text first, so memory is allocated once and the threads of an
  /// encoder end together.
  List<Integer> missing() {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < present.length; row++) {
      if (!present[row]) {
        rows.add(row);
      }
    }
    rows.sort((x, y) -> Integer.compare(texts.get(y).length(), texts.get(x).length()));
    return rows;
  }

  /// Texts of more than `maxTokens` tokens.
  int cut(int maxTokens) {
    return maxTokens <= 0 ? 0 : (int) Arrays.stream(tokens).filter(t -> t > maxTokens).count();
  }

  /// The given rows as a file.
  VectorSegment segment(
      java.nio.file.Path file, EncoderIdentity encoder, RowKey key, List<Integer> rows) {
    List<TextDigest> all = keys();
    return new VectorSegment(
        file,
        encoder,
        key,
        rows.stream().map(all::get).toList(),
        matrix().selectRows(rows.stream().mapToInt(Integer::intValue).toArray()),
        rows.stream().map(r -> tokens[r]).toList(),
        List.of());
  }

  /// One row for each question.
  QuestionVectors questionVectors(List<Question> questions, EncoderIdentity encoder) {
    List<String> ids = questions.stream().map(Question::id).toList();
    boolean oneToOne = size() == questions.size();
    return new QuestionVectors(
        ids, oneToOne ? matrix() : matrix().selectRows(rowOfQuestion), encoder);
  }

  private FloatMatrix matrix() {
    return FloatMatrix.wrap(size(), dimension, values);
  }
}
