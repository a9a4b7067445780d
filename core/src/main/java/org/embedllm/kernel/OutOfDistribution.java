package org.embedllm.kernel;

import org.embedllm.tensor.FloatMatrix;

/// How much of what text can say about a kind of question is still open, and whether a question
/// lies far from all training questions. Immutable.
public final class OutOfDistribution {
  /*
   * The kernel ridge regression of a component is the posterior mean of a Gaussian process with
   * prior variance S k(x, x) = S and noise λ S. Its posterior variance at x holds two things: what is
   * not known of questions like x, and what x alone has, which other questions never tell. A
   * forecast is about the first. Two questions of a kind share the posterior covariance
   *
   *   c(x, x') = k(x, x') − k_xᵀ [ Z⁻¹ − (Z + Kᵀ K / λ)⁻¹ ] k_x'
   *
   * and c is its mean over questions and their nearest neighbours, neither of which is a landmark by
   * itself. That is the share of S that stays open on well-trodden ground. Far from it nothing is
   * known, and the share is 1. Between, with t(x) a nearness to the five nearest landmarks,
   *
   *   open(x) = c + (1 − c) h(x)²,   h(x) = clamp((t_usual − t(x)) / (t_usual − t_far), 0, 1)
   *
   * t_usual the median of t over training questions, whose own landmark is taken without them, and
   * t_far its 1 % quantile. t is taken twice, and the larger h counts: as the mean of ln k(x, z), and
   * as the nearness of the meaning alone (SemanticSimilarity), whose t_far lies no nearer than the
   * middle between t_usual and how near a question lies to a landmark that has nothing in common
   * with it. Questions written after few patterns lie so close together that whatever is said in
   * other words would be far by the quantile alone.
   *
   * A question is far where its meaning is beyond t_far. Its form alone does not make it so: a prompt
   * without options has a form that no exam question has, which widens its intervals, but may ask
   * what they ask.
   */
  private static final int NEAREST = 5;
  static final int COLUMNS = 5;
  private static final int COLUMNS_WITHOUT_MEANING = 3;

  private final FloatMatrix nearness; // c, t_usual, t_far, far and usual meaning, [1, 5]
  private final FloatMatrix variances; // S by coordinate of the projected question, [1, d]

  private OutOfDistribution(FloatMatrix nearness, FloatMatrix variances) {
    this.nearness = nearness;
    this.variances = variances;
    if (nearness.rows() != 1
        || nearness.columns() < COLUMNS_WITHOUT_MEANING
        || nearness.columns() > COLUMNS
        || variances.rows() != 1
        || !(nearness.get(0, 0) > 0 && nearness.get(0, 0) <= 1)
        || !(nearness.get(0, 1) >= nearness.get(0, 2))) {
      throw new IllegalArgumentException(
          "%s and %s are no measure of novelty".formatted(nearness, variances));
    }
  }

  /// As it was kept.
  ///
  /// @param nearness see [#nearness]; [1, 3] or [1, 4] where meaning decides about far alone or not
  ///   at all
  /// @param variances see [#variances]
  public static OutOfDistribution of(FloatMatrix nearness, FloatMatrix variances) {
    return new OutOfDistribution(nearness, variances);
  }

  /// t: mean of the logarithms of the five largest values above 0.
  static double nearness(float[] features) {
    float[] largest = new float[NEAREST];
    for (float value : features) {
      if (value > largest[0]) {
        int at = 0;
        while (at + 1 < NEAREST && value > largest[at + 1]) {
          largest[at] = largest[at + 1];
          at++;
        }
        largest[at] = value;
      }
    }
    double sum = 0;
    int count = 0;
    for (float value : largest) {
      if (value > 0) {
        sum += Math.log(value);
        count++;
      }
    }
    return count == 0 ? Double.NEGATIVE_INFINITY : sum / count;
  }

  /// Share of the prior variance that stays open near the training questions, then the usual and
  /// the far end of how near training questions lie (mean logarithm of the kernel with the five
  /// nearest), then the far and the usual end of how near their meanings lie
  /// ([SemanticSimilarity]), [1, 5].
  public FloatMatrix nearness() {
    return nearness;
  }

  /// S, the prior variance, by coordinate of the projected question, [1, d].
  public FloatMatrix variances() {
    return variances;
  }

  /// Where a question lies.
  ///
  /// @param open share of the prior variance that is open for questions of this kind, in (0, 1]
  /// @param far whether what it means lies farther from the training questions than 99 % of them
  ///   from one another, and nearer to what is unrelated than to what is usual
  record Place(double open, boolean far) {}

  /// @param vector of the question, [q]
  /// @param features kernel of the question with the landmarks, [r]
  Place place(float[] vector, float[] features, SemanticSimilarity meaning) {
    double near = nearness(features);
    double h = beyond(nearness.get(0, 1), nearness.get(0, 2), near);
    boolean far = near < nearness.get(0, 2);
    if (nearness.columns() > COLUMNS_WITHOUT_MEANING) {
      double nearMeaning = meaning.of(vector, features);
      far = nearMeaning < nearness.get(0, 3);
      if (nearness.columns() == COLUMNS) {
        h = Math.max(h, beyond(nearness.get(0, 4), nearness.get(0, 3), nearMeaning));
      }
    }
    double shared = nearness.get(0, 0);
    return new Place(Math.min(1, shared + (1 - shared) * h * h), far);
  }

  /// How far beyond what is usual, 0 to 1.
  private static double beyond(double usual, double far, double nearness) {
    return Math.clamp((usual - nearness) / Math.max(1e-6, usual - far), 0.0, 1.0);
  }
}
