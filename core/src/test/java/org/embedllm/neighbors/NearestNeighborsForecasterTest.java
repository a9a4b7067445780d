package org.embedllm.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class NearestNeighborsForecasterTest {
  private static final float NONE = Float.NaN;

  @Test
  void nearest_oddSizes_equalsBruteForce() {
    FloatMatrix training = random(1_037, 19, 1);
    FloatMatrix queries = random(131, 19, 2);
    Neighborhoods found = new NeighborSearch(training, 3).nearest(queries, 17);
    for (int row = 0; row < queries.rows(); row++) {
      int query = row;
      int[] expected =
          IntStream.range(0, training.rows())
              .boxed()
              .sorted(Comparator.comparingDouble(t -> distance(training, t, queries, query)))
              .mapToInt(Integer::intValue)
              .limit(17)
              .toArray();
      for (int rank = 0; rank < 17; rank++) {
        assertThat(found.question(row, rank)).isEqualTo(expected[rank]);
        assertThat((double) found.distance(row, rank))
            .isCloseTo(distance(training, expected[rank], queries, row), within(1e-5));
      }
    }
  }

  @Test
  void nearest_oneQueryOrMany_isTheSame() {
    FloatMatrix training = random(600, 24, 3);
    FloatMatrix queries = random(70, 24, 4);
    NeighborSearch search = new NeighborSearch(training, 2);
    Neighborhoods many = search.nearest(queries, 9);
    for (int row = 0; row < queries.rows(); row++) {
      Neighborhoods one = search.nearest(queries.selectRows(new int[] {row}), 9);
      for (int rank = 0; rank < 9; rank++) {
        assertThat(one.question(0, rank)).isEqualTo(many.question(row, rank));
        assertThat(one.distance(0, rank)).isEqualTo(many.distance(row, rank));
      }
    }
  }

  @Test
  void nearest_equalDistances_areOrderedByRow() {
    FloatMatrix training = FloatMatrix.wrap(4, 1, new float[] {1, -1, 1, 0});
    FloatMatrix query = FloatMatrix.wrap(1, 1, new float[] {0});
    Neighborhoods found = new NeighborSearch(training, 1).nearest(query, 10);
    assertThat(IntStream.range(0, found.k()).map(rank -> found.question(0, rank)))
        .containsExactly(3, 0, 1, 2);
  }

  @Test
  void forecast_missingAnswers_voteNeitherWay() {
    var forecaster =
        line(
            3,
            new float[][] {{1, 0, NONE}, {1, NONE, NONE}, {0, NONE, NONE}, {0, 1, 0}, {0, 1, 0}});
    FloatMatrix p = forecaster.forecast(FloatMatrix.wrap(1, 1, new float[] {1}));
    assertThat((double) p.get(0, 0)).isCloseTo(2 / 3.0, within(0.03));
    assertThat((double) p.get(0, 1)).as("one vote, against").isLessThan(0.1);
    assertThat((double) p.get(0, 2)).as("no vote: its training accuracy").isEqualTo(0);
  }

  @Test
  void forecast_tie_goesToTheTrainingMajority() {
    var forecaster = line(2, new float[][] {{1, 1}, {0, 0}, {1, 0}, {1, 0}, {1, 0}});
    FloatMatrix p = forecaster.forecast(FloatMatrix.wrap(1, 1, new float[] {0.5f}));
    assertThat(p.get(0, 0)).isGreaterThan(0.5f).isCloseTo(0.5f, within(0.02f));
    assertThat(p.get(0, 1)).isLessThan(0.5f).isCloseTo(0.5f, within(0.02f));
  }

  @Test
  void forecast_equalShares_areOrderedByTrainingAccuracy() {
    var forecaster = line(2, new float[][] {{1, 1}, {1, 1}, {1, 0}, {0, 0}});
    FloatMatrix p = forecaster.forecast(FloatMatrix.wrap(1, 1, new float[] {0.5f}));
    assertThat(p.get(0, 0)).isGreaterThan(p.get(0, 1));
  }

  /// Questions at 0, 1, 2, ... on a line.
  private static NearestNeighborsForecaster line(int k, float[][] scores) {
    List<Question> questions =
        IntStream.range(0, scores.length)
            .mapToObj(j -> new Question("q" + j, "text", Question.NO_BENCHMARK))
            .toList();
    List<String> models = IntStream.range(0, scores[0].length).mapToObj(i -> "m" + i).toList();
    float[] positions = new float[scores.length];
    for (int j = 0; j < positions.length; j++) {
      positions[j] = j;
    }
    return new NearestNeighborsForecaster(
        CorrectnessMatrix.ofDense(models, questions, scores),
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            FloatMatrix.wrap(scores.length, 1, positions),
            new EncoderIdentity("line", "0", 1, 0)),
        k,
        1);
  }

  private static FloatMatrix random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[rows * columns];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return FloatMatrix.wrap(rows, columns, values);
  }

  private static double distance(FloatMatrix a, int i, FloatMatrix b, int j) {
    double sum = 0;
    for (int k = 0; k < a.columns(); k++) {
      double difference = a.get(i, k) - b.get(j, k);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
