package org.embedllm.votes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;

/// Votes as a matrix: the score of a model on a question is the share of its votes there that it
/// won, where a tie is half a win. Stateless.
public final class VoteShares {
  private VoteShares() {}

  /// Whether data have votes and no score at all.
  public static boolean only(EvaluationData data) {
    return data.matrix().cellCount() == 0 && !data.votes().isEmpty();
  }

  /// The same votes with their shares as scores. Questions of one text and benchmark in one part of
  /// the split become one question, the first of them.
  public static EvaluationData of(EvaluationData data) {
    record Key(String text, String benchmark, SplitPart part) {}
    List<Question> all = data.matrix().questions();
    Map<Key, Integer> rows = new LinkedHashMap<>();
    List<Question> questions = new ArrayList<>();
    List<SplitPart> parts = new ArrayList<>();
    int[] row = new int[all.size()];
    for (int j = 0; j < row.length; j++) {
      Question question = all.get(j);
      String text = question.text().isEmpty() ? question.id() : question.text();
      Integer known =
          rows.putIfAbsent(
              new Key(text, question.benchmark(), data.split().part(j)), questions.size());
      if (known == null) {
        questions.add(question);
        parts.add(data.split().part(j));
      }
      row[j] = known == null ? questions.size() - 1 : known;
    }
    List<Vote> votes =
        data.votes().stream()
            .map(v -> new Vote(row[v.question()], v.modelA(), v.modelB(), v.winner(), v.judges()))
            .toList();
    return EvaluationData.of(
        CorrectnessMatrix.ofDense(
            data.matrix().models(),
            questions,
            shares(votes, questions.size(), data.matrix().modelCount())),
        QuestionSplit.of(parts),
        data.callCosts(),
        org.embedllm.correctness.CellMeasures.NONE,
        votes);
  }

  private static float[][] shares(List<Vote> votes, int questions, int models) {
    float[][] points = new float[questions][models];
    int[][] counts = new int[questions][models];
    for (Vote vote : votes) {
      double first = VoteLikelihood.points(vote.winner());
      points[vote.question()][vote.modelA()] += (float) first;
      points[vote.question()][vote.modelB()] += (float) (1 - first);
      counts[vote.question()][vote.modelA()]++;
      counts[vote.question()][vote.modelB()]++;
    }
    for (int j = 0; j < questions; j++) {
      for (int i = 0; i < models; i++) {
        points[j][i] = counts[j][i] == 0 ? Float.NaN : points[j][i] / counts[j][i];
      }
    }
    return points;
  }

  /// The votes on some of the questions, which get the numbers of these.
  ///
  /// @param asked questions, found by their ids
  public static List<Vote> on(EvaluationData data, List<Question> asked) {
    Map<String, Integer> numbers = HashMap.newHashMap(asked.size());
    for (int j = 0; j < asked.size(); j++) {
      numbers.put(asked.get(j).id(), j);
    }
    int[] number =
        Arrays.stream(data.matrix().questions().toArray(Question[]::new))
            .mapToInt(q -> numbers.getOrDefault(q.id(), -1))
            .toArray();
    return data.votes().stream()
        .filter(v -> number[v.question()] >= 0)
        .map(v -> new Vote(number[v.question()], v.modelA(), v.modelB(), v.winner(), v.judges()))
        .toList();
  }
}
