package org.embedllm.neighbors;

import java.util.Arrays;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.tensor.FloatMatrix;

/// Counts the votes of the nearest training questions on each model.
public final class VoteCount {
  private VoteCount() {}

  /// The votes of the first k neighbors.
  ///
  /// @param found neighbors of n questions, at least k of each unless there are no more
  /// @param train answers to the training questions the neighbors are rows of
  public static NeighborVotes of(Neighborhoods found, int k, CorrectnessMatrix train) {
    int m = train.modelCount();
    int voters = Math.min(k, found.k());
    float[] shares = new float[Math.multiplyExact(found.count(), m)];
    int[] right = new int[m];
    int[] votes = new int[m];
    for (int j = 0; j < found.count(); j++) {
      Arrays.fill(right, 0);
      Arrays.fill(votes, 0);
      for (int rank = 0; rank < voters; rank++) {
        int question = found.question(j, rank);
        for (int c = train.firstCell(question); c < train.firstCell(question + 1); c++) {
          votes[train.cellModel(c)]++;
          right[train.cellModel(c)] += CorrectnessMatrix.isCorrect(train.cellScore(c)) ? 1 : 0;
        }
      }
      for (int i = 0; i < m; i++) {
        shares[j * m + i] = votes[i] == 0 ? Float.NaN : (float) right[i] / votes[i];
      }
    }
    return new NeighborVotes(k, FloatMatrix.wrap(found.count(), m, shares));
  }
}
