package org.embedllm.factorization;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.linalg.Kernels;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// A fitted factorization: one vector per model, a projection of questions into the same space, and
/// the linear classifier that reads their Hadamard product. Zhuang et al. (2025), §4.3.
///
/// Score of model i on question x: `sigmoid((P_i ∘ w) · (W f(x) + b) + c_1 − c_0)` with `w = C_1 −
/// C_0` and f the [FeatureMap] (identity in the paper).
public final class MatrixFactorization implements CorrectnessForecaster {
  private static final int ROWS_AT_ONCE = 256;
  private static final Kernels KERNELS = Kernels.best();

  private final List<String> models;
  private final EncoderIdentity encoder;
  private final FeatureMap features;
  private final FloatMatrix modelVectors; // P [m, d]
  private final FloatMatrix projection; // W [d, r]
  private final FloatMatrix projectionBias; // b [1, d]
  private final FloatMatrix classifier; // C [2, d]
  private final FloatMatrix classifierBias; // c [1, 2]
  private volatile @Nullable Scorer scorer; // made when it is needed

  /// @param models names of the m models, in row order of `modelVectors`
  /// @param encoder whose vectors it was fitted on
  /// @param features the feature map f from q to r
  /// @param modelVectors P, [m, d]
  /// @param projection W, [d, r]
  /// @param projectionBias b, [1, d]
  /// @param classifier C, [2, d]
  /// @param classifierBias c, [1, 2]
  /// @throws IllegalArgumentException when shapes do not fit together
  public MatrixFactorization(
      List<String> models,
      EncoderIdentity encoder,
      FeatureMap features,
      FloatMatrix modelVectors,
      FloatMatrix projection,
      FloatMatrix projectionBias,
      FloatMatrix classifier,
      FloatMatrix classifierBias) {
    this.models = List.copyOf(models);
    this.encoder = encoder;
    this.features = features;
    this.modelVectors = modelVectors;
    this.projection = projection;
    this.projectionBias = projectionBias;
    this.classifier = classifier;
    this.classifierBias = classifierBias;
    int d = modelVectors.columns();
    requireShape("P.weight", modelVectors, models.size(), d);
    requireShape("text_proj.weight", projection, d, features.outputDimension());
    requireShape("text_proj.bias", projectionBias, 1, d);
    requireShape("classifier.weight", classifier, 2, d);
    requireShape("classifier.bias", classifierBias, 1, 2);
    if (features.inputDimension() != encoder.dimension()) {
      throw new IllegalArgumentException(
          "features of dimension %d do not fit encoder %s of dimension %d"
              .formatted(features.inputDimension(), encoder.name(), encoder.dimension()));
    }
  }

  private static void requireShape(String name, FloatMatrix matrix, int rows, int columns) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      throw new IllegalArgumentException(
          "%s must have shape [%d, %d]; has [%d, %d]"
              .formatted(name, rows, columns, matrix.rows(), matrix.columns()));
    }
  }

  @Override
  public List<String> models() {
    return models;
  }

  @Override
  public EncoderIdentity encoder() {
    return encoder;
  }

  @Override
  public AttributeEncoding attributes() {
    return features instanceof NestedKernels nested ? nested.attributes() : AttributeEncoding.NONE;
  }

  /// d, the dimension of a model's vector.
  public int dimension() {
    return modelVectors.columns();
  }

  public FeatureMap features() {
    return features;
  }

  /// P, [m, d].
  public FloatMatrix modelVectors() {
    return modelVectors;
  }

  /// W, [d, r].
  public FloatMatrix projection() {
    return projection;
  }

  /// b, [1, d].
  public FloatMatrix projectionBias() {
    return projectionBias;
  }

  /// C, [2, d].
  public FloatMatrix classifier() {
    return classifier;
  }

  /// c, [1, 2].
  public FloatMatrix classifierBias() {
    return classifierBias;
  }

  /// `w_k = C_1k − C_0k`: what a coordinate weighs in a logit.
  public double logitWeight(int k) {
    return (double) classifier.get(1, k) - classifier.get(0, k);
  }

  /// `c_1 − c_0`: what is added to every logit.
  public double logitShift() {
    return (double) classifierBias.get(0, 1) - classifierBias.get(0, 0);
  }

  /// The same factorization with other models.
  ///
  /// @param names of the models, in row order
  /// @param vectors P, [number of names, d]
  public MatrixFactorization withModels(List<String> names, FloatMatrix vectors) {
    return new MatrixFactorization(
        names, encoder, features, vectors, projection, projectionBias, classifier, classifierBias);
  }

  @Override
  public FloatMatrix forecast(FloatMatrix vectors) {
    int n = vectors.rows();
    int m = models.size();
    float[] probabilities = new float[Math.multiplyExact(n, m)];
    for (int from = 0; from < n; from += ROWS_AT_ONCE) {
      int rows = Math.min(ROWS_AT_ONCE, n - from);
      float[] z = logits(vectors, from, rows);
      KERNELS.sigmoid(z, 0, z.length);
      for (int row = 0; row < rows; row++) {
        System.arraycopy(z, row * scorer().columns(), probabilities, (from + row) * m, m);
      }
    }
    return FloatMatrix.wrap(n, m, probabilities);
  }

  @Override
  public Forecast forecast(float[] vector) {
    FloatMatrix probabilities = forecast(FloatMatrix.wrap(1, vector.length, vector));
    List<Forecast.ModelForecast> forecasts = new ArrayList<>(models.size());
    for (int i = 0; i < models.size(); i++) {
      double p = probabilities.get(0, i);
      forecasts.add(new Forecast.ModelForecast(models.get(i), p, Double.NaN, Double.NaN));
    }
    return new Forecast(forecasts, false);
  }

  /// Questions in the models' space, `v' = W f(x) + b`.
  ///
  /// @param vectors [n, q]
  /// @return [n, d]
  public FloatMatrix project(FloatMatrix vectors) {
    int n = vectors.rows();
    int d = dimension();
    float[] projected = new float[Math.multiplyExact(n, d)];
    for (int from = 0; from < n; from += ROWS_AT_ONCE) {
      int rows = Math.min(ROWS_AT_ONCE, n - from);
      float[] v =
          scorer().project(KERNELS, features(vectors, from, rows), firstFeature(from), rows);
      for (int row = 0; row < rows; row++) {
        System.arraycopy(v, row * scorer().width(), projected, (from + row) * d, d);
      }
    }
    return FloatMatrix.wrap(n, d, projected);
  }

  private Scorer scorer() {
    Scorer made = scorer;
    if (made == null) {
      made = new Scorer(TrainingState.of(this));
      scorer = made;
    }
    return made;
  }

  private float[] logits(FloatMatrix vectors, int from, int rows) {
    return scorer().logits(KERNELS, features(vectors, from, rows), firstFeature(from), rows);
  }

  /// Features of some rows, from [#firstFeature] on, r for each.
  private float[] features(FloatMatrix vectors, int from, int rows) {
    if (!features.accepts(vectors.columns())) {
      throw new IllegalArgumentException(
          "the model reads vectors of dimension %d; got %d"
              .formatted(features.inputDimension(), vectors.columns()));
    }
    return switch (features) {
      case FeatureMap.Identity identity -> vectors.sharedArray();
      case FeatureMap.Kernel kernel -> kernel.map(vectors, from, rows);
      case NestedKernels nested -> nested.map(vectors, from, rows);
    };
  }

  /// Index of the features of row `from` in the result of [#features(FloatMatrix, int, int)].
  private int firstFeature(int from) {
    return switch (features) {
      case FeatureMap.Identity identity -> from * identity.inputDimension();
      case FeatureMap.Kernel kernel -> 0;
      case NestedKernels nested -> 0;
    };
  }
}
