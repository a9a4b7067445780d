package org.embedllm.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.forecast.RandomAnswers;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class VoteCountTest {
  private static final EncoderIdentity ENCODER = new EncoderIdentity("tiny", "00", 4, 0);

  private static QuestionVectors vectors(CorrectnessMatrix matrix, long seed) {
    Random random = new Random(seed);
    float[] values = new float[matrix.questionCount() * 4];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return new QuestionVectors(
        matrix.questions().stream().map(Question::id).toList(),
        FloatMatrix.wrap(matrix.questionCount(), 4, values),
        ENCODER);
  }

  private static double distance(QuestionVectors a, int row, QuestionVectors b, int other) {
    double sum = 0;
    for (int k = 0; k < 4; k++) {
      double difference = (double) a.vectors().get(row, k) - b.vectors().get(other, k);
      sum += difference * difference;
    }
    return sum;
  }

  /// Share of right answers among the k nearest, one model and one question at a time.
  private static float share(CorrectnessMatrix train, List<Integer> nearest, int k, int model) {
    List<Float> votes = new ArrayList<>();
    for (int question : nearest.subList(0, Math.min(k, nearest.size()))) {
      if (!Float.isNaN(train.score(model, question))) {
        votes.add(train.score(model, question) >= 0.5f ? 1f : 0f);
      }
    }
    return votes.isEmpty()
        ? Float.NaN
        : (float) (votes.stream().mapToDouble(v -> v).sum() / votes.size());
  }

  @Test
  void votes_ofTheNearest_agreeWithCountingOneByOne() {
    CorrectnessMatrix train = RandomAnswers.answers(40, 3, 0.5, 1);
    CorrectnessMatrix test = RandomAnswers.answers(15, 3, 0, 2);
    QuestionVectors trainVectors = vectors(train, 3);
    QuestionVectors testVectors = vectors(test, 4);
    for (int k : new int[] {1, 2, 7, 100}) {
      NeighborVotes votes =
          VoteCount.of(
              new NeighborSearch(trainVectors.vectors(), 1).nearest(testVectors.vectors(), k),
              k,
              train);
      for (int j = 0; j < 15; j++) {
        int question = j;
        List<Integer> nearest =
            IntStream.range(0, 40)
                .boxed()
                .sorted(
                    Comparator.comparingDouble(
                        t -> distance(testVectors, question, trainVectors, t)))
                .toList();
        for (int i = 0; i < 3; i++) {
          assertThat(Float.compare(votes.shares().get(j, i), share(train, nearest, k, i))).isZero();
        }
      }
    }
  }

  @Test
  void choice_ofK_isTheBestOnValidation() {
    CorrectnessMatrix train = RandomAnswers.answers(40, 3, 0.2, 1);
    CorrectnessMatrix validation = RandomAnswers.answers(20, 3, 0.2, 2);
    QuestionVectors trainVectors = vectors(train, 3);
    QuestionVectors validationVectors = vectors(validation, 4);
    NeighborCountChoice choice =
        NeighborCountChoice.choose(
            train, trainVectors, validation, validationVectors, List.of(1, 5, 9, 500), 1);
    assertThat(choice.accuracies().keySet()).containsExactly(1, 5, 9);
    AnswerCounts counts = AnswerCounts.of(train);
    choice
        .accuracies()
        .forEach((k, accuracy) -> {
          NeighborVotes votes =
              VoteCount.of(
                  new NeighborSearch(trainVectors.vectors(), 1)
                      .nearest(validationVectors.vectors(), k),
                  k,
                  train);
          int hits = 0;
          for (int j = 0; j < 20; j++) {
            for (int i = 0; i < 3; i++) {
              float score = validation.score(i, j);
              hits += !Float.isNaN(score) && votes.right(j, i, counts) == score >= 0.5f ? 1 : 0;
            }
          }
          assertThat(accuracy).isEqualTo((double) hits / validation.cellCount());
        });
    double best = choice.accuracies().values().stream().mapToDouble(a -> a).max().orElseThrow();
    assertThat(choice.accuracies()).containsEntry(choice.k(), best);
  }
}
