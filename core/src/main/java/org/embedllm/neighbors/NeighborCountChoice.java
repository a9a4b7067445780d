package org.embedllm.neighbors;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.question.QuestionVectors;

/// The number of neighbors chosen on validation questions.
///
/// @param k the chosen one: the highest accuracy, of equal ones the largest k
/// @param accuracies validation accuracy by k
public record NeighborCountChoice(int k, Map<Integer, Double> accuracies) {
  /// The default candidates, with the paper's own 131.
  public static final List<Integer> CANDIDATES =
      List.of(1, 3, 5, 9, 15, 21, 31, 51, 71, 101, 131, 171, 211, 301);

  public NeighborCountChoice {
    accuracies = Collections.unmodifiableMap(new TreeMap<>(accuracies));
  }

  /// Tries every candidate that does not exceed the number of training questions.
  ///
  /// @param train answers to the training questions
  /// @param trainVectors their vectors, in their order
  /// @param validation answers of the same models, in the same order, to choose on; at least one
  /// @param validationVectors vectors of the validation questions, in their order
  /// @param candidates values of k, at least one
  /// @param threads that share the one search
  public static NeighborCountChoice choose(
      CorrectnessMatrix train,
      QuestionVectors trainVectors,
      CorrectnessMatrix validation,
      QuestionVectors validationVectors,
      List<Integer> candidates,
      int threads) {
    AnswerCounts counts = AnswerCounts.of(train);
    int largest = Math.min(Collections.max(candidates), train.questionCount());
    Neighborhoods found =
        new NeighborSearch(trainVectors.vectors(), threads)
            .nearest(validationVectors.vectors(), largest);
    Map<Integer, Double> accuracies = new TreeMap<>();
    for (int k : candidates) {
      if (k <= largest || accuracies.isEmpty()) {
        accuracies.put(k, accuracy(VoteCount.of(found, k, train), validation, counts));
      }
    }
    int chosen = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (var entry : accuracies.entrySet()) {
      if (entry.getValue() >= highest) {
        chosen = entry.getKey();
        highest = entry.getValue();
      }
    }
    return new NeighborCountChoice(chosen, accuracies);
  }

  private static double accuracy(
      NeighborVotes votes, CorrectnessMatrix validation, AnswerCounts training) {
    int hits = 0;
    for (int j = 0; j < validation.questionCount(); j++) {
      for (int c = validation.firstCell(j); c < validation.firstCell(j + 1); c++) {
        boolean right = votes.right(j, validation.cellModel(c), training);
        hits += right == CorrectnessMatrix.isCorrect(validation.cellScore(c)) ? 1 : 0;
      }
    }
    return (double) hits / validation.cellCount();
  }
}
