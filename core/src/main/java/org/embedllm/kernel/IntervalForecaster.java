package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.forecast.Advantage;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.NormalQuantile;
import org.embedllm.question.AttributeEncoding;
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
   * The interval is Logistic.sigmoid(z ± 1.96 sd): it holds the share of questions like this one that the
   * model gets right. What a single question has beyond its kind is in the probability already.
   */

  private final MatrixFactorization factorization;
  private final FloatMatrix covariances; // [m, d * d]
  private final QuestionPlaces places;
  private final float[] projection; // Wᵀ [r, d]

  /// A forecaster with one kernel.
  ///
  /// @param covariances of the models' vectors, [m, d * d]
  /// @throws IllegalArgumentException when shapes do not fit, or the features are no single kernel
  public IntervalForecaster(
      MatrixFactorization factorization,
      FloatMatrix covariances,
      OutOfDistribution outOfDistribution) {
    this(factorization, covariances, outOfDistribution, Optional.empty());
  }

  /// @param covariances of the models' vectors, [m, d * d]
  /// @param outOfDistribution by sentence and surface, or by the only kernel
  /// @param contentOutOfDistribution by sentence and content, where there is such a kernel
  /// @throws IllegalArgumentException when shapes do not fit, or the features are no kernel
  public IntervalForecaster(
      MatrixFactorization factorization,
      FloatMatrix covariances,
      OutOfDistribution outOfDistribution,
      Optional<OutOfDistribution> contentOutOfDistribution) {
    this.factorization = factorization;
    this.covariances = covariances;
    this.places = QuestionPlaces.of(factorization, outOfDistribution, contentOutOfDistribution);
    int d = factorization.dimension();
    int r = factorization.features().outputDimension();
    if (covariances.rows() != factorization.models().size()
        || covariances.columns() != d * d
        || outOfDistribution.variances().columns() != d) {
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

  @Override
  public AttributeEncoding attributes() {
    return factorization.attributes();
  }

  /// The share of what text can say that is open for questions like this one.
  ///
  /// @return in (0, 1]: small near the training questions, 1 far from all of them
  double outOfDistribution(float[] vector) {
    return places.of(vector).open();
  }

  /// A question that is far from all training questions is forecast as an average one.
  @Override
  public Forecast forecast(float[] vector) {
    if (!factorization.features().accepts(vector.length)) {
      throw new IllegalArgumentException(
          "the model reads vectors of dimension %d; got %d"
              .formatted(factorization.features().inputDimension(), vector.length));
    }
    QuestionPlaces.Place place = places.of(vector);
    double[] question = place.far() ? average() : project(place.features());
    int d = question.length;
    float[] rows = factorization.modelVectors().sharedArray();
    float[] spreads = covariances.sharedArray();
    double shift = factorization.logitShift();
    List<String> models = factorization.models();
    List<Forecast.ModelForecast> forecasts = new ArrayList<>(models.size());
    for (int i = 0; i < models.size(); i++) {
      double logit = shift;
      double variance = 0;
      for (int k = 0; k < d; k++) {
        double coefficient = rows[i * d + k];
        logit += coefficient * question[k];
        double weight = coefficient * factorization.logitWeight(k);
        variance += weight * weight * place.variance(k);
      }
      variance += quadratic(spreads, i * d * d, question);
      double half = NormalQuantile.TWO_SIDED_95 * Math.sqrt(Math.max(0, variance));
      forecasts.add(
          new Forecast.ModelForecast(
              models.get(i),
              Logistic.sigmoid(logit),
              Logistic.sigmoid(logit - half),
              Logistic.sigmoid(logit + half)));
    }
    return new Forecast(forecasts, place.far());
  }

  /// The components of an average question are 0, and its attributes are not known.
  private double[] average() {
    double[] question = new double[factorization.dimension()];
    question[0] = factorization.logitWeight(0);
    return question;
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
    QuestionPlaces.Place place = places.of(vector);
    double[] question = place.far() ? average() : project(place.features());
    int d = question.length;
    float[] rows = factorization.modelVectors().sharedArray();
    double shift = factorization.logitShift();
    double logitA = shift;
    double logitB = shift;
    for (int k = 0; k < d; k++) {
      logitA += rows[a * d + k] * question[k];
      logitB += rows[b * d + k] * question[k];
    }
    double difference = Logistic.sigmoid(logitA) - Logistic.sigmoid(logitB);
    if (a == b) {
      return new Advantage(over, 0, Double.NaN, Double.NaN);
    }
    double slopeA = Logistic.sigmoid(logitA) * Logistic.sigmoid(-logitA);
    double slopeB = Logistic.sigmoid(logitB) * Logistic.sigmoid(-logitB);
    float[] spreads = covariances.sharedArray();
    double variance =
        slopeA * slopeA * quadratic(spreads, a * d * d, question)
            + slopeB * slopeB * quadratic(spreads, b * d * d, question);
    for (int k = 0; k < d; k++) {
      double together =
          (slopeA * rows[a * d + k] - slopeB * rows[b * d + k]) * factorization.logitWeight(k);
      variance += place.variance(k) * together * together;
    }
    double half = NormalQuantile.TWO_SIDED_95 * Math.sqrt(Math.max(0, variance));
    return new Advantage(
        over,
        100 * difference,
        100 * Math.max(-1, difference - half),
        100 * Math.min(1, difference + half));
  }

  /// w ∘ (W f + b), `[d]`.
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
}
