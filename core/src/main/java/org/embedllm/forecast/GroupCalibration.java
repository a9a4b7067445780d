package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;

/// Calibration on benchmarks that the training had no question of, beside what chance gives when
/// whole benchmarks are drawn.
///
/// Questions of a new benchmark are off together, so a dozen of them leave a forecaster that is
/// perfectly calibrated over all benchmarks far from its forecasts on these. The error by chance is
/// that of a wild cluster bootstrap (Cameron, Gelbach and Miller, 2008): the residuals of each
/// benchmark keep their size and get a random sign, the same for all of them.
///
/// @param groups new benchmarks among the questions
/// @param cells their observed cells
/// @param error expected calibration error over these cells, in the bins of [Calibration]
/// @param errorIfPerfect its mean over random signs
public record GroupCalibration(int groups, int cells, double error, double errorIfPerfect) {
  private static final int DRAWS = 1_000;
  private static final int FEWEST = 2;

  /// @param answers the observed answers, [m, n]
  /// @param probabilities the forecasts, [n, m]
  /// @param trained benchmarks that the training had questions of
  /// @return empty with fewer than two new benchmarks
  public static Optional<GroupCalibration> of(
      CorrectnessMatrix answers, FloatMatrix probabilities, Set<String> trained, long seed) {
    Map<String, Integer> groups = new HashMap<>();
    List<float[]> cells = new ArrayList<>(); // probability, residual, group
    for (int j = 0; j < answers.questionCount(); j++) {
      String benchmark = answers.questions().get(j).benchmark();
      if (!trained.contains(benchmark)) {
        int group = groups.computeIfAbsent(benchmark, b -> groups.size());
        for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
          float p = probabilities.get(j, answers.cellModel(c));
          cells.add(new float[] {p, answers.cellScore(c) - p, group});
        }
      }
    }
    if (groups.size() < FEWEST || cells.isEmpty()) {
      return Optional.empty();
    }
    cells.sort((a, b) -> Float.compare(a[0], b[0]));
    int n = cells.size();
    double[][] sums = new double[Calibration.BINS][groups.size()]; // residuals
    int at = 0;
    for (int b = 0; b < Calibration.BINS; b++) {
      int to = at + n / Calibration.BINS + (b < n % Calibration.BINS ? 1 : 0);
      for (; at < to; at++) {
        sums[b][(int) cells.get(at)[2]] += cells.get(at)[1] / n;
      }
    }
    double[] plus = new double[groups.size()];
    java.util.Arrays.fill(plus, 1);
    var random = new SplittableRandom(seed);
    double chance = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      double[] signs = random.doubles(groups.size()).map(u -> u < 0.5 ? -1 : 1).toArray();
      chance += error(sums, signs) / DRAWS;
    }
    return Optional.of(new GroupCalibration(groups.size(), n, error(sums, plus), chance));
  }

  private static double error(double[][] sums, double[] signs) {
    double error = 0;
    for (double[] bin : sums) {
      double sum = 0;
      for (int g = 0; g < signs.length; g++) {
        sum += bin[g] * signs[g];
      }
      error += Math.abs(sum);
    }
    return error;
  }
}
