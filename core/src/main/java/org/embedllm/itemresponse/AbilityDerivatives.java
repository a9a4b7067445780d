package org.embedllm.itemresponse;

import java.util.Arrays;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Kernels;
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
  private static final double FLOAT = 1e-7; // relative rounding of losses
  private static final int BLOCK = 256;

  private final int count; // of answers
  private final double[] mean; // [1 + B + T + 1]
  private final double[] precision; // diagonal
  private final int groups; // B
  private final int w;
  private final double[] gradient;
  private double value;
  private final double[] shared; // A, lower triangle
  private final double[] border; // C
  private final double[] corner; // E
  private final float[] byGroup; // [B, padded] sums of a block's rows of `right`
  private final double[] groupSums; // [B, padded] of all blocks
  private final Kernels kernels = Kernels.best();
  private final double[] own; // the shared numbers of the point
  private final AbilityInputs inputs; // U [count, w]
  private final double[] offsets; // [count]
  private final int[] groupOf; // [count], −1 for none
  private final float[] scores; // [count]
  private final float[] weights; // [count], in labels
  private final double[] logits = new double[BLOCK];
  private final float[] residuals = new float[BLOCK];
  private final float[] curvatures = new float[BLOCK];
  private final float[] losses = new float[BLOCK];
  private final float[] targets = new float[BLOCK];
  private final int padded; // distance between rows
  private final float[] right; // [BLOCK, padded]: curvature times U, residual, curvature
  private final float[] product; // [w, padded]

  AbilityDerivatives(
      ItemParameters known, ItemResponses answers, double[] mean, double[] precision) {
    this.count = answers.count();
    this.mean = mean;
    this.precision = precision;
    this.groups = known.benchmarks().size();
    this.w = known.sharedInputs().width();
    this.gradient = new double[mean.length];
    this.shared = new double[w * w];
    this.border = new double[groups * w];
    this.corner = new double[groups];
    this.own = new double[w];
    this.inputs = known.sharedInputs().of(answers);
    this.offsets = new double[count];
    this.groupOf = new int[count];
    this.scores = new float[count];
    this.weights = new float[count];
    for (int a = 0; a < count; a++) {
      int j = answers.question(a);
      offsets[a] = known.offset(j);
      groupOf[a] = known.benchmarkOf(j);
      scores[a] = (float) answers.score(a);
      weights[a] = (float) known.dispersion().weight(answers.repeats(a));
    }
    this.padded = inputs.padded();
    this.right = new float[BLOCK * padded];
    this.product = new float[w * padded];
    this.byGroup = new float[groups * padded];
    this.groupSums = new double[groups * padded];
  }

  /// Where a shared number is in an ability.
  private int place(int number) {
    return number == 0 ? 0 : groups + number;
  }

  @Override
  public double at(double[] x) {
    value = startFromPrior(x);
    for (int i = 0; i < w; i++) {
      own[i] = x[place(i)];
    }
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      logits(x, from, rows);
      System.arraycopy(scores, from, targets, 0, rows);
      kernels.crossEntropy(residuals, targets, losses, 0, rows, 1f);
      for (int a = 0; a < rows; a++) {
        value += weights[from + a] * losses[a];
      }
      addProducts(from, rows);
    }
    takeGroups();
    return value;
  }

  private void logits(double[] x, int from, int rows) {
    for (int a = 0; a < rows; a++) {
      int group = groupOf[from + a];
      logits[a] = offsets[from + a] + (group < 0 ? 0 : x[1 + group]);
    }
    for (int i = 0; i < w; i++) {
      DenseVectors.addScaled(own[i], inputs.columns(), i * count + from, logits, rows);
    }
    for (int a = 0; a < rows; a++) {
      residuals[a] = (float) logits[a];
    }
  }

  /// Adds a block's part of gradient and Hessian. What all questions share is one matrix product,
  /// Uᵀ [diag(s (1 − s)) U, s − y], in float over 256 answers and in double over those sums.
  private void addProducts(int from, int rows) {
    for (int a = 0; a < rows; a++) {
      float s = residuals[a] + targets[a];
      float weight = weights[from + a];
      curvatures[a] = weight * s * (1 - s);
      residuals[a] *= weight;
    }
    float[] u = inputs.rows();
    kernels.scaleRows(rows, padded, curvatures, 0, u, from * padded, padded, right, padded);
    for (int a = 0; a < rows; a++) {
      right[a * padded + w] = residuals[a];
    }
    Arrays.fill(byGroup, 0f);
    for (int a = 0; a < rows; a++) {
      int group = groupOf[from + a];
      if (group >= 0) {
        kernels.addScaled(1f, right, a * padded, byGroup, group * padded, padded);
      }
    }
    Arrays.fill(product, 0f);
    kernels.multiplyAdd(
        w, padded, rows, u, from * padded, 1, padded, right, 0, padded, product, 0, padded);
    for (int i = 0; i < w; i++) {
      for (int l = 0; l <= i; l++) {
        shared[i * w + l] += product[i * padded + l];
      }
      gradient[place(i)] += product[i * padded + w];
    }
    for (int i = 0; i < byGroup.length; i++) {
      groupSums[i] += byGroup[i];
    }
  }

  private void takeGroups() {
    for (int b = 0; b < groups; b++) {
      int at = b * padded;
      System.arraycopy(groupSums, at, border, b * w, w);
      gradient[1 + b] += groupSums[at + w];
      corner[b] += groupSums[at + w + 1];
    }
  }

  /// The prior's part of the value; leaves its part of the derivatives.
  private double startFromPrior(double[] x) {
    Arrays.fill(shared, 0);
    Arrays.fill(groupSums, 0);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      gradient[i] = precision[i] * (x[i] - mean[i]);
      sum += 0.5 * gradient[i] * (x[i] - mean[i]);
    }
    System.arraycopy(precision, 1, corner, 0, groups);
    for (int i = 0; i < w; i++) {
      shared[i * w + i] = precision[place(i)];
    }
    return sum;
  }

  @Override
  public double rounding() {
    return FLOAT * value;
  }

  @Override
  public double[] gradient() {
    return gradient;
  }

  @Override
  public double[] direction() {
    double[] target = new double[w];
    for (int i = 0; i < w; i++) {
      target[i] = gradient[place(i)];
      for (int b = 0; b < groups; b++) {
        target[i] -= border[b * w + i] * gradient[1 + b] / corner[b];
      }
    }
    double[] solved = complement().solve(target);
    double[] direction = new double[gradient.length];
    for (int i = 0; i < w; i++) {
      direction[place(i)] = solved[i];
    }
    for (int b = 0; b < groups; b++) {
      double sum = gradient[1 + b];
      for (int i = 0; i < w; i++) {
        sum -= border[b * w + i] * solved[i];
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
