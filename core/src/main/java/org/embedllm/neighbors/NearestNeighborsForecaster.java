package org.embedllm.neighbors;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// The nearest-neighbor baseline of Zhuang et al. (2025), §5.1: the k training questions nearest by
/// L2 vote on each model, each with the answers that were observed.
///
/// One search serves all models. A model's probability is its share of right votes, where a tie or
/// no vote at all goes to its training majority and equal shares are ordered by training accuracy:
/// both come from counting the training accuracy as a further vote of weight `1 / (4 k)`, too
/// little to change any other comparison. A model without any training answer counts as right half
/// the time.
public final class NearestNeighborsForecaster implements CorrectnessForecaster {
  /// k of the paper.
  public static final int PUBLISHED_K = 131;

  private final CorrectnessMatrix train;
  private final EncoderIdentity encoder;
  private final NeighborSearch search;
  private final int k;
  private final double[] accuracies; // [m]

  /// @param train answers to the training questions
  /// @param vectors their vectors, in the order of the questions
  /// @param k how many neighbors vote, at least 1
  /// @param threads that share a search
  /// @throws IllegalArgumentException when the vectors are not those of the questions
  public NearestNeighborsForecaster(
      CorrectnessMatrix train, QuestionVectors vectors, int k, int threads) {
    this(train, vectors.encoder(), new NeighborSearch(vectors.vectors(), threads), k);
    for (int j = 0; j < train.questionCount(); j++) {
      if (vectors.count() != train.questionCount()
          || !train.questions().get(j).id().equals(vectors.ids().get(j))) {
        throw new IllegalArgumentException(
            "the vectors are not those of the training questions, in their order");
      }
    }
  }

  private NearestNeighborsForecaster(
      CorrectnessMatrix train, EncoderIdentity encoder, NeighborSearch search, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1; got " + k);
    }
    this.train = train;
    this.encoder = encoder;
    this.search = search;
    this.k = k;
    this.accuracies = accuracies(train);
  }

  /// The same with another number of neighbors.
  public NearestNeighborsForecaster withK(int value) {
    return new NearestNeighborsForecaster(train, encoder, search, value);
  }

  /// How many neighbors vote.
  public int k() {
    return k;
  }

  @Override
  public List<String> models() {
    return train.models();
  }

  @Override
  public EncoderIdentity encoder() {
    return encoder;
  }

  /// The training questions, in the order that [Neighborhoods#question] counts in.
  public CorrectnessMatrix train() {
    return train;
  }

  /// The nearest training questions of every row.
  ///
  /// @param vectors [n, q]
  /// @param count how many for each
  public Neighborhoods nearest(FloatMatrix vectors, int count) {
    return search.nearest(vectors, count);
  }

  @Override
  public FloatMatrix forecast(FloatMatrix vectors) {
    return forecast(nearest(vectors, k));
  }

  /// Forecasts from the first k of neighbors that were found before.
  ///
  /// @return [n, m]
  public FloatMatrix forecast(Neighborhoods found) {
    int m = train.modelCount();
    int voters = Math.min(k, found.k());
    float[] probabilities = new float[Math.multiplyExact(found.count(), m)];
    int[] votes = new int[m];
    int[] right = new int[m];
    double weight = 1 / (4.0 * k);
    for (int row = 0; row < found.count(); row++) {
      java.util.Arrays.fill(votes, 0);
      java.util.Arrays.fill(right, 0);
      for (int rank = 0; rank < voters; rank++) {
        int question = found.question(row, rank);
        for (int c = train.firstCell(question); c < train.firstCell(question + 1); c++) {
          votes[train.cellModel(c)]++;
          right[train.cellModel(c)] += CorrectnessMatrix.isCorrect(train.cellScore(c)) ? 1 : 0;
        }
      }
      for (int i = 0; i < m; i++) {
        probabilities[row * m + i] =
            (float) ((right[i] + weight * accuracies[i]) / (votes[i] + weight));
      }
    }
    return FloatMatrix.wrap(found.count(), m, probabilities);
  }

  @Override
  public Forecast forecast(float[] vector) {
    FloatMatrix row = forecast(FloatMatrix.copyOf(1, vector.length, vector));
    List<Forecast.ModelForecast> forecasts = new ArrayList<>(row.columns());
    for (int i = 0; i < row.columns(); i++) {
      double p = row.get(0, i);
      forecasts.add(new Forecast.ModelForecast(models().get(i), p, Double.NaN, Double.NaN));
    }
    return new Forecast(forecasts, false);
  }

  private static double[] accuracies(CorrectnessMatrix train) {
    int[] right = new int[train.modelCount()];
    int[] cells = new int[train.modelCount()];
    for (int c = 0; c < train.cellCount(); c++) {
      cells[train.cellModel(c)]++;
      right[train.cellModel(c)] += CorrectnessMatrix.isCorrect(train.cellScore(c)) ? 1 : 0;
    }
    double[] accuracies = new double[right.length];
    for (int i = 0; i < right.length; i++) {
      accuracies[i] = cells[i] == 0 ? 0.5 : right[i] / (double) cells[i];
    }
    return accuracies;
  }
}
