package org.embedllm.itemresponse;

import java.util.Arrays;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.NewtonFunction;

/// Value and derivatives of a model's ability problem: the penalized logistic loss over its answers
/// in (θ, δ, η, ι), with a diagonal prior ([ItemParameters]). For one thread.
final class AbilityDerivatives implements NewtonFunction {
  /*
   * A question has one benchmark, so the Hessian has no entry between two of the δ. With s for the
   * w numbers that all questions share, (θ, η, ι),
   *
   *   H = [ A  Cᵀ ]     A [w, w],  C [B, w],  E diagonal [B]
   *       [ C  E  ]
   *
   * and everything follows from its Schur complement S = A − Cᵀ E⁻¹ C [w, w]: an answer costs w²
   * instead of (w + B)² operations, and so does a solution.
   */
  private final ItemParameters known;
  private final Responses answers;
  private final double[] mean; // [1 + B + T + 1]
  private final double[] precision; // diagonal
  private final int groups; // B
  private final int w;
  private final double[] gradient;
  private final double[] shared; // A, lower triangle
  private final double[] border; // C
  private final double[] corner; // E

  AbilityDerivatives(ItemParameters known, Responses answers, double[] mean, double[] precision) {
    this.known = known;
    this.answers = answers;
    this.mean = mean;
    this.precision = precision;
    this.groups = known.benchmarks().size();
    this.w = mean.length - groups;
    this.gradient = new double[mean.length];
    this.shared = new double[w * w];
    this.border = new double[groups * w];
    this.corner = new double[groups];
  }

  /// Where a shared number is in an ability.
  private int place(int number) {
    return number == 0 ? 0 : groups + number;
  }

  @Override
  public double at(double[] x) {
    double value = startFromPrior(x);
    double[] own = new double[w];
    for (int i = 0; i < w; i++) {
      own[i] = x[place(i)];
    }
    double[] sums = new double[w]; // of the gradient
    double[] u = new double[w];
    for (int a = 0; a < answers.count(); a++) {
      int j = answers.question(a);
      int group = known.benchmarkOf(j);
      double z = known.offset(j) + (group < 0 ? 0 : x[1 + group]);
      known.sharedInput(j, u);
      for (int i = 0; i < w; i++) {
        z += u[i] * own[i];
      }
      double y = answers.score(a);
      double tail = Math.exp(-Math.abs(z));
      double upper = 1 / (1 + tail); // sigmoid(|z|), between ½ and 1
      double weight = known.dispersion().weight(answers.repeats(a));
      double residual = weight * ((z >= 0 ? upper : tail * upper) - y);
      double curvature = weight * tail * upper * upper;
      value += weight * (Math.max(z, 0) - Math.log(upper) - y * z);
      for (int i = 0; i < w; i++) {
        sums[i] += residual * u[i];
        double scaled = curvature * u[i];
        for (int l = 0; l <= i; l++) {
          shared[i * w + l] += scaled * u[l];
        }
      }
      if (group >= 0) {
        gradient[1 + group] += residual;
        corner[group] += curvature;
        for (int i = 0; i < w; i++) {
          border[group * w + i] += curvature * u[i];
        }
      }
    }
    for (int i = 0; i < w; i++) {
      gradient[place(i)] += sums[i];
    }
    return value;
  }

  private double startFromPrior(double[] x) {
    Arrays.fill(shared, 0);
    Arrays.fill(border, 0);
    double value = 0;
    for (int i = 0; i < x.length; i++) {
      gradient[i] = precision[i] * (x[i] - mean[i]);
      value += 0.5 * gradient[i] * (x[i] - mean[i]);
    }
    System.arraycopy(precision, 1, corner, 0, groups);
    for (int i = 0; i < w; i++) {
      shared[i * w + i] = precision[place(i)];
    }
    return value;
  }

  @Override
  public double[] gradient() {
    return gradient;
  }

  @Override
  public double[] direction() {
    double[] right = new double[w];
    for (int i = 0; i < w; i++) {
      right[i] = gradient[place(i)];
      for (int b = 0; b < groups; b++) {
        right[i] -= border[b * w + i] * gradient[1 + b] / corner[b];
      }
    }
    double[] own = complement().solve(right);
    double[] direction = new double[gradient.length];
    for (int i = 0; i < w; i++) {
      direction[place(i)] = own[i];
    }
    for (int b = 0; b < groups; b++) {
      double sum = gradient[1 + b];
      for (int i = 0; i < w; i++) {
        sum -= border[b * w + i] * own[i];
      }
      direction[1 + b] = sum / corner[b];
    }
    return direction;
  }

  @Override
  public double[] covariance() {
    int k = gradient.length;
    double[] inverse = complement().inverse(); // S⁻¹
    double[] covariance = new double[k * k];
    double[] between = new double[groups * w]; // −E⁻¹ C S⁻¹
    for (int b = 0; b < groups; b++) {
      for (int i = 0; i < w; i++) {
        double sum = 0;
        for (int l = 0; l < w; l++) {
          sum -= border[b * w + l] * inverse[l * w + i];
        }
        between[b * w + i] = sum / corner[b];
        covariance[(1 + b) * k + place(i)] = between[b * w + i];
        covariance[place(i) * k + 1 + b] = between[b * w + i];
      }
    }
    for (int i = 0; i < w; i++) {
      for (int l = 0; l < w; l++) {
        covariance[place(i) * k + place(l)] = inverse[i * w + l];
      }
    }
    for (int b = 0; b < groups; b++) {
      for (int c = 0; c <= b; c++) {
        double sum = b == c ? 1 : 0;
        for (int i = 0; i < w; i++) {
          sum -= border[c * w + i] * between[b * w + i];
        }
        covariance[(1 + b) * k + 1 + c] = sum / corner[c];
        covariance[(1 + c) * k + 1 + b] = sum / corner[c];
      }
    }
    return covariance;
  }

  /// S.
  private Cholesky complement() {
    double[] complement = shared.clone();
    for (int b = 0; b < groups; b++) {
      for (int i = 0; i < w; i++) {
        double scaled = border[b * w + i] / corner[b];
        for (int l = 0; l <= i; l++) {
          complement[i * w + l] -= scaled * border[b * w + l];
        }
      }
    }
    try (Workers workers = new Workers(1)) {
      return Cholesky.of(w, complement, workers);
    }
  }
}
