package org.embedllm.factorization;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// A fitted factorization: one vector per model, a projection of questions into the same space, and
/// the linear classifier that reads their Hadamard product. Zhuang et al. (2025), §4.3.
///
/// Score of model i on question x: `sigmoid((P_i ∘ w) · (W f(x) + b) + c_1 − c_0)` with `w = C_1 −
/// C_0` and f the [FeatureMap] (identity in the paper).
public final class MatrixFactorization implements CorrectnessForecaster {
  private final List<String> models;
  private final EncoderIdentity encoder;
  private final FeatureMap features;
  private final FloatMatrix modelVectors; // P [m, d]
  private final FloatMatrix projection; // W [d, r]
  private final FloatMatrix projectionBias; // b [1, d]
  private final FloatMatrix classifier; // C [2, d]
  private final FloatMatrix classifierBias; // c [1, 2]

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

  @Override
  public FloatMatrix forecast(FloatMatrix vectors) {
    int n = vectors.rows();
    int m = models.size();
    float[] probabilities = new float[Math.multiplyExact(n, m)];
    for (int j = 0; j < n; j++) {
      float[] logits = logits(vectors.row(j));
      for (int i = 0; i < m; i++) {
        probabilities[j * m + i] = sigmoid(logits[i]);
      }
    }
    return FloatMatrix.wrap(n, m, probabilities);
  }

  @Override
  public Forecast forecast(float[] vector) {
    float[] logits = logits(vector);
    List<Forecast.ModelForecast> forecasts = new ArrayList<>(models.size());
    for (int i = 0; i < logits.length; i++) {
      double p = sigmoid(logits[i]);
      forecasts.add(new Forecast.ModelForecast(models.get(i), p, p, p));
    }
    return new Forecast(forecasts, false);
  }

  /// [m] logits of all models on one question [q].
  private float[] logits(float[] vector) {
    float[] mapped = features.map(vector);
    int d = dimension();
    float[] question = new float[d];
    for (int k = 0; k < d; k++) {
      float sum = projectionBias.get(0, k);
      for (int r = 0; r < mapped.length; r++) {
        sum = Math.fma(projection.get(k, r), mapped[r], sum);
      }
      question[k] = sum * (classifier.get(1, k) - classifier.get(0, k));
    }
    float[] logits = new float[models.size()];
    for (int i = 0; i < logits.length; i++) {
      float sum = classifierBias.get(0, 1) - classifierBias.get(0, 0);
      for (int k = 0; k < d; k++) {
        sum = Math.fma(modelVectors.get(i, k), question[k], sum);
      }
      logits[i] = sum;
    }
    return logits;
  }

  private static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }
}
