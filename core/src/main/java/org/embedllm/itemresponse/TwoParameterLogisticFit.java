package org.embedllm.itemresponse;

import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;

/// Fits the two-parameter logistic model by alternating: questions given models, the prior of the
/// questions, models given questions. Deterministic.
final class TwoParameterLogisticFit {
  /*
   * (b_j, a_j) ~ N((βᵀ u_j, ā), Σ), u_j the features of the text; θ_i ~ N(0, 1). A turn: two Newton
   * steps for each (b_j, a_j) with its Laplace covariance C_j; β by ridge regression, ā and Σ by
   * moments (mean of squares plus C_j); two Newton steps for each θ_i, with the κ_j of new models.
   * Then θ is standardized to mean 0 and variance 1. The spread of discriminations is limited to
   * 0.7 times their mean: a small pool says little about it, and it must not grow from turn to
   * turn.
   */
  private static final int TURNS = 20;
  private static final double MOST_SPREAD = 0.7;
  private static final int BLOCK = 256;

  private final int m;
  private final int n;
  private final int k;
  private final FloatMatrix inputs; // [n, k]
  private final CorrectnessMatrix train;
  private final List<ItemResponses> pool;
  private final ScoreDispersion dispersion;
  private final boolean labels; // every answer counts once
  private final Workers workers;
  private final Kernels kernels = Kernels.best();
  private final Cholesky gram; // Uᵀ U + I [k, k]
  private final double[] b;
  private final double[] a;
  private final double[] meanB;
  private double meanA = 0.7;
  private final double[] cbb;
  private final double[] cba;
  private final double[] caa;
  private final double[] offsets; // κ b
  private final double[] slopes; // κ a
  private final double[] theta;
  private double sbb = 1;
  private double sba;
  private double saa = 0.25;

  /// @param pool the answers of `train` by model
  TwoParameterLogisticFit(
      CorrectnessMatrix train,
      List<ItemResponses> pool,
      FloatMatrix inputs,
      ScoreDispersion dispersion,
      Workers workers) {
    this.train = train;
    this.pool = pool;
    this.dispersion = dispersion;
    this.labels = dispersion.equals(ScoreDispersion.LABELS);
    this.inputs = inputs;
    this.workers = workers;
    this.gram = gram(inputs, workers);
    this.m = train.modelCount();
    this.n = train.questionCount();
    this.k = inputs.columns();
    this.b = new double[n];
    this.a = new double[n];
    Arrays.fill(a, meanA);
    this.meanB = new double[n];
    this.cbb = new double[n];
    this.cba = new double[n];
    this.caa = new double[n];
    this.offsets = new double[n];
    this.slopes = new double[n];
    this.theta = new double[m];
  }

  private static Cholesky gram(FloatMatrix inputs, Workers workers) {
    int k = inputs.columns();
    double[] system = new double[k * k];
    for (int j = 0; j < inputs.rows(); j++) {
      for (int x = 0; x < k; x++) {
        double input = inputs.get(j, x);
        for (int y = 0; y <= x; y++) {
          system[x * k + y] += input * inputs.get(j, y);
        }
      }
    }
    for (int x = 0; x < k; x++) {
      system[x * k + x] += 1;
    }
    return Cholesky.of(k, system, workers);
  }

  /// [n, 5]: b, a, C_bb, C_ba, C_aa.
  FloatMatrix run() {
    start();
    for (int turn = 0; turn < TURNS; turn++) {
      questions(2);
      prior();
      workers.run(m, i -> theta[i] = model(pool.get(i), theta[i]));
      standardize();
    }
    questions(6);
    float[] values = new float[n * 5];
    for (int j = 0; j < n; j++) {
      values[j * 5] = (float) b[j];
      values[j * 5 + 1] = (float) a[j];
      values[j * 5 + 2] = (float) cbb[j];
      values[j * 5 + 3] = (float) cba[j];
      values[j * 5 + 4] = (float) caa[j];
    }
    return FloatMatrix.wrap(n, 5, values);
  }

  /// Abilities start at the logit of each model's accuracy relative to its questions' means.
  private void start() {
    double[] sum = new double[m];
    int[] count = new int[m];
    for (int j = 0; j < n; j++) {
      double mean = 0;
      int cells = train.cellCount(j);
      for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
        mean += train.cellScore(c) / cells;
      }
      b[j] = Math.log((mean * cells + 1) / ((1 - mean) * cells + 1));
      for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
        sum[train.cellModel(c)] += train.cellScore(c) - mean;
        count[train.cellModel(c)]++;
      }
    }
    for (int i = 0; i < m; i++) {
      theta[i] = 4 * sum[i] / Math.max(1, count[i]);
    }
    System.arraycopy(b, 0, meanB, 0, n);
    standardize();
  }

  private void questions(int steps) {
    double determinant = sbb * saa - sba * sba;
    double pbb = saa / determinant;
    double pba = -sba / determinant;
    double paa = sbb / determinant;
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          float[] p = new float[m];
          for (int j = block * BLOCK; j < Math.min(n, (block + 1) * BLOCK); j++) {
            question(j, steps, pbb, pba, paa, p);
          }
        });
  }

  /// Newton steps for the pair of one question, whose prior has the precision (pbb, pba; pba, paa).
  ///
  /// @param p scratch, at least as long as the question has answers
  private void question(int j, int steps, double pbb, double pba, double paa, float[] p) {
    int first = train.firstCell(j);
    int count = train.cellCount(j);
    for (int step = 0; step < steps; step++) {
      double gb = pbb * (b[j] - meanB[j]) + pba * (a[j] - meanA);
      double ga = pba * (b[j] - meanB[j]) + paa * (a[j] - meanA);
      double hbb = pbb;
      double hba = pba;
      double haa = paa;
      for (int x = 0; x < count; x++) {
        p[x] = (float) (b[j] + a[j] * theta[train.cellModel(first + x)]);
      }
      kernels.sigmoid(p, 0, count);
      for (int x = 0; x < count; x++) {
        double t = theta[train.cellModel(first + x)];
        double weight = labels ? 1 : dispersion.weight(train.cellRepeats(first + x));
        double residual = weight * ((double) p[x] - train.cellScore(first + x));
        double w = weight * p[x] * (1 - p[x]);
        gb += residual;
        ga += residual * t;
        hbb += w;
        hba += w * t;
        haa += w * t * t;
      }
      double det = hbb * haa - hba * hba;
      b[j] -= Math.clamp((haa * gb - hba * ga) / det, -2.0, 2.0);
      a[j] -= Math.clamp((hbb * ga - hba * gb) / det, -2.0, 2.0);
      cbb[j] = haa / det;
      cba[j] = -hba / det;
      caa[j] = hbb / det;
    }
    double kappa = 1 / Math.sqrt(1 + Math.PI * (cbb[j] + caa[j]) / 8);
    offsets[j] = kappa * b[j];
    slopes[j] = kappa * a[j];
  }

  private void prior() {
    double[] right = new double[k];
    double sumA = 0;
    for (int j = 0; j < n; j++) {
      for (int x = 0; x < k; x++) {
        right[x] += inputs.get(j, x) * b[j];
      }
      sumA += a[j];
    }
    double[] beta = gram.solve(right);
    for (int j = 0; j < n; j++) {
      double mean = 0;
      for (int x = 0; x < k; x++) {
        mean += beta[x] * inputs.get(j, x);
      }
      meanB[j] = mean;
    }
    meanA = sumA / n;
    double bb = 1e-3;
    double ba = 0;
    double aa = 1e-3;
    for (int j = 0; j < n; j++) {
      double db = b[j] - meanB[j];
      double da = a[j] - meanA;
      bb += (db * db + cbb[j]) / n;
      ba += (db * da + cba[j]) / n;
      aa += (da * da + caa[j]) / n;
    }
    double limit = MOST_SPREAD * MOST_SPREAD * meanA * meanA + 1e-3;
    double factor = aa > limit ? Math.sqrt(limit / aa) : 1;
    sbb = bb;
    sba = ba * factor;
    saa = aa * factor * factor;
  }

  private double model(ItemResponses answers, double start) {
    float[] p = new float[BLOCK];
    double t = start;
    for (int step = 0; step < 2; step++) {
      double gradient = t;
      double hessian = 1;
      for (int from = 0; from < answers.count(); from += BLOCK) {
        int count = Math.min(BLOCK, answers.count() - from);
        for (int x = 0; x < count; x++) {
          int j = answers.question(from + x);
          p[x] = (float) (offsets[j] + slopes[j] * t);
        }
        kernels.sigmoid(p, 0, count);
        for (int x = 0; x < count; x++) {
          int j = answers.question(from + x);
          double slope = slopes[j];
          double weight = labels ? 1 : dispersion.weight(answers.repeats(from + x));
          gradient += weight * (p[x] - answers.score(from + x)) * slope;
          hessian += weight * p[x] * (1 - p[x]) * slope * slope;
        }
      }
      t -= Math.clamp(gradient / hessian, -1.0, 1.0);
    }
    return t;
  }

  private void standardize() {
    double mean = 0;
    double square = 0;
    for (double t : theta) {
      mean += t / m;
    }
    for (double t : theta) {
      square += (t - mean) * (t - mean) / m;
    }
    double scale = Math.sqrt(square);
    if (m < 2 || scale < 1e-6) {
      return;
    }
    for (int i = 0; i < m; i++) {
      theta[i] = (theta[i] - mean) / scale;
    }
    for (int j = 0; j < n; j++) {
      b[j] += a[j] * mean;
      a[j] *= scale;
      meanB[j] += meanA * mean;
    }
    meanA *= scale;
    sbb += 2 * mean * sba + mean * mean * saa;
    sba = (sba + saa * mean) * scale;
    saa *= scale * scale;
  }
}
