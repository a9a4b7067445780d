package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaveOneOutRidgeTest {
  private static final double JITTER = 1e-3;

  @ParameterizedTest
  @CsvSource({"60, 17, 1", "600, 128, 50"}) // with 128 landmarks rows are padded
  void leftOut_question_isWhatAFitWithoutItForecasts(int n, int landmarks, int step) {
    Problem problem = new Problem(n, landmarks, 5, true);
    double ridge = 2.5;
    RidgeFit fit = problem.fit(List.of(ridge));
    double[][] kernel = problem.centeredKernel();
    int r = kernel[0].length;
    for (int c = 0; c < fit.dimension(); c++) {
      double[] target = problem.centeredTarget(c);
      for (int j = 0; j < n; j += step) {
        DMatrixRMaj system = problem.landmarkSystem(ridge);
        DMatrixRMaj right = new DMatrixRMaj(r, 1);
        for (int other = 0; other < n; other++) {
          for (int i = 0; other != j && i < r; i++) {
            right.data[i] += kernel[other][i] * target[other];
            for (int l = 0; l < r; l++) {
              system.data[i * r + l] += kernel[other][i] * kernel[other][l];
            }
          }
        }
        DMatrixRMaj weights = new DMatrixRMaj(r, 1);
        assertThat(CommonOps_DDRM.solve(system, right, weights)).isTrue();
        double forecast = problem.components.score(j, c) - target[j];
        for (int i = 0; i < r; i++) {
          forecast += kernel[j][i] * weights.data[i];
        }
        assertThat(fit.leftOut(j, c)).isCloseTo(forecast, within(1e-4));
      }
    }
  }

  @Test
  void leftOut_textThatTellsNothing_doesNotTellTheAnswersBackwards() {
    double correlation = 0;
    for (int seed = 0; seed < 20; seed++) {
      Problem problem = new Problem(40, 40, seed, false);
      RidgeFit fit = problem.fit(KernelOptions.DEFAULT.ridges());
      double product = 0;
      double forecasts = 0;
      double targets = 0;
      for (int j = 0; j < 40; j++) {
        double forecast = fit.leftOut(j, 0);
        double target = problem.components.score(j, 0);
        product += forecast * target;
        forecasts += forecast * forecast;
        targets += target * target;
      }
      correlation += product / Math.sqrt(forecasts * targets) / 20;
    }
    assertThat(correlation).isBetween(-0.3, 0.3);
  }

  @Test
  void tells_targetsThatTextTells_isTrueOfThemAlone() {
    RidgeFit fit = new Problem(300, 60, 5, true).fit(KernelOptions.DEFAULT.ridges());
    assertThat(fit.tells(0)).isTrue();
    for (int k = 0; k < fit.dimension(); k++) {
      assertThat(fit.tells(k)).isEqualTo(fit.explained(k) > 4.0 / 300);
    }
  }

  @Test
  void tells_textThatTellsNothing_isHardlyEverTrue() {
    int told = 0;
    for (int seed = 0; seed < 20; seed++) {
      RidgeFit fit = new Problem(200, 60, seed, false).fit(KernelOptions.DEFAULT.ridges());
      told += (int) IntStream.range(0, fit.dimension()).filter(fit::tells).count();
    }
    assertThat(told).isLessThan(6); // of 60, where chance lets one in fifty pass
  }

  @Test
  void ridges_severalToChooseFrom_theSmallestErrorIsTaken() {
    Problem problem = new Problem(80, 30, 3, true);
    List<Double> ridges = List.of(0.5, 3.0, 20.0);
    RidgeFit chosen = problem.fit(ridges);
    for (int c = 0; c < chosen.dimension(); c++) {
      double least = Double.POSITIVE_INFINITY;
      for (double ridge : ridges) {
        least = Math.min(least, problem.fit(List.of(ridge)).error(c));
      }
      assertThat(chosen.error(c)).isEqualTo(least);
    }
  }

  /// Questions with vectors on a sphere, and the answers of four models.
  private static final class Problem {
    final int n;
    final KernelMatrix kernel; // [n, r]
    final FloatMatrix landmarkKernel; // [r, r]
    final AnswerComponents components;

    /// @param told whether the answers follow from the vectors
    Problem(int n, int r, long seed, boolean told) {
      this.n = n;
      var random = new SplittableRandom(seed);
      int q = 6;
      double[][] x = new double[n][q];
      for (double[] row : x) {
        double square = 0;
        for (int k = 0; k < q; k++) {
          row[k] = random.nextGaussian();
          square += row[k] * row[k];
        }
        for (int k = 0; k < q; k++) {
          row[k] /= Math.sqrt(square);
        }
      }
      kernel = kernel(x, n, r);
      float[] amongLandmarks = new float[r * r];
      for (int i = 0; i < r; i++) {
        System.arraycopy(kernel.row(i), 0, amongLandmarks, i * r, r);
      }
      landmarkKernel = FloatMatrix.wrap(r, r, amongLandmarks);
      List<Question> questions = new ArrayList<>();
      float[][] scores = new float[n][4];
      for (int j = 0; j < n; j++) {
        questions.add(new Question("q" + j, "", "b"));
        double hardness = random.nextGaussian();
        for (int i = 0; i < 4; i++) {
          double logit = told ? 3 * x[j][0] + 2 * x[j][i + 1] : 1.5 * hardness;
          scores[j][i] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
        }
      }
      components = AnswerComponents.of(matrix(questions, scores), 3, new Workers(1));
    }

    private static CorrectnessMatrix matrix(List<Question> questions, float[][] scores) {
      int n = questions.size();
      int[] models = new int[4 * n];
      float[] cells = new float[4 * n];
      for (int c = 0; c < cells.length; c++) {
        models[c] = c % 4;
        cells[c] = scores[c / 4][c % 4];
      }
      int[] offsets = IntStream.rangeClosed(0, n).map(j -> 4 * j).toArray();
      return CorrectnessMatrix.ofCells(
          List.of("a", "b", "c", "d"), questions, offsets, models, cells);
    }

    private static KernelMatrix kernel(double[][] x, int n, int r) {
      KernelMatrix kernel = KernelMatrix.zeros(n, r);
      float[] values = kernel.sharedArray();
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < r; i++) {
          double cosine = 0;
          for (int k = 0; k < x[j].length; k++) {
            cosine += x[j][k] * x[i][k];
          }
          values[j * kernel.stride() + i] = (float) Math.exp(2.7 * (cosine - 1));
        }
      }
      return kernel;
    }

    RidgeFit fit(List<Double> ridges) {
      try (Workers workers = new Workers(2)) {
        return new LeaveOneOutRidge(kernel, landmarkKernel, JITTER, Kernels.best(), workers)
            .fit(components, components.count(), ridges);
      }
    }

    double[][] centeredKernel() {
      double[][] result = new double[n][kernel.columns()];
      for (int i = 0; i < kernel.columns(); i++) {
        double mean = 0;
        for (int j = 0; j < n; j++) {
          mean += kernel.get(j, i) / (double) n;
        }
        for (int j = 0; j < n; j++) {
          result[j][i] = kernel.get(j, i) - mean;
        }
      }
      return result;
    }

    DMatrixRMaj landmarkSystem(double ridge) {
      int r = landmarkKernel.rows();
      DMatrixRMaj result = new DMatrixRMaj(r, r);
      for (int i = 0; i < r; i++) {
        for (int l = 0; l < r; l++) {
          result.set(i, l, ridge * (landmarkKernel.get(i, l) + (i == l ? JITTER : 0)));
        }
      }
      return result;
    }

    double[] centeredTarget(int component) {
      double mean = 0;
      for (int j = 0; j < n; j++) {
        mean += components.score(j, component) / n;
      }
      double[] result = new double[n];
      for (int j = 0; j < n; j++) {
        result[j] = components.score(j, component) - mean;
      }
      return result;
    }
  }
}
