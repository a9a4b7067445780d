package org.embedllm.kernel;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.embedllm.factorization.SurfaceFamiliarity;
import org.embedllm.linalg.Shuffle;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Finds prototypes of the training texts' surfaces, and how near training texts lie to them.
final class SurfacePrototypes {
  private static final int PROTOTYPES = 128;
  private static final int ROUNDS = 6;
  private static final double USUAL_QUANTILE = 0.05;
  private static final double FAR_QUANTILE = 0.01;
  private static final double ROUNDING = 1e-4;

  private SurfacePrototypes() {}

  /// @param vectors of the training questions
  /// @param from first column of the surface
  /// @param columns of the surface
  static SurfaceFamiliarity of(
      FloatMatrix vectors, int from, int columns, long seed, Workers workers) {
    int n = vectors.rows();
    float[] surfaces = new float[Math.multiplyExact(n, columns)];
    for (int j = 0; j < n; j++) {
      double square = 0;
      for (int x = 0; x < columns; x++) {
        float value = vectors.get(j, from + x);
        square += (double) value * value;
      }
      for (int x = 0; x < columns && square > 0; x++) {
        surfaces[j * columns + x] = (float) (vectors.get(j, from + x) / Math.sqrt(square));
      }
    }
    FloatMatrix all = FloatMatrix.wrap(n, columns, surfaces);
    FloatMatrix seeds = all.selectRows(seeds(all, seed));
    FloatMatrix prototypes = QuestionClusters.of(all, seeds, ROUNDS, workers).centers();
    double[] near = new double[n];
    workers.run(n, j -> near[j] = SurfaceFamiliarity.nearness(prototypes, surfaces, j * columns));
    Arrays.sort(near);
    return new SurfaceFamiliarity(
        prototypes,
        near[(int) (USUAL_QUANTILE * (n - 1))] - ROUNDING,
        near[(int) (FAR_QUANTILE * (n - 1))] - 2 * ROUNDING);
  }

  /// Distinct surfaces, drawn at random.
  private static int[] seeds(FloatMatrix surfaces, long seed) {
    var random = new SplittableRandom(seed);
    Set<Integer> seen = new LinkedHashSet<>();
    int[] chosen = new int[Math.min(PROTOTYPES, surfaces.rows())];
    int count = 0;
    int[] order = new int[surfaces.rows()];
    Arrays.setAll(order, j -> j);
    for (int at = 0; at < order.length && count < chosen.length; at++) {
      Shuffle.next(order, at, random);
      if (seen.add(Arrays.hashCode(surfaces.row(order[at])))) {
        chosen[count++] = order[at];
      }
    }
    return Arrays.copyOf(chosen, count);
  }
}
