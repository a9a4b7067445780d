package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.forecast.Advantage;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// A kernel factorization whose forecasts have intervals, and that declines questions far from all
/// training questions. Immutable.
public final class IntervalForecaster implements CorrectnessForecaster {
  /*
   * The logit of model i, z = (P_i ∘ w) · u + c with u the projected question, has two errors: of
   * the model's vector, with covariance Σ_i (Laplace), and of the prediction from the text of such
   * questions, with variance S_k g(x) in coordinate k (OutOfDistribution):
   *
   *   Var z = (w ∘ u)ᵀ Σ_i (w ∘ u) + Σ_k (P_ik w_k)² S_k g(x)
   *
   * The interval is sigmoid(z ± 1.96 sd): it covers the share of questions like this one that the
   * model gets right. What is special about a single question is in the probability already.
   */
  private static final double NORMAL_95 = 1.959963984540054;

  private final MatrixFactorization factorization;
  private final FeatureMap.Kernel features;
  private final FloatMatrix covariances; // [m, d * d]
  private final OutOfDistribution novelty;
  private final SemanticSimilarity meaning;
  private final float[] projection; // Wᵀ [r, d]

  /// @param covariances of the models' vectors, [m, d * d]
  /// @throws IllegalArgumentException when shapes do not fit, or the features are no kernel
  public IntervalForecaster(
      MatrixFactorization factorization, FloatMatrix covariances, OutOfDistribution novelty) {
    this.factorization = factorization;
    this.covariances = covariances;
    this.novelty = novelty;
    this.features =
        switch (factorization.features()) {
          case FeatureMap.Kernel kernel -> kernel;
          case FeatureMap.Identity identity ->
              throw new IllegalArgumentException("intervals need a kernel factorization");
        };
    this.meaning = new SemanticSimilarity(features, factorization.encoder().textFeatures());
    int d = factorization.dimension();
    int r = features.outputDimension();
    if (covariances.rows() != factorization.models().size()
        || covariances.columns() != d * d
        || novelty.variances().columns() != d) {
      throw new IllegalArgumentException("the intervals belong to another factorization");
    }
    this.projection = new float[r * d];
    for (int k = 0; k < d; k++) {
      for (int i = 0; i < r; i++) {
        projection[i * d + k] = factorization.projection().get(k, i);
      }
    }
  }

  @Override
  public List<String> models() {
    return factorization.models();
  }

  @Override
  public EncoderIdentity encoder() {
    return factorization.encoder();
  }

  @Override
  public FloatMatrix forecast(FloatMatrix vectors) {
    return factorization.forecast(vectors);
  }

  /// g, the share of the prior variance that is unknown for questions like this one.
  ///
  /// @return in (0, 1]: small near the training questions, 1 far from all of them
  public double novelty(float[] vector) {
    return novelty.place(vector, features.map(vector), meaning).open();
  }

  @Override
  public Forecast forecast(float[] vector) {
    if (vector.length != features.inputDimension()) {
      throw new IllegalArgumentException(
          "the model reads vectors of dimension %d; got %d"
              .formatted(features.inputDimension(), vector.length));
    }
    float[] mapped = features.map(vector);
    double[] question = project(mapped);
    OutOfDistribution.Place place = novelty.place(vector, mapped, meaning);
    int d = question.length;
    float[] rows = factorization.modelVectors().sharedArray();
    float[] spreads = covariances.sharedArray();
    double shift =
        (double) factorization.classifierBias().get(0, 1)
            - factorization.classifierBias().get(0, 0);
    List<String> models = factorization.models();
    List<Forecast.ModelForecast> forecasts = new ArrayList<>(models.size());
    for (int i = 0; i < models.size(); i++) {
      double logit = shift;
      double variance = 0;
      for (int k = 0; k < d; k++) {
        double coefficient = rows[i * d + k];
        logit += coefficient * question[k];
        double weight = coefficient * factorization.logitWeight(k);
        variance += weight * weight * novelty.variances().get(0, k) * place.open();
      }
      variance += quadratic(spreads, i * d * d, question);
      double half = NORMAL_95 * Math.sqrt(Math.max(0, variance));
      forecasts.add(
          new Forecast.ModelForecast(
              models.get(i), sigmoid(logit), sigmoid(logit - half), sigmoid(logit + half)));
    }
    return new Forecast(forecasts, place.far());
  }

  /// The interval of the difference takes what the two logits are wrong by together into account:
  /// with g_i = p_i (1 − p_i) their slopes (delta method) and v_k = S_k open(x),
  ///
  ///     Var (p_a − p_b) = g_a² uᵀ Σ_a u + g_b² uᵀ Σ_b u + Σ_k v_k w_k² (g_a P_ak − g_b P_bk)²
  @Override
  public Advantage advantage(float[] vector, String model, String over) {
    int a = models().indexOf(model);
    int b = models().indexOf(over);
    if (a < 0 || b < 0) {
      throw new IllegalArgumentException("no forecast of " + (a < 0 ? model : over));
    }
    float[] mapped = features.map(vector);
    double[] question = project(mapped);
    double open = novelty.place(vector, mapped, meaning).open();
    int d = question.length;
    float[] rows = factorization.modelVectors().sharedArray();
    double shift =
        (double) factorization.classifierBias().get(0, 1)
            - factorization.classifierBias().get(0, 0);
    double logitA = shift;
    double logitB = shift;
    for (int k = 0; k < d; k++) {
      logitA += rows[a * d + k] * question[k];
      logitB += rows[b * d + k] * question[k];
    }
    double difference = sigmoid(logitA) - sigmoid(logitB);
    if (a == b) {
      return new Advantage(over, 0, Double.NaN, Double.NaN);
    }
    double slopeA = sigmoid(logitA) * sigmoid(-logitA);
    double slopeB = sigmoid(logitB) * sigmoid(-logitB);
    float[] spreads = covariances.sharedArray();
    double variance =
        slopeA * slopeA * quadratic(spreads, a * d * d, question)
            + slopeB * slopeB * quadratic(spreads, b * d * d, question);
    for (int k = 0; k < d; k++) {
      double together =
          (slopeA * rows[a * d + k] - slopeB * rows[b * d + k]) * factorization.logitWeight(k);
      variance += novelty.variances().get(0, k) * open * together * together;
    }
    double half = NORMAL_95 * Math.sqrt(Math.max(0, variance));
    return new Advantage(
        over,
        100 * difference,
        100 * Math.max(-1, difference - half),
        100 * Math.min(1, difference + half));
  }

  /// w ∘ (W f + b), [d].
  private double[] project(float[] mapped) {
    int d = factorization.dimension();
    float[] sums = new float[d];
    for (int i = 0; i < mapped.length; i++) {
      float value = mapped[i];
      int at = i * d;
      for (int k = 0; k < d; k++) {
        sums[k] += value * projection[at + k];
      }
    }
    double[] question = new double[d];
    for (int k = 0; k < d; k++) {
      question[k] =
          (sums[k] + (double) factorization.projectionBias().get(0, k))
              * factorization.logitWeight(k);
    }
    return question;
  }

  private static double quadratic(float[] spreads, int from, double[] x) {
    int d = x.length;
    double sum = 0;
    for (int k = 0; k < d; k++) {
      double row = 0;
      for (int l = 0; l < k; l++) {
        row += spreads[from + k * d + l] * x[l];
      }
      sum += x[k] * (2 * row + spreads[from + k * d + k] * x[k]);
    }
    return sum;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
