package org.embedllm.kernel;

import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.tensor.FloatMatrix;

/// The columns of the training questions' attributes as targets of a regression on text. Where an
/// attribute is not known, its columns stand at their means.
final class AttributeColumns {
  private final FloatMatrix columns; // [n, p]
  private final boolean[] known; // [n, attributes]
  private final int attributes;
  private final AttributeEncoding encoding;
  private final double[] means; // [p]

  private AttributeColumns(AttributeEncoding encoding, FloatMatrix columns) {
    this.encoding = encoding;
    this.columns = columns;
    this.attributes = encoding.codings().size();
    this.known = new boolean[columns.rows() * attributes];
    int p = columns.columns();
    for (int j = 0; j < columns.rows(); j++) {
      for (int c = 0; c < p; c++) {
        known[j * attributes + encoding.attributeOf(c)] |= columns.get(j, c) != 0;
      }
    }
    this.means = new double[p];
    for (int c = 0; c < p; c++) {
      double sum = 0;
      int count = 0;
      for (int j = 0; j < columns.rows(); j++) {
        sum += columns.get(j, c);
        count += known(j, c) ? 1 : 0;
      }
      means[c] = sum / Math.max(1, count);
    }
  }

  static AttributeColumns of(AttributeEncoding encoding, List<Question> questions) {
    return new AttributeColumns(encoding, encoding.encode(questions));
  }

  /// p, the number of columns.
  int count() {
    return columns.columns();
  }

  /// Whether the attribute of a column is known of a question.
  boolean known(int question, int column) {
    return known[question * attributes + encoding.attributeOf(column)];
  }

  /// The column where it is known, its mean where it is not.
  double target(int question, int column) {
    return known(question, column) ? columns.get(question, column) : means[column];
  }
}
