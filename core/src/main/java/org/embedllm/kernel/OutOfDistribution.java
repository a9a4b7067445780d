package org.embedllm.kernel;

import org.embedllm.tensor.FloatMatrix;

/// How much of the prior variance is unknown for questions of a kind, and whether a question is far
/// from all training questions. Immutable.
public final class OutOfDistribution {
  /*
   * The kernel ridge regression of a component is the posterior mean of a Gaussian process with
   * prior variance S k(x, x) = S and noise λ S. Its posterior variance at x has two parts: one is
   * unknown for all questions like x, the other is special to x. A forecast is about the first. Two
   * similar questions share the posterior covariance
   *
   *   c(x, x') = k(x, x') − k_xᵀ [ Z⁻¹ − (Z + Kᵀ K / λ)⁻¹ ] k_x'
   *
   * and c is its mean over questions and their nearest neighbors, none of which is a landmark by
   * itself. That share of S is unknown near the training questions. Far from them nothing is known,
   * and the share is 1. Between, with t(x) a similarity to the five nearest landmarks,
   *
   *   g(x) = c + (1 − c) h(x)², h(x) = clamp((t_usual − t(x)) / (t_usual − t_far), 0, 1)
   *
   * t_usual is the median of t over training questions, whose own landmark is computed without
   * them, and t_far its 1 % quantile. t is computed twice, and the larger h counts: as the mean of
   * ln k(x, z), and as the similarity of the meaning alone (SemanticSimilarity), whose t_far is at
   * most the middle between t_usual and the similarity to an unrelated landmark. Questions with few
   * patterns are so similar that by the quantile alone any other wording would be far.
   *
   * A question is far where its meaning is beyond t_far. Text features alone do not make it far: a
   * prompt without options looks like no exam question, which widens its intervals, but may be
   * about the same subject.
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
          "%s and %s do not describe a distance from the training questions"
              .formatted(nearness, variances));
    }
  }

  /// As it was kept.
  ///
  /// @param nearness see [#nearness]; [1, 3] without the meaning, [1, 4] where the meaning decides
  ///   about far only
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

  /// The share c of the prior variance that is unknown near the training questions; then t_usual
  /// and t_far of the kernel (mean logarithm over the five nearest landmarks); then t_far and
  /// t_usual of the meaning ([SemanticSimilarity]), [1, 5].
  public FloatMatrix nearness() {
    return nearness;
  }

  /// S, the prior variance, by coordinate of the projected question, [1, d].
  public FloatMatrix variances() {
    return variances;
  }

  /// The position of a question relative to the training questions.
  ///
  /// @param open g, the share of the prior variance that is unknown for questions of this kind, in
  ///   (0, 1]
  /// @param far whether its meaning is farther from the training questions than 99 % of them are
  ///   from each other, and closer to unrelated texts than to usual ones
  record Place(double open, boolean far) {}

  /// @param vector of the question, `[q]`
  /// @param features kernel of the question with the landmarks, `[r]`
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
