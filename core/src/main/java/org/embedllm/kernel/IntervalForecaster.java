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

  private static final int EIGHT = 8;

  private final MatrixFactorization factorization;
  private final QuestionPlaces places;
  private final float[] pairs; // of covariances, k ≤ l: [m, d (d + 1) / 2]

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
    this.places = QuestionPlaces.of(factorization, outOfDistribution, contentOutOfDistribution);
    int d = factorization.dimension();
    if (covariances.rows() != factorization.models().size()
        || covariances.columns() != d * d
        || outOfDistribution.variances().columns() != d) {
      throw new IllegalArgumentException("the intervals belong to another factorization");
    }
    this.pairs = pairs(covariances, d);
  }

  /// The lower triangles, doubled off the diagonal.
  private static float[] pairs(FloatMatrix covariances, int d) {
    float[] pairs = new float[Math.multiplyExact(covariances.rows(), d * (d + 1) / 2)];
    int at = 0;
    for (int i = 0; i < covariances.rows(); i++) {
      for (int k = 0; k < d; k++) {
        for (int l = 0; l <= k; l++) {
          pairs[at++] = (l < k ? 2 : 1) * covariances.get(i, k * d + l);
        }
      }
    }
    return pairs;
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
    float[] products = products(question);
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
      variance += variance(i, products);
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
    float[] products = products(question);
    double variance =
        slopeA * slopeA * variance(a, products) + slopeB * slopeB * variance(b, products);
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
  private double[] project(float[] features) {
    double[] question = new double[factorization.dimension()];
    for (int k = 0; k < question.length; k += EIGHT) {
      projectEight(features, k, question);
    }
    for (int k = 0; k < question.length; k++) {
      question[k] =
          (question[k] + factorization.projectionBias().get(0, k)) * factorization.logitWeight(k);
    }
    return question;
  }

  /// Eight coordinates of W f from k on, whose sums stay in registers. Where there are fewer, the
  /// last one is computed again in place of those missing.
  private void projectEight(float[] features, int k, double[] question) {
    float[] projection = factorization.projection().sharedArray();
    int r = features.length;
    int last = (question.length - 1) * r;
    int w0 = k * r;
    int w1 = Math.min(w0 + r, last);
    int w2 = Math.min(w1 + r, last);
    int w3 = Math.min(w2 + r, last);
    int w4 = Math.min(w3 + r, last);
    int w5 = Math.min(w4 + r, last);
    int w6 = Math.min(w5 + r, last);
    int w7 = Math.min(w6 + r, last);
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (int i = 0; i < r; i++) {
      float f = features[i];
      s0 = Math.fma(f, projection[w0 + i], s0);
      s1 = Math.fma(f, projection[w1 + i], s1);
      s2 = Math.fma(f, projection[w2 + i], s2);
      s3 = Math.fma(f, projection[w3 + i], s3);
      s4 = Math.fma(f, projection[w4 + i], s4);
      s5 = Math.fma(f, projection[w5 + i], s5);
      s6 = Math.fma(f, projection[w6 + i], s6);
      s7 = Math.fma(f, projection[w7 + i], s7);
    }
    float[] sums = {s0, s1, s2, s3, s4, s5, s6, s7};
    for (int c = 0; c < Math.min(EIGHT, question.length - k); c++) {
      question[k + c] = sums[c];
    }
  }

  /// x_k x_l for l ≤ k, [d (d + 1) / 2].
  private static float[] products(double[] x) {
    float[] products = new float[x.length * (x.length + 1) / 2];
    int at = 0;
    for (int k = 0; k < x.length; k++) {
      for (int l = 0; l <= k; l++) {
        products[at++] = (float) (x[k] * x[l]);
      }
    }
    return products;
  }

  /// xᵀ Σ x of a model, in four sums.
  private double variance(int model, float[] products) {
    int count = products.length;
    int from = model * count;
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int fours = count - count % 4;
    for (int i = 0; i < fours; i += 4) {
      s0 += products[i] * pairs[from + i];
      s1 += products[i + 1] * pairs[from + i + 1];
      s2 += products[i + 2] * pairs[from + i + 2];
      s3 += products[i + 3] * pairs[from + i + 3];
    }
    for (int i = fours; i < count; i++) {
      s0 += products[i] * pairs[from + i];
    }
    return s0 + s1 + (s2 + s3);
  }
}
