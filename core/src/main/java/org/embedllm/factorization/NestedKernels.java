package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;

/// Features of a question from three nested sources, so that what is unfamiliar or unknown is as if
/// it had not been looked at. Immutable.
public final class NestedKernels implements FeatureMap {
  /*
   * k₁ [r₁] kernel of sentence and surface with landmarks, k₂ [r₂] kernel of sentence and
   * content, which stays when a question is asked in another way, ζ the unfamiliarity of the surface
   * (SurfaceFamiliarity), a the content share, and
   *
   *   ρ = (1 − a) (1 − ζ)
   *   f = (ρ k₁, (1 − ρ) k₂, ρ, D − Π(x))
   *
   * D [p] are the columns of the attributes (AttributeEncoding), and Π(x) what the text lets expect
   * of them, linear in (ρ k₁, (1 − ρ) k₂, ρ, 1). Columns of an attribute that is not known are 0. So
   * W f + b is a mixture of what two kernel regressions forecast, plus what the attributes say beyond
   * the text; without attributes it is the mixture, and where the surface is unfamiliar the second alone.
   */
  private final TextFeatureVectors.Columns columns;
  private final FeatureMap.Kernel surface;
  private final FeatureMap.Kernel content;
  private final SurfaceFamiliarity familiarity;
  private final double contentShare;
  private final AttributeEncoding attributes;
  private final FloatMatrix expected; // [p, r₁ + r₂ + 2]

  /// @param columns how question vectors are divided
  /// @param surface kernel of sentence and surface, landmarks [r₁, sentence + surface]
  /// @param content kernel of sentence and content, landmarks [r₂, sentence + content]
  /// @param familiarity of surfaces
  /// @param contentShare a, what the second kernel counts where the surface is usual, in [0, 1]
  /// @param attributes p columns
  /// @param expected what the text lets expect of them, [p, r₁ + r₂ + 2]
  /// @throws IllegalArgumentException when shapes do not fit together
  public NestedKernels(
      TextFeatureVectors.Columns columns,
      FeatureMap.Kernel surface,
      FeatureMap.Kernel content,
      SurfaceFamiliarity familiarity,
      double contentShare,
      AttributeEncoding attributes,
      FloatMatrix expected) {
    this.columns = columns;
    this.surface = surface;
    this.content = content;
    this.familiarity = familiarity;
    this.contentShare = contentShare;
    this.attributes = attributes;
    this.expected = expected;
    if (surface.inputDimension() != columns.sentence() + columns.surface()
        || content.inputDimension() != columns.sentence() + columns.content()
        || familiarity.prototypes().columns() != columns.surface()
        || expected.rows() != attributes.columns()
        || (expected.rows() > 0 && expected.columns() != textFeatures() + 1)
        || !(contentShare >= 0 && contentShare <= 1)) {
      throw new IllegalArgumentException(
          "kernels of %d and %d columns, %s and %d attribute columns do not fit vectors of %s"
              .formatted(
                  surface.inputDimension(),
                  content.inputDimension(),
                  expected,
                  attributes.columns(),
                  columns));
    }
  }

  public TextFeatureVectors.Columns columns() {
    return columns;
  }

  /// The kernel of sentence and surface.
  public FeatureMap.Kernel surface() {
    return surface;
  }

  /// The kernel of sentence and content.
  public FeatureMap.Kernel content() {
    return content;
  }

  public SurfaceFamiliarity familiarity() {
    return familiarity;
  }

  /// a, what the second kernel counts where the surface is usual.
  public double contentShare() {
    return contentShare;
  }

  public AttributeEncoding attributes() {
    return attributes;
  }

  /// Π, [p, r₁ + r₂ + 2].
  public FloatMatrix expected() {
    return expected;
  }

  @Override
  public int inputDimension() {
    return columns.sentence() + columns.surface() + columns.content();
  }

  /// Vectors alone, or with the columns of attributes behind them.
  @Override
  public boolean accepts(int width) {
    return width == inputDimension() || width == inputDimension() + attributes.columns();
  }

  @Override
  public int outputDimension() {
    return textFeatures() + attributes.columns();
  }

  /// r₁ + r₂ + 1.
  private int textFeatures() {
    return surface.outputDimension() + content.outputDimension() + 1;
  }

  /// Sentence and surface of question vectors.
  public static FloatMatrix surfaceVectors(
      TextFeatureVectors.Columns columns, FloatMatrix vectors) {
    int width = columns.sentence() + columns.surface();
    float[] part = new float[Math.multiplyExact(vectors.rows(), width)];
    for (int j = 0; j < vectors.rows(); j++) {
      System.arraycopy(vectors.sharedArray(), j * vectors.columns(), part, j * width, width);
    }
    return FloatMatrix.wrap(vectors.rows(), width, part);
  }

  /// Sentence and content of question vectors, each of half the squared length.
  public static FloatMatrix contentVectors(
      TextFeatureVectors.Columns columns, FloatMatrix vectors) {
    int q = columns.sentence();
    int width = q + columns.content();
    float[] part = new float[Math.multiplyExact(vectors.rows(), width)];
    float[] all = vectors.sharedArray();
    float sentence = (float) Math.sqrt(0.5 / TextFeatureVectors.SENTENCE_SHARE);
    float content = (float) Math.sqrt(0.5 / (1 - TextFeatureVectors.SENTENCE_SHARE));
    for (int j = 0; j < vectors.rows(); j++) {
      int from = j * vectors.columns();
      int to = j * width;
      for (int x = 0; x < q; x++) {
        part[to + x] = all[from + x] * sentence;
      }
      for (int x = 0; x < columns.content(); x++) {
        part[to + q + x] = all[from + q + columns.surface() + x] * content;
      }
    }
    return FloatMatrix.wrap(vectors.rows(), width, part);
  }

  /// A question seen by each source.
  public static final class Sources {
    private final float[] features;
    private final float[] surface;
    private final float[] content;
    private final double unfamiliarity;

    private Sources(float[] features, float[] surface, float[] content, double unfamiliarity) {
      this.features = features;
      this.surface = surface;
      this.content = content;
      this.unfamiliarity = unfamiliarity;
    }

    /// f, [r₁ + r₂ + 1 + p]: not to be modified.
    public float[] features() {
      return features;
    }

    /// k₁, `[r₁]`: not to be modified.
    public float[] surface() {
      return surface;
    }

    /// k₂, `[r₂]`: not to be modified.
    public float[] content() {
      return content;
    }

    /// ζ, the unfamiliarity of the surface, in [0, 1].
    public double unfamiliarity() {
      return unfamiliarity;
    }
  }

  /// A question as each source sees it.
  ///
  /// @param vector `[q]` or [q + p]
  public Sources sources(float[] vector) {
    FloatMatrix one = FloatMatrix.wrap(1, vector.length, vector);
    float[] first = surface.map(surfaceVectors(columns, one), 0, 1);
    float[] second = content.map(contentVectors(columns, one), 0, 1);
    double unfamiliarity = familiarity.unfamiliarity(vector, columns.sentence());
    float[] features = new float[outputDimension()];
    join(first, second, 0, unfamiliarity, one, 0, features, 0);
    return new Sources(features, first, second, unfamiliarity);
  }

  @Override
  public float[] map(float[] vector) {
    return sources(vector).features();
  }

  /// Features of some rows.
  ///
  /// @param vectors [n, q] or [n, q + p]
  /// @return [rows, r₁ + r₂ + 1 + p], row-major
  public float[] map(FloatMatrix vectors, int from, int rows) {
    int width = vectors.columns();
    FloatMatrix some =
        FloatMatrix.wrap(
            rows,
            width,
            Arrays.copyOfRange(vectors.sharedArray(), from * width, (from + rows) * width));
    float[] first = surface.map(surfaceVectors(columns, some), 0, rows);
    float[] second = content.map(contentVectors(columns, some), 0, rows);
    int r = outputDimension();
    float[] features = new float[Math.multiplyExact(rows, r)];
    for (int row = 0; row < rows; row++) {
      double unfamiliarity =
          familiarity.unfamiliarity(some.sharedArray(), row * width + columns.sentence());
      join(first, second, row, unfamiliarity, some, row, features, row * r);
    }
    return features;
  }

  private void join(
      float[] first,
      float[] second,
      int row,
      double unfamiliarity,
      FloatMatrix vectors,
      int vector,
      float[] into,
      int at) {
    int r1 = surface.outputDimension();
    int r2 = content.outputDimension();
    float weight = (float) ((1 - contentShare) * (1 - unfamiliarity));
    for (int i = 0; i < r1; i++) {
      into[at + i] = weight * first[row * r1 + i];
    }
    for (int i = 0; i < r2; i++) {
      into[at + r1 + i] = (1 - weight) * second[row * r2 + i];
    }
    into[at + r1 + r2] = weight;
    if (vectors.columns() > inputDimension()) {
      attributes(vectors, vector, into, at);
    }
  }

  /// D − Π(x) for the attributes that are known.
  private void attributes(FloatMatrix vectors, int row, float[] into, int at) {
    int p = attributes.columns();
    float[] all = vectors.sharedArray();
    int from = row * vectors.columns() + inputDimension();
    boolean[] known = new boolean[attributes.codings().size()];
    for (int c = 0; c < p; c++) {
      known[attributes.attributeOf(c)] |= all[from + c] != 0;
    }
    int width = textFeatures();
    float[] weights = expected.sharedArray();
    for (int c = 0; c < p; c++) {
      if (known[attributes.attributeOf(c)]) {
        int weight = c * (width + 1);
        double sum = weights[weight + width];
        for (int i = 0; i < width; i++) {
          sum += weights[weight + i] * into[at + i];
        }
        into[at + width + c] = (float) (all[from + c] - sum);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NestedKernels that
        && columns.equals(that.columns)
        && surface.equals(that.surface)
        && content.equals(that.content)
        && familiarity.equals(that.familiarity)
        && contentShare == that.contentShare
        && attributes.equals(that.attributes)
        && expected.equals(that.expected);
  }

  @Override
  public int hashCode() {
    return 31 * surface.hashCode() + content.hashCode();
  }
}
