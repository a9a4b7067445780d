package org.embedllm.modelvector;

import java.util.ArrayDeque;
import java.util.Deque;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.linalg.Logistic;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.LogisticObservations;
import org.embedllm.logistic.PenalizedLogisticRegression;
import org.embedllm.tensor.FloatMatrix;

/// One model's vector, updated by feedback one answer at a time. Not safe for use by several
/// threads.
///
/// It starts from the model's trained vector, keeps a window of feedback, and is always the exact
/// solution of the model's vector problem over that window. So the same feedback in the same order
/// gives the same vector, and a log can be replayed. Memory and time of an update are bounded by
/// the window.
public final class OnlineModelVector {
  /*
   * With feedback y_t on questions of projected features, u_t = w ∘ features and a constant c added
   * to every logit (the pool's classifier and its calibration; t = 1 … T, the newest last), weights
   * ω_t = decay^(T − t) and N(x_0, (Σ_0⁻¹ · decay^T + Λ)⁻¹) as prior:
   *
   *   x = argmin Σ_t ω_t [ softplus(u_tᵀ x + c) − y_t u_tᵀ x ] + ½ (x − x_0)ᵀ (…) (x − x_0)
   *
   * Feedback that leaves the window is absorbed: its weighted curvature goes into the prior's
   * precision and the prior's mean moves to the current solution (assumed-density filtering, Opper
   * 1998). Λ, a hundredth of Σ_0⁻¹, keeps the problem definite however much is forgotten.
   *
   * Drift: before each update the feedback is forecast. The standardized sum of (y − p) over the
   * last w answers, z = Σ (y_t − p_t) / sqrt(Σ (p_t (1 − p_t) + Var p_t)), is standard normal while
   * the past predicts the present; |z| > limit says that it no longer does.
   */
  private static final double FLOOR = 0.01;

  private final int dimension;
  private final Settings settings;
  private final double[] floor; // [k, k]
  private final double[] weights; // w, [k]: the pool's classifier
  private final double shift; // of every logit
  private final Deque<Observation> window = new ArrayDeque<>();
  private final Deque<double[]> surprises = new ArrayDeque<>(); // y − p, variance
  private double[] center; // [k]
  private double[] precision; // [k, k]
  private LaplacePosterior posterior;
  private long scores;

  /// @param window number of feedback scores kept exactly, at least 1
  /// @param decay weight of a score relative to the next one, in (0, 1]; 1 forgets nothing
  /// @param driftWindow scores that the drift test looks at, at least 10
  /// @param driftLimit standard deviations beyond which it reports drift
  public record Settings(int window, double decay, int driftWindow, double driftLimit) {
    /// A window of 256, which forgets half in about 2,000 scores; drift beyond 4 standard
    /// deviations over 200.
    public static final Settings DEFAULT = new Settings(256, 0.99965, 200, 4);

    public Settings {
      if (window < 1 || !(decay > 0 && decay <= 1) || driftWindow < 10 || !(driftLimit > 0)) {
        throw new IllegalArgumentException(
            "window at least 1, decay in (0, 1], drift window at least 10, limit positive; got %s, %s, %s, %s"
                .formatted(window, decay, driftWindow, driftLimit));
      }
    }
  }

  /// One feedback score, or one vote, and its question.
  private static final class Observation {
    private final float[] features; // [k], the projected question
    private final double score; // y, in [0, 1]
    private final double scale; // of the logit
    private final double offset; // what is added to it

    Observation(float[] features, double score, double scale, double offset) {
      this.features = features;
      this.score = score;
      this.scale = scale;
      this.offset = offset;
    }

    double scale() {
      return scale;
    }

    double offset() {
      return offset;
    }

    float[] features() {
      return features;
    }

    double score() {
      return score;
    }
  }

  /// Whether the past still predicts.
  ///
  /// @param z standardized sum of surprises over the last scores; positive when the model does
  ///   better than forecast
  /// @param scores number of scores it looked at
  /// @param drifted whether the past no longer predicts
  public record Drift(double z, int scores, boolean drifted) {}

  /// @param start x_0, `[k]`, the model's vector
  /// @param covariance Σ_0, `[k, k]`, of that vector
  public OnlineModelVector(double[] start, double[] covariance, Settings settings) {
    this(start, covariance, ones(start.length), 0, settings);
  }

  private OnlineModelVector(
      double[] start, double[] covariance, double[] weights, double shift, Settings settings) {
    this.dimension = start.length;
    this.settings = settings;
    this.weights = weights;
    this.shift = shift;
    Gaussian gaussian = Gaussian.ofCovariance(start, covariance);
    this.center = start.clone();
    this.precision = gaussian.precision().clone();
    this.floor = gaussian.precision().clone();
    for (int i = 0; i < floor.length; i++) {
      floor[i] *= FLOOR;
    }
    this.posterior = new LaplacePosterior(start.clone(), covariance.clone(), 0);
  }

  /// The vector of a model of a trained pool, ready to learn.
  ///
  /// @param covariances of the models' vectors, `[m, k * k]`
  public static OnlineModelVector of(
      MatrixFactorization model, FloatMatrix covariances, int row, Settings settings) {
    int k = model.dimension();
    double[] start = new double[k];
    double[] covariance = new double[k * k];
    for (int i = 0; i < k; i++) {
      start[i] = model.modelVectors().get(row, i);
      for (int j = 0; j < k; j++) {
        covariance[i * k + j] =
            0.5 * ((double) covariances.get(row, i * k + j) + covariances.get(row, j * k + i));
      }
    }
    double[] weights = new double[k];
    for (int i = 0; i < k; i++) {
      weights[i] = model.logitWeight(i);
    }
    double shift = model.logitShift();
    return new OnlineModelVector(start, covariance, weights, shift, settings);
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  /// The vector now, with its uncertainty.
  public LaplacePosterior posterior() {
    return posterior;
  }

  /// Number of scores and votes taken in.
  public long scores() {
    return scores;
  }

  /// Probability of a right answer to a question.
  ///
  /// @param features `[k]`, the projected question
  public double probability(float[] features) {
    return Logistic.sigmoid(posterior.logit(input(features)) + shift);
  }

  /// Takes in one observation.
  ///
  /// @param features `[k]`, the projected question, not kept
  /// @param score y, in `[0, 1]`
  /// @return the vector after it
  public LaplacePosterior update(float[] features, double score) {
    if (features.length != dimension || !(score >= 0 && score <= 1)) {
      throw new IllegalArgumentException(
          "feedback needs %d features and a score between 0 and 1; got %d and %s"
              .formatted(dimension, features.length, score));
    }
    return take(new Observation(features.clone(), score, 1, shift));
  }

  /// Takes in a vote between this model and another: a score whose logit is relative to the
  /// other's.
  ///
  /// @param features `[k]`, the projected question, not kept
  /// @param points 1 where this model was better, 0 where the other was, one half for a tie
  /// @param scale what a difference of one logit counts in votes, positive
  /// @param other the other model's logit on the question ([#logit])
  /// @return the vector after it
  public LaplacePosterior compare(float[] features, double points, double scale, double other) {
    if (features.length != dimension || !(points >= 0 && points <= 1) || !(scale > 0)) {
      throw new IllegalArgumentException(
          "a vote needs %d features, points from 0 to 1 and a positive scale; got %d, %s and %s"
              .formatted(dimension, features.length, points, scale));
    }
    return take(new Observation(features.clone(), points, scale, -scale * other));
  }

  /// The model's logit on a question, before the shift that all models share.
  ///
  /// @param features `[k]`, the projected question
  public double logit(float[] features) {
    return posterior.logit(input(features));
  }

  private LaplacePosterior take(Observation observation) {
    surprise(observation);
    for (int i = 0; i < precision.length; i++) {
      precision[i] *= settings.decay();
    }
    window.addLast(observation);
    if (window.size() > settings.window()) {
      absorb(window.removeFirst());
    }
    scores++;
    posterior = solve();
    return posterior;
  }

  private void surprise(Observation observation) {
    double[] input = input(observation);
    double p = Logistic.sigmoid(posterior.logit(input) + observation.offset());
    double slope = p * (1 - p);
    surprises.addLast(
        new double[] {observation.score() - p, slope + slope * slope * posterior.variance(input)});
    if (surprises.size() > settings.driftWindow()) {
      surprises.removeFirst();
    }
  }

  private void absorb(Observation observation) {
    double[] input = input(observation);
    double p = Logistic.sigmoid(posterior.logit(input) + observation.offset());
    double weight = Math.pow(settings.decay(), window.size()) * p * (1 - p);
    for (int i = 0; i < dimension; i++) {
      for (int j = 0; j < dimension; j++) {
        precision[i * dimension + j] += weight * input[i] * input[j];
      }
    }
    center = posterior.mean();
  }

  private LaplacePosterior solve() {
    int count = window.size();
    float[] inputs = new float[count * dimension];
    double[] scores = new double[count];
    double[] ages = new double[count];
    double[] offsets = new double[count];
    int at = 0;
    for (Observation observation : window) {
      double[] input = input(observation);
      offsets[at] = observation.offset();
      for (int i = 0; i < dimension; i++) {
        inputs[at * dimension + i] = (float) input[i];
      }
      scores[at] = observation.score();
      ages[at] = Math.pow(settings.decay(), count - 1 - at);
      at++;
    }
    double[] total = precision.clone();
    for (int i = 0; i < total.length; i++) {
      total[i] += floor[i];
    }
    LogisticObservations answers =
        LogisticObservations.of(dimension, inputs, scores, ages).plus(offsets);
    return PenalizedLogisticRegression.solve(
        answers, Gaussian.ofPrecision(center, total), posterior.mean());
  }

  /// Whether the past still predicts; with fewer scores than half the drift window it never reports
  /// drift.
  public Drift drift() {
    double sum = 0;
    double variance = 0;
    for (double[] surprise : surprises) {
      sum += surprise[0];
      variance += surprise[1];
    }
    double z = variance > 0 ? sum / Math.sqrt(variance) : 0;
    boolean enough = surprises.size() * 2 >= settings.driftWindow();
    return new Drift(z, surprises.size(), enough && Math.abs(z) > settings.driftLimit());
  }

  /// The input of an observation, times its scale, `[k]`.
  private double[] input(Observation observation) {
    double[] input = input(observation.features());
    for (int i = 0; i < input.length; i++) {
      input[i] *= observation.scale();
    }
    return input;
  }

  /// u, `[k]`.
  private double[] input(float[] features) {
    double[] input = new double[features.length];
    for (int i = 0; i < input.length; i++) {
      input[i] = features[i] * weights[i];
    }
    return input;
  }
}
