package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.AdamStep;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Mix;
import org.embedllm.linalg.Workers;

/// One step of training: loss and gradients of a block of questions, and Adam.
///
/// The mathematics is in [MatrixFactorizationTrainer]. A step runs in two rounds of tasks. In the
/// first a task owns some rows (questions) of the block: noise, projection, logits, loss, and the
/// gradient of the projected questions. In the second a task owns some columns of the model side
/// (P, C, b) or some rows of Wᵀ, and updates them.
final class BlockStep {
  private static final int TILE_ROWS = 8;
  private static final int MOST_TILES = 8; // in a task of the first round
  private static final int COLUMNS_PER_TASK = 96;
  private static final int FEATURES_PER_TASK = 64;

  private final TrainingState state;
  private final CorrectnessMatrix train;
  private final float[] features; // [n, r]
  private final TrainingOptions options;
  private final Kernels kernels;
  private final Workers workers;

  private final int m;
  private final int width; // d padded
  private final int r;
  private final int xRow; // distance between rows of x
  private final float[] x; // [B, xRow], noisy features
  private final float[] v; // [B, width], projected questions
  private final float[] dv; // [B, width]
  private final CellProducts cells;
  private final float[] dq; // [m, width]
  private final float[] dw; // [Wᵀ rows, width]
  private final float[] db; // [width]
  private final float[] dc; // [2, width]
  private final float[] w; // [width], C_1 − C_0

  BlockStep(
      TrainingState state,
      TrainingProblem problem,
      TrainingOptions options,
      int blockQuestions,
      Kernels kernels,
      Workers workers) {
    this.state = state;
    this.train = problem.train();
    this.features = problem.features().sharedArray();
    this.options = options;
    this.kernels = kernels;
    this.workers = workers;
    this.m = state.models;
    this.width = state.width;
    this.r = state.features;
    // One vector more: rows a multiple of 1 KB apart would share a few sets of the first cache.
    this.xRow = TrainingState.padded(r) + TrainingState.LANES;
    this.x = new float[Math.multiplyExact(blockQuestions, xRow)];
    this.v = new float[Math.multiplyExact(blockQuestions, width)];
    this.dv = new float[blockQuestions * width];
    this.cells =
        CellProducts.isSparse(train)
            ? new SparseProducts(problem, width, blockQuestions, kernels)
            : new DenseProducts(problem, width, blockQuestions, kernels);
    this.dq = new float[Math.multiplyExact(m, width)];
    this.dw = new float[Math.multiplyExact(r, width)];
    this.db = new float[width];
    this.dc = new float[2 * width];
    this.w = new float[width];
    weights(state.classifier.values, 0, width);
    cells.weigh(state.modelVectors.values, w, 0, width);
  }

  /// Updates the parameters by one step.
  ///
  /// @param order questions of the epoch
  /// @param from first of the block
  /// @param to end of the block
  /// @param noiseKey of the epoch
  /// @return sum of the loss over the block's cells, before the move
  double run(int[] order, int from, int to, long noiseKey) {
    int rows = to - from;
    int total = cellCount(order, from, to);
    if (total == 0) {
      return 0;
    }
    float scale = (float) (1.0 / total);
    cells.begin(order, from, rows);
    int rowsPerTask = rowsPerTask(rows);
    workers.run(
        Math.ceilDiv(rows, rowsPerTask),
        task -> {
          int first = task * rowsPerTask;
          forward(order, from, first, Math.min(rows, first + rowsPerTask), noiseKey, scale);
        });
    state.step++;
    AdamStep adam = AdamStep.of(state.step, options.learningRate(), options.weightDecay());
    int columnTasks = Math.ceilDiv(width, COLUMNS_PER_TASK);
    int featureTasks = Math.ceilDiv(r, FEATURES_PER_TASK);
    workers.run(
        columnTasks + featureTasks,
        task -> {
          if (task < columnTasks) {
            int first = task * COLUMNS_PER_TASK;
            moveModelSide(adam, rows, first, Math.min(width, first + COLUMNS_PER_TASK));
          } else {
            int first = (task - columnTasks) * FEATURES_PER_TASK;
            moveProjection(adam, rows, first, Math.min(r, first + FEATURES_PER_TASK));
          }
        });
    moveClassifierBias(adam);
    return cells.loss(rows);
  }

  /// Rows of a task: two tasks for each thread, in whole tiles, so that a panel of W is read from
  /// the second cache for as many rows as possible.
  private int rowsPerTask(int rows) {
    int tiles = Math.ceilDiv(rows, 2 * workers.threads() * TILE_ROWS);
    return TILE_ROWS * Math.clamp(tiles, 1, MOST_TILES);
  }

  private int cellCount(int[] order, int from, int to) {
    int total = 0;
    for (int at = from; at < to; at++) {
      total += train.cellCount(order[at]);
    }
    return total;
  }

  /// Rows `first` to `end` of the block: x, v = W x + b, and the gradient of the cells.
  private void forward(int[] order, int from, int first, int end, long noiseKey, float scale) {
    int count = end - first;
    for (int row = first; row < end; row++) {
      int question = order[from + row];
      if (options.noise() > 0) {
        float noise = (float) options.noise();
        long key = Mix.key(noiseKey, from + row);
        kernels.addNoise(features, question * r, x, row * xRow, r, noise, key);
      } else {
        System.arraycopy(features, question * r, x, row * xRow, r);
      }
      System.arraycopy(state.projectionBias.values, 0, v, row * width, width);
    }
    kernels.multiplyAdd(
        count,
        width,
        r,
        x,
        first * xRow,
        xRow,
        1,
        state.projection.values,
        0,
        width,
        v,
        first * width,
        width);
    Arrays.fill(dv, first * width, end * width, 0f);
    float bias = state.classifierBias.values[1] - state.classifierBias.values[0];
    cells.rows(first, end, v, dv, bias, scale);
  }

  /// Columns `first` to `end` of P, C and b.
  private void moveModelSide(AdamStep adam, int rows, int first, int end) {
    int columns = end - first;
    for (int i = 0; i < m; i++) {
      Arrays.fill(dq, i * width + first, i * width + end, 0f);
    }
    cells.modelGradient(v, dq, first, end);
    Arrays.fill(db, first, end, 0f);
    for (int row = 0; row < rows; row++) {
      kernels.addScaled(1f, dv, row * width + first, db, first, columns);
    }
    float[] p = state.modelVectors.values;
    float[] c = state.classifier.values;
    weights(c, first, end);
    Arrays.fill(dc, width + first, width + end, 0f);
    for (int i = 0; i < m; i++) {
      int at = i * width + first;
      kernels.addProducts(dq, at, p, at, dc, width + first, columns);
      kernels.multiply(dq, at, w, first, dq, at, columns);
    }
    for (int k = first; k < end; k++) {
      dc[k] = -dc[width + k];
    }
    for (int i = 0; i < m; i++) {
      move(adam, state.modelVectors, dq, i * width + first, columns);
    }
    move(adam, state.projectionBias, db, first, columns);
    move(adam, state.classifier, dc, first, columns);
    move(adam, state.classifier, dc, width + first, columns);
    weights(c, first, end);
    cells.weigh(p, w, first, end);
  }

  /// Columns `first` to `end` of w = C_1 − C_0.
  private void weights(float[] c, int first, int end) {
    for (int k = first; k < end; k++) {
      w[k] = c[width + k] - c[k];
    }
  }

  /// Rows `first` to `end` of Wᵀ.
  private void moveProjection(AdamStep adam, int rows, int first, int end) {
    Arrays.fill(dw, first * width, end * width, 0f);
    kernels.multiplyAdd(
        end - first, width, rows, x, first, 1, xRow, dv, 0, width, dw, first * width, width);
    move(adam, state.projection, dw, first * width, (end - first) * width);
  }

  private void moveClassifierBias(AdamStep adam) {
    double sum = cells.gradientSum();
    move(adam, state.classifierBias, new float[] {(float) -sum, (float) sum}, 0, 2);
  }

  private void move(
      AdamStep adam, TrainingState.Tensor tensor, float[] gradient, int from, int length) {
    kernels.adam(adam, tensor.values, gradient, tensor.first, tensor.second, from, length);
  }

  /// Gradient of the last step with respect to Wᵀ [r, width], b `[width]`, and C [2, width].
  float[] projectionGradient() {
    return dw;
  }

  float[] projectionBiasGradient() {
    return db;
  }

  float[] classifierGradient() {
    return dc;
  }

  /// Gradient of the last step with respect to P, [m, width].
  float[] modelVectorGradient() {
    return dq;
  }
}
