package org.embedllm.tower;

import java.util.stream.IntStream;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// How much of what text can say about a kind of question is still open, and whether a question
/// lies far from all training questions. Immutable.
public final class Novelty {
  /*
   * The kernel ridge regression of a component is the posterior mean of a Gaussian process with
   * prior variance S k(x, x) = S and noise λ S. Its posterior variance at x holds two things: what is
   * not known of questions like x, and what x alone has, which other questions never tell. A
   * forecast is about the first. Two questions of a kind share the posterior covariance
   *
   *   c(x, x') = k(x, x') − k_xᵀ [ Z⁻¹ − (Z + Kᵀ K / λ)⁻¹ ] k_x'
   *
   * and c is its mean over questions and their nearest neighbours, neither of which is a landmark.
   * That is the share of S that stays open on well-trodden ground. Far from it nothing is known, and
   * the share is 1. Between: with t(x) the mean of ln k(x, z) over the five nearest landmarks,
   *
   *   open(x) = c + (1 − c) h²,   h = clamp((t_usual − t(x)) / (t_usual − t_far), 0, 1)
   *
   * t_usual the median of t over the landmarks themselves (among the others), t_far its 1 % quantile.
   *
   * A question is far where its meaning is (MeaningNearness): beyond the 1 % quantile of the landmarks
   * again, and beyond the middle between how near landmarks usually lie and how near two lie that have
   * nothing in common. Questions written after few patterns lie so close together that whatever is
   * said in other words would be far by the quantile alone. Its form alone does not make it so: a prompt without options has a form that no exam
   * question has, which widens its intervals, but may ask what they ask.
   */
  private static final int NEAREST = 5;
  private static final int LANDMARKS = 1_024;
  private static final int COLUMNS = 4;
  private static final int COLUMNS_WITHOUT_MEANING = 3;
  private static final double FAR_QUANTILE = 0.01;
  private static final double LEAST = 0.01;
  private static final double ROUNDING = 1e-5;

  private final FloatMatrix nearness; // c, t_usual, t_far, the far end of meaning, [1, 4]
  private final FloatMatrix variances; // S by coordinate of the projected question, [1, d]

  private Novelty(FloatMatrix nearness, FloatMatrix variances) {
    this.nearness = nearness;
    this.variances = variances;
    if (nearness.rows() != 1
        || (nearness.columns() != COLUMNS && nearness.columns() != COLUMNS_WITHOUT_MEANING)
        || variances.rows() != 1
        || !(nearness.get(0, 0) > 0 && nearness.get(0, 0) <= 1)
        || !(nearness.get(0, 1) >= nearness.get(0, 2))) {
      throw new IllegalArgumentException(
          "%s and %s are no measure of novelty".formatted(nearness, variances));
    }
  }

  /// As it was kept.
  ///
  /// @param nearness see [#nearness]; [1, 3] from before meaning was looked at by itself
  /// @param variances see [#variances]
  public static Novelty of(FloatMatrix nearness, FloatMatrix variances) {
    return new Novelty(nearness, variances);
  }

  /// @param kernel K, [n, r]
  /// @param landmarkKernel Z, [r, r]
  /// @param ridge λ
  /// @param landmarks z, [r, q]
  static Novelty of(
      FloatMatrix kernel,
      FloatMatrix landmarkKernel,
      double ridge,
      double jitter,
      FloatMatrix variances,
      MeaningNearness meaning,
      FloatMatrix landmarks,
      Workers workers) {
    int r = landmarkKernel.rows();
    double[] near =
        IntStream.range(0, r)
            .mapToDouble(i -> {
              float[] others = landmarkKernel.row(i);
              others[i] = 0;
              return nearness(others);
            })
            .sorted()
            .toArray();
    double[] meanings =
        IntStream.range(0, r)
            .mapToDouble(i -> {
              float[] vector = landmarks.row(i);
              float[] row = landmarkKernel.row(i);
              return r > 1 ? meaning.of(vector, row, i) : meaning.of(vector, row);
            })
            .sorted()
            .toArray();
    double halfway = (meaning.unrelated(landmarkKernel, landmarks) + meanings[r / 2]) / 2;
    double farMeaning =
        Math.min(meanings[(int) Math.floor(FAR_QUANTILE * (r - 1))], halfway) - ROUNDING;
    // A single landmark has no others: only its own like is near.
    double usual = r > 1 ? near[r / 2] : 0;
    double far = r > 1 ? near[(int) Math.floor(FAR_QUANTILE * (r - 1))] : 0;
    double open = r > 1 ? shared(kernel, landmarkKernel, ridge, jitter, workers) : 1;
    float[] values = {
      (float) Math.clamp(open, LEAST, 1.0), (float) usual, (float) far, (float) farMeaning
    };
    return new Novelty(FloatMatrix.wrap(1, COLUMNS, values), variances);
  }

  /// c: the first half of the landmarks as landmarks, the second as questions.
  private static double shared(
      FloatMatrix kernel,
      FloatMatrix landmarkKernel,
      double ridge,
      double jitter,
      Workers workers) {
    int r = landmarkKernel.rows();
    int s = Math.min(LANDMARKS, r / 2);
    int count = Math.min(LANDMARKS, r - s);
    double[] prior = new double[s * s];
    double[] posterior = KernelGram.of(kernel, s, Kernels.best(), workers);
    for (int i = 0; i < s; i++) {
      for (int l = 0; l <= i; l++) {
        prior[i * s + l] = landmarkKernel.get(i, l) + (i == l ? jitter : 0);
        posterior[i * s + l] = prior[i * s + l] + posterior[i * s + l] / ridge;
      }
    }
    Cholesky before = Cholesky.of(s, prior, workers);
    Cholesky after = Cholesky.of(s, posterior, workers);
    double[][] a = new double[count][];
    double[][] b = new double[count][];
    workers.run(
        count,
        i -> {
          double[] row = new double[s];
          for (int l = 0; l < s; l++) {
            row[l] = landmarkKernel.get(s + i, l);
          }
          a[i] = before.solveLower(row);
          b[i] = after.solveLower(row);
        });
    double sum = 0;
    for (int i = 0; i < count; i++) {
      int nearest = nearest(landmarkKernel, s, count, i);
      sum += landmarkKernel.get(s + i, s + nearest) - dot(a[i], a[nearest]) + dot(b[i], b[nearest]);
    }
    return sum / count;
  }

  private static int nearest(FloatMatrix landmarkKernel, int from, int count, int question) {
    int nearest = question;
    float highest = Float.NEGATIVE_INFINITY;
    for (int other = 0; other < count; other++) {
      float value = landmarkKernel.get(from + question, from + other);
      if (other != question && value > highest) {
        highest = value;
        nearest = other;
      }
    }
    return nearest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /// t: mean of the logarithms of the five largest values above 0.
  private static double nearness(float[] features) {
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
  /// the far end of how near landmarks lie (mean logarithm of the kernel with the five nearest),
  /// then the far end of how near their meanings lie ([MeaningNearness]), [1, 4].
  public FloatMatrix nearness() {
    return nearness;
  }

  /// S, the prior variance, by coordinate of the projected question, [1, d].
  public FloatMatrix variances() {
    return variances;
  }

  /// The share of the prior variance that is open for questions of this kind.
  ///
  /// @param features kernel of a question with the landmarks, [r]
  /// @return in (0, 1]
  double open(float[] features) {
    double usual = nearness.get(0, 1);
    double width = Math.max(1e-6, usual - nearness.get(0, 2));
    double h = Math.clamp((usual - nearness(features)) / width, 0.0, 1.0);
    double near = nearness.get(0, 0);
    return Math.min(1, near + (1 - near) * h * h);
  }

  /// Whether what a question means lies farther from the training questions than 99 % of them from
  /// one another, and nearer to what is unrelated than to what is usual.
  ///
  /// @param vector of the question, [q]
  /// @param features kernel of the question with the landmarks, [r]
  boolean far(float[] vector, float[] features, MeaningNearness meaning) {
    return nearness.columns() == COLUMNS_WITHOUT_MEANING
        ? nearness(features) < nearness.get(0, 2)
        : meaning.of(vector, features) < nearness.get(0, 3);
  }
}
