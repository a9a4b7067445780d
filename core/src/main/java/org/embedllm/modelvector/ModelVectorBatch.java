package org.embedllm.modelvector;

import java.util.Arrays;
import java.util.List;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.tensor.FloatMatrix;

/// The vectors of up to sixteen models that answered most of the known questions, found together.
/// Each is the exact minimum of its own convex problem, the one of
/// [org.embedllm.logistic.PenalizedLogisticRegression], and does not depend on the others. For one
/// thread.
final class ModelVectorBatch {
  /*
   * The models share the questions' inputs U [n, k], so for all of them at once
   *
   *   Z = U X            logits,    X [k, 16] the models' vectors
   *   g = Uᵀ (S − Y)     gradients
   *
   * are matrix products, of 4 n k operations for a model. Its Hessian takes n k², so it is computed
   * where a search ends, for the covariance, and serves the next search as it is: a search follows
   * the exact gradient with the Hessian of where it began, and computes a new one only where that
   * is slow (Search). X is split into two floats each, since one would round a vector by more than
   * the search is exact.
   */
  static final int MODELS = 16;
  private static final int BLOCK = 256;
  private static final int LANES = 16;
  private static final int PANEL = 48; // columns of a Hessian at once

  private final FloatMatrix inputs; // U [n, k]
  private final int n;
  private final int k;
  private final int padded; // k, rounded up to whole vectors
  private final int count;
  private final int[] answers; // of each model
  private final float[] targets; // [n, 16], NaN where unobserved
  private final Kernels kernels = Kernels.best();
  private final Search[] searches;

  private double operations;
  private final float[] points; // [2 k, 16]: what a float leaves, then the floats
  private final float[] z = new float[BLOCK * MODELS];
  private final float[] y = new float[BLOCK * MODELS]; // targets of a block
  private final float[] losses = new float[BLOCK * MODELS];
  private final float[] curvatures = new float[MODELS * BLOCK]; // of the losses
  private final float[] product; // [k, padded]
  private final float[] scaled; // [BLOCK, padded], zero beyond k

  /// @param models the models' answers, at most sixteen models
  /// @param inputs [n, k]
  ModelVectorBatch(List<ItemResponses> models, FloatMatrix inputs) {
    this.inputs = inputs;
    this.n = inputs.rows();
    this.k = inputs.columns();
    this.padded = Math.ceilDiv(k, LANES) * LANES;
    this.count = models.size();
    this.answers = models.stream().mapToInt(ItemResponses::count).toArray();
    this.targets = new float[Math.multiplyExact(n, MODELS)];
    this.points = new float[2 * k * MODELS];
    this.product = new float[k * padded];
    this.scaled = new float[BLOCK * padded];
    this.searches = new Search[count];
    Arrays.fill(targets, Float.NaN);
    for (int i = 0; i < count; i++) {
      ItemResponses own = models.get(i);
      for (int a = 0; a < own.count(); a++) {
        targets[own.question(a) * MODELS + i] = (float) own.score(a);
      }
      searches[i] = new Search(k);
    }
  }

  /// Solves for all vectors.
  ///
  /// @param priors one for each model
  /// @param starts where the searches begin: near the solution saves time, and changes the result
  ///   by rounding only
  /// @param exact whether a last step with gradients in double leaves no more than the rounding of
  ///   a double between the result and the minimum; otherwise that of a float
  LaplacePosterior[] solve(List<Gaussian> priors, double[][] starts, boolean exact) {
    for (int i = 0; i < count; i++) {
      searches[i].begin(priors.get(i), starts[i]);
    }
    addCurvatures();
    double[] values = new double[count];
    double[][] found = new double[count][k];
    while (Arrays.stream(searches).anyMatch(search -> !search.done())) {
      evaluate(values, found);
      for (int i = 0; i < count; i++) {
        if (!searches[i].done()) {
          searches[i].arrive(values[i], found[i]);
        }
      }
      addCurvatures();
    }
    for (Search search : searches) {
      search.forgetCurvature();
    }
    addCurvatures();
    if (exact) {
      double[][] gradients = exactGradients();
      for (int i = 0; i < count; i++) {
        searches[i].finish(gradients[i]);
      }
    }
    LaplacePosterior[] posteriors = new LaplacePosterior[count];
    for (int i = 0; i < count; i++) {
      posteriors[i] =
          new LaplacePosterior(searches[i].point(), searches[i].covariance(), answers[i]);
    }
    return posteriors;
  }

  /// Floating-point operations of the matrix products so far.
  double operations() {
    return operations;
  }

  private void placePoints() {
    Arrays.fill(points, 0);
    for (int i = 0; i < count; i++) {
      double[] x = searches[i].point();
      for (int c = 0; c < k; c++) {
        float near = (float) x[c];
        points[c * MODELS + i] = (float) (x[c] - near);
        points[(k + c) * MODELS + i] = near;
      }
    }
  }

  private void logits(int from, int rows) {
    Arrays.fill(z, 0, rows * MODELS, 0f);
    float[] u = inputs.sharedArray();
    for (int half = 0; half < 2; half++) {
      kernels.multiplyAdd(
          rows, MODELS, k, u, from * k, k, 1, points, half * k * MODELS, MODELS, z, 0, MODELS);
    }
  }

  /// Losses and their gradients over the answers at the points of all searches.
  private void evaluate(double[] values, double[][] gradients) {
    placePoints();
    operations += 6.0 * n * k * count;
    double[] totals = new double[MODELS];
    for (double[] gradient : gradients) {
      Arrays.fill(gradient, 0);
    }
    float[] sums = new float[k * MODELS];
    for (int from = 0; from < n; from += BLOCK) {
      int rows = Math.min(BLOCK, n - from);
      logits(from, rows);
      System.arraycopy(targets, from * MODELS, y, 0, rows * MODELS);
      kernels.crossEntropy(z, y, losses, 0, rows * MODELS, 1f);
      Arrays.fill(sums, 0f);
      float[] u = inputs.sharedArray();
      kernels.multiplyAdd(k, MODELS, rows, u, from * k, 1, k, z, 0, MODELS, sums, 0, MODELS);
      for (int j = 0; j < rows; j++) {
        for (int i = 0; i < MODELS; i++) {
          totals[i] += losses[j * MODELS + i];
        }
      }
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < k; c++) {
          gradients[i][c] += sums[c * MODELS + i];
        }
      }
    }
    System.arraycopy(totals, 0, values, 0, count);
  }

  /// The gradients of the losses at the points of all searches, in double, [count, k].
  private double[][] exactGradients() {
    double[][] x = new double[k][MODELS];
    double[][] sums = new double[k][MODELS];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < k; c++) {
        x[c][i] = searches[i].point()[c];
      }
    }
    float[] u = inputs.sharedArray();
    double[] row = new double[MODELS]; // logits, then residuals
    for (int j = 0; j < n; j++) {
      Arrays.fill(row, 0);
      for (int c = 0; c < k; c++) {
        addScaled(u[j * k + c], x[c], row);
      }
      for (int i = 0; i < MODELS; i++) {
        float y = targets[j * MODELS + i];
        row[i] = Float.isNaN(y) ? 0 : Logistic.sigmoid(row[i]) - y;
      }
      for (int c = 0; c < k; c++) {
        addScaled(u[j * k + c], row, sums[c]);
      }
    }
    double[][] gradients = new double[count][k];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < k; c++) {
        gradients[i][c] = sums[c][i];
      }
    }
    return gradients;
  }

  /// `y += factor x`; the compiler makes vectors of it.
  private static void addScaled(double factor, double[] x, double[] y) {
    for (int i = 0; i < MODELS; i++) {
      y[i] += factor * x[i];
    }
  }

  /// Computes the Hessians over the answers that searches ask for, Uᵀ diag(s (1 − s)) U: in float
  /// over 256 questions and in double over those sums.
  private void addCurvatures() {
    List<Search> wanted = Arrays.stream(searches).filter(Search::wantsCurvature).toList();
    if (wanted.isEmpty()) {
      return;
    }
    placePoints();
    operations += 2.0 * n * k * k * wanted.size();
    double[][] sums = new double[count][];
    for (int i = 0; i < count; i++) {
      sums[i] = new double[searches[i].wantsCurvature() ? k * k : 0];
    }
    for (int from = 0; from < n; from += BLOCK) {
      int rows = Math.min(BLOCK, n - from);
      logits(from, rows);
      kernels.sigmoid(z, 0, rows * MODELS);
      for (int j = 0; j < rows; j++) {
        for (int i = 0; i < MODELS; i++) {
          float s = z[j * MODELS + i];
          float y = targets[(from + j) * MODELS + i];
          curvatures[i * BLOCK + j] = Float.isNaN(y) ? 0f : s * (1 - s);
        }
      }
      for (int i = 0; i < count; i++) {
        if (searches[i].wantsCurvature()) {
          addCurvature(i, from, rows, sums[i]);
        }
      }
    }
    for (int i = 0; i < count; i++) {
      if (searches[i].wantsCurvature()) {
        searches[i].take(sums[i]);
      }
    }
  }

  private void addCurvature(int model, int from, int rows, double[] sums) {
    float[] u = inputs.sharedArray();
    kernels.scaleRows(rows, k, curvatures, model * BLOCK, u, from * k, k, scaled, padded);
    Arrays.fill(product, 0);
    // The lower triangle: columns from `first` on need the rows from `first` on.
    for (int first = 0; first < k; first += PANEL) {
      int columns = Math.min(PANEL, padded - first);
      int at = first * padded + first;
      kernels.multiplyAdd(
          k - first,
          columns,
          rows,
          u,
          from * k + first,
          1,
          k,
          scaled,
          first,
          padded,
          product,
          at,
          padded);
    }
    for (int c = 0; c < k; c++) {
      for (int l = 0; l <= c; l++) {
        sums[c * k + l] += product[c * padded + l];
      }
    }
  }

  /// The search for one model's minimum.
  private static final class Search {
    /*
     * λ² = gᵀ H⁻¹ g, λ the distance to the minimum in standard deviations of the posterior, shows
     * how far it is. Far from it, a step must lower the function, and is halved until it does.
     * After a shorter step, and where λ² falls by less than a factor of 4 in one, the Hessian is
     * computed again. The step from λ² ≤ 1e-10 is the last: it ends within some 1e-6 standard
     * deviations, about the rounding of a float. So is a step of Newton's method that comes no
     * nearer, since rounding is all that is left.
     */
    private static final double NEAR = 1e-2; // λ²
    private static final double REACHED = 1e-10;
    private static final double SLOW = 0.25;
    private static final double SUFFICIENT = 1e-4;
    private static final double LEAST_LENGTH = 1e-8;
    private static final int MAX_STEPS = 200;

    private final int k;
    private Gaussian prior = Gaussian.ofVariances(new double[0], new double[0]);
    private double[] base; // where it is
    private double[] point; // where it looks
    private double[] gradient; // at base
    private double[] direction;
    private double[] curvature = new double[0]; // of the answers, [k, k], lower triangle
    private Cholesky factor = Cholesky.of(0, new double[0], new Workers(1));
    private double value;
    private double decrement; // λ²
    private double length;
    private int steps;
    private boolean newton; // whether the Hessian is the one at base
    private boolean done;

    Search(int k) {
      this.k = k;
      this.base = new double[k];
      this.point = new double[k];
      this.gradient = new double[k];
      this.direction = new double[k];
    }

    void begin(Gaussian prior, double[] start) {
      this.prior = prior;
      point = start.clone();
      steps = 0;
      done = false;
      newton = true;
      if (curvature.length > 0) {
        factorize();
      }
    }

    boolean done() {
      return done;
    }

    double[] point() {
      return point;
    }

    boolean wantsCurvature() {
      return curvature.length == 0;
    }

    void forgetCurvature() {
      curvature = new double[0];
    }

    /// Takes the Hessian over the answers at the point.
    void take(double[] found) {
      curvature = found;
      newton = true;
      factorize();
      if (steps > 0 && !done) {
        head();
      }
    }

    private void factorize() {
      double[] hessian = prior.precision().clone();
      for (int i = 0; i < hessian.length; i++) {
        hessian[i] += curvature[i];
      }
      try (Workers workers = new Workers(1)) {
        factor = Cholesky.of(k, hessian, workers);
      }
    }

    double[] covariance() {
      return factor.inverse();
    }

    /// A step of Newton's method from the point, with the gradient over the answers there.
    void finish(double[] answersGradient) {
      double[] g = priorGradient();
      for (int i = 0; i < k; i++) {
        g[i] += answersGradient[i];
      }
      base = point;
      direction = factor.solve(g);
      point = along(1);
    }

    private double[] priorGradient() {
      double[] g = new double[k];
      double[] precision = prior.precision();
      for (int i = 0; i < k; i++) {
        for (int l = 0; l < k; l++) {
          g[i] += precision[i * k + l] * (point[l] - prior.mean()[l]);
        }
      }
      return g;
    }

    /// Takes value and gradient over the answers at the point, and says where to look next.
    void arrive(double answersValue, double[] answersGradient) {
      double[] g = priorGradient();
      double f = answersValue;
      for (int i = 0; i < k; i++) {
        f += 0.5 * g[i] * (point[i] - prior.mean()[i]);
        g[i] += answersGradient[i];
      }
      boolean first = steps++ == 0;
      boolean lower = first || f <= value - SUFFICIENT * length * decrement;
      if (!lower && decrement > NEAR && length > LEAST_LENGTH) {
        length /= 2;
        point = along(length);
        return;
      }
      double before = decrement;
      boolean shortened = !first && length < 1;
      base = point;
      value = f;
      gradient = g;
      head();
      boolean slow = !first && decrement > SLOW * before;
      if ((shortened || slow) && !done) {
        if (newton && before <= NEAR) {
          done = true;
        } else {
          point = base;
          forgetCurvature(); // comes back with take
        }
      }
      newton = first && newton;
    }

    /// Looks a full step from the base.
    private void head() {
      direction = factor.solve(gradient);
      decrement = DenseVectors.dot(direction, gradient);
      length = 1;
      point = along(1);
      done = decrement <= REACHED || steps >= MAX_STEPS;
    }

    private double[] along(double distance) {
      double[] result = base.clone();
      for (int i = 0; i < k; i++) {
        result[i] -= distance * direction[i];
      }
      return result;
    }
  }
}
