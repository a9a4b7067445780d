package org.embedllm.facts;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.embedllm.tensor.FloatMatrix;

/// What models write: the mean vectors of some of their answers' texts, over all texts and over
/// those to each benchmark. Immutable.
///
/// @param overall `[m, e]`; a row of zeros where no text is known
/// @param byBenchmark `[m, B e]`, a block of e columns for each of the B benchmarks; zeros where no
///   text is known; no columns where benchmarks are not told apart
public record OutputMeans(FloatMatrix overall, FloatMatrix byBenchmark) {
  private static final String BENCHMARKS = "outputs.benchmarks";

  /// @throws IllegalArgumentException when the shapes do not fit
  public OutputMeans {
    if (byBenchmark.rows() != overall.rows() || byBenchmark.columns() % overall.columns() != 0) {
      throw new IllegalArgumentException(
          "means by benchmark of %d × %d do not fit %d × %d"
              .formatted(
                  byBenchmark.rows(), byBenchmark.columns(), overall.rows(), overall.columns()));
    }
  }

  /// Read from the tensors of a model file; empty where it does not know what its models write.
  public static Optional<OutputMeans> of(Map<String, FloatMatrix> tensors) {
    return Optional.ofNullable(tensors.get(OutputSimilarity.MEANS))
        .map(overall ->
            new OutputMeans(
                overall,
                tensors.getOrDefault(
                    BENCHMARKS, FloatMatrix.wrap(overall.rows(), 0, new float[0]))));
  }

  /// The tensors to keep, by name.
  public Map<String, FloatMatrix> tensors() {
    return byBenchmark.columns() == 0
        ? Map.of(OutputSimilarity.MEANS, overall)
        : Map.of(OutputSimilarity.MEANS, overall, BENCHMARKS, byBenchmark);
  }

  /// With rows of zeros for further models.
  ///
  /// @param models how many there are with them
  public OutputMeans extended(int models) {
    return new OutputMeans(extended(overall, models), extended(byBenchmark, models));
  }

  private static FloatMatrix extended(FloatMatrix means, int models) {
    return FloatMatrix.wrap(
        models,
        means.columns(),
        Arrays.copyOf(means.sharedArray(), Math.multiplyExact(models, means.columns())));
  }

  /// These models, and others below them.
  public OutputMeans above(OutputMeans others) {
    return new OutputMeans(above(overall, others.overall), above(byBenchmark, others.byBenchmark));
  }

  private static FloatMatrix above(FloatMatrix first, FloatMatrix second) {
    FloatMatrix all = extended(first, first.rows() + second.rows());
    System.arraycopy(
        second.sharedArray(),
        0,
        all.sharedArray(),
        first.sharedArray().length,
        second.sharedArray().length);
    return all;
  }

  /// Similarity of models, `[m, m]`, to place one of them by: the mean over the benchmarks of
  /// [OutputSimilarity#similarity], or that of all texts where the model has none of a known
  /// benchmark.
  ///
  /// @param model its row
  public FloatMatrix similarity(int model) {
    if (byBenchmark.columns() == 0 || !OutputSimilarity.hasTexts(byBenchmark, model)) {
      return OutputSimilarity.similarity(overall);
    }
    int m = overall.rows();
    int count = byBenchmark.columns() / overall.columns();
    float[] mean = new float[m * m];
    for (int b = 0; b < count; b++) {
      FloatMatrix alike = OutputSimilarity.similarity(block(b));
      for (int i = 0; i < mean.length; i++) {
        mean[i] += alike.get(i / m, i % m) / count;
      }
    }
    return FloatMatrix.wrap(m, m, mean);
  }

  private FloatMatrix block(int benchmark) {
    int e = overall.columns();
    float[] values = new float[overall.rows() * e];
    for (int i = 0; i < overall.rows(); i++) {
      for (int c = 0; c < e; c++) {
        values[i * e + c] = byBenchmark.get(i, benchmark * e + c);
      }
    }
    return FloatMatrix.wrap(overall.rows(), e, values);
  }
}
