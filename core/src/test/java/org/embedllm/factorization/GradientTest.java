package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

/// Gradients of a step against finite differences of the loss in double precision, with missing
/// cells and scores between 0 and 1.
class GradientTest {
  private static final int M = 5;
  private static final int N = 37;
  private static final int Q = 11;
  private static final int D = 6;

  private final SplittableRandom random = new SplittableRandom(21);
  private final FloatMatrix features = gaussian(N, Q);
  private final MatrixFactorization start =
      Fixtures.model(
          gaussian(M, D), gaussian(D, Q), gaussian(1, D), gaussian(2, D), gaussian(1, 2));
  private TrainingProblem problem = problem(0.7);

  @Test
  void gradients_fewCells_equalFiniteDifferences() {
    problem = problem(0.1);
    assertThat(CellProducts.isSparse(problem.train())).isTrue();
    requireGradients();
  }

  @Test
  void gradients_mostCells_equalFiniteDifferences() {
    assertThat(CellProducts.isSparse(problem.train())).isFalse();
    requireGradients();
  }

  private void requireGradients() {
    for (Kernels kernels : new Kernels[] {Kernels.best(), Kernels.plain()}) {
      TrainingState state = TrainingState.of(start);
      TrainingOptions options =
          TrainingOptions.DEFAULT.withDimension(D).withNoise(0).withWeightDecay(0).withThreads(2);
      try (Workers workers = new Workers(2)) {
        BlockStep block = new BlockStep(state, problem, options, N, kernels, workers);
        double loss = block.run(IntStream.range(0, N).toArray(), 0, N, 0);
        assertThat(loss / problem.train().cellCount()).isCloseTo(loss(Change.NONE), within(1e-6));
        requireGradients(block, state.width);
      }
    }
  }

  private void requireGradients(BlockStep block, int width) {
    for (int k = 0; k < D; k++) {
      for (int i = 0; i < M; i++) {
        requireClose(block.modelVectorGradient()[i * width + k], 'P', i, k);
      }
      for (int l = 0; l < Q; l++) {
        requireClose(block.projectionGradient()[l * width + k], 'W', k, l);
      }
      requireClose(block.projectionBiasGradient()[k], 'b', 0, k);
      requireClose(block.classifierGradient()[k], 'C', 0, k);
      requireClose(block.classifierGradient()[width + k], 'C', 1, k);
    }
  }

  private void requireClose(float actual, char parameter, int row, int column) {
    double h = 1e-5;
    double up = loss(new Change(parameter, row, column, h));
    double down = loss(new Change(parameter, row, column, -h));
    assertThat((double) actual)
        .as("%s[%d, %d]", parameter, row, column)
        .isCloseTo((up - down) / (2 * h), within(2e-6));
  }

  private record Change(char parameter, int row, int column, double by) {
    static final Change NONE = new Change(' ', 0, 0, 0);

    double of(char name, FloatMatrix matrix, int i, int k) {
      return matrix.get(i, k) + (name == parameter && i == row && k == column ? by : 0);
    }
  }

  /// Equation 1, as it is written in the paper: cross-entropy over two logits.
  private double loss(Change change) {
    double loss = 0;
    for (int j = 0; j < N; j++) {
      double[] v = new double[D];
      for (int k = 0; k < D; k++) {
        v[k] = change.of('b', start.projectionBias(), 0, k);
        for (int l = 0; l < Q; l++) {
          v[k] += change.of('W', start.projection(), k, l) * features.get(j, l);
        }
      }
      for (int c = problem.train().firstCell(j); c < problem.train().firstCell(j + 1); c++) {
        int i = problem.train().cellModel(c);
        double[] logits = new double[2];
        for (int row = 0; row < 2; row++) {
          logits[row] = start.classifierBias().get(0, row);
          for (int k = 0; k < D; k++) {
            logits[row] +=
                change.of('C', start.classifier(), row, k)
                    * change.of('P', start.modelVectors(), i, k)
                    * v[k];
          }
        }
        double normalizer = Math.log(Math.exp(logits[0]) + Math.exp(logits[1]));
        double y = problem.train().cellScore(c);
        loss -= y * (logits[1] - normalizer) + (1 - y) * (logits[0] - normalizer);
      }
    }
    return loss / problem.train().cellCount();
  }

  private TrainingProblem problem(double observed) {
    CorrectnessMatrix planted = new PlantedProblem(M, N, Q, observed, 8).train().train();
    float[] scores = new float[planted.cellCount()];
    int[] offsets = new int[N + 1];
    int[] models = new int[scores.length];
    for (int c = 0; c < scores.length; c++) {
      scores[c] = (float) random.nextDouble();
      models[c] = planted.cellModel(c);
    }
    for (int j = 0; j <= N; j++) {
      offsets[j] = planted.firstCell(j);
    }
    return Fixtures.problem(
        CorrectnessMatrix.ofCells(planted.models(), planted.questions(), offsets, models, scores),
        features);
  }

  private FloatMatrix gaussian(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian() * 0.5f;
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
