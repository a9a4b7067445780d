package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.report.Families;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SharedAnswers;

/// Some models side by side.
///
/// @param models the selection, in the order asked for
/// @param benchmarks in the order of the overview
/// @param distances [s, s] of the selected models, in the order of `models`
/// @param agreement [s, s] share of the common training questions answered alike; NaN without any
/// @param paired difference of each pair; empty where the training questions are not kept
/// @param differ training questions on which they differ most; empty where these are not kept
/// @param adds what each of them adds to the pool; empty where the training questions are not kept
/// @param answers whether the training questions are present
public record ModelComparison(
    List<Selected> models,
    List<OnBenchmark> benchmarks,
    List<List<Double>> distances,
    List<List<Double>> agreement,
    List<ModelDifference> paired,
    List<Difference> differ,
    List<Addition> adds,
    boolean answers) {
  /// Most models side by side.
  public static final int MOST = 24;

  /// @param cost USD of a typical call; NaN where unknown
  public record Selected(
      int id,
      String name,
      double accuracy,
      double low,
      double high,
      int cells,
      double cost,
      String family) {}

  /// @param values one for each selected model
  /// @param poolAccuracy mean over the models that answered any of its questions
  public record OnBenchmark(String name, List<Value> values, double poolAccuracy) {}

  /// Accuracy with its 95 % interval; NaN where there are no answers.
  public record Value(double accuracy, double low, double high, int cells) {}

  /// A question on which the selected models differ.
  ///
  /// @param id its id
  /// @param prompt its text, cut
  /// @param scores one for each selected model; NaN where it has no answer
  /// @param poolAccuracy share of the pool's answers to it that are right
  public record Difference(
      String id, String benchmark, String prompt, List<Double> scores, double poolAccuracy) {}

  /// What a model adds.
  ///
  /// @param onlyRight questions all selected models answered and this one alone got right
  /// @param shared questions all selected models answered
  /// @param poolWithout share of the training questions that some model of the pool but this one
  ///   gets right
  /// @param poolWith the same with it
  public record Addition(int id, int onlyRight, int shared, double poolWithout, double poolWith) {}

  /// @param ids rows of the models, distinct, at most [#MOST]
  public static ModelComparison of(ModelSpace space, List<Integer> ids) {
    return new ModelComparison(
        ids.stream().map(id -> selected(space, id)).toList(),
        space.counts().benchmarks().stream().map(name -> on(space, ids, name)).toList(),
        table(ids, (a, b) -> space.embeddings().distance(a, b)),
        space
            .questions()
            .map(q ->
                table(ids, (a, b) -> a == b ? 1 : SharedAnswers.of(q.matrix(), a, b).agreement()))
            .orElse(List.of()),
        space.questions().map(q -> ModelDifference.all(q.matrix(), ids)).orElse(List.of()),
        space.questions().map(q -> Differences.of(q.matrix(), ids)).orElse(List.of()),
        space.questions().map(q -> adds(q.matrix(), ids)).orElse(List.of()),
        space.questions().isPresent());
  }

  private static Selected selected(ModelSpace space, int id) {
    ModelSpace.Accuracy accuracy = space.accuracy(id);
    String name = space.models().get(id);
    return new Selected(
        id,
        name,
        accuracy.value(),
        accuracy.low(),
        accuracy.high(),
        accuracy.cells(),
        space.typicalCost(id),
        Families.of(name));
  }

  private static OnBenchmark on(ModelSpace space, List<Integer> ids, String benchmark) {
    return new OnBenchmark(
        benchmark,
        ids.stream()
            .map(id -> {
              ModelSpace.Accuracy accuracy = space.accuracy(id, benchmark);
              return new Value(accuracy.value(), accuracy.low(), accuracy.high(), accuracy.cells());
            })
            .toList(),
        space.poolAccuracy(benchmark));
  }

  private interface Pair {
    double of(int first, int second);
  }

  private static List<List<Double>> table(List<Integer> ids, Pair pair) {
    List<List<Double>> rows = new ArrayList<>();
    for (int a : ids) {
      List<Double> row = new ArrayList<>();
      for (int b : ids) {
        row.add(pair.of(a, b));
      }
      rows.add(row);
    }
    return rows;
  }

  /// What each of some models adds to the pool.
  static List<Addition> adds(CorrectnessMatrix answers, List<Integer> ids) {
    int[] only = new int[ids.size()];
    int[] alone = new int[answers.modelCount()]; // [m] questions only this model gets right
    int[] last = new int[answers.modelCount()]; // [m] questions nobody else answered
    int shared = 0;
    int solved = 0;
    int asked = 0;
    for (int j = 0; j < answers.questionCount(); j++) {
      int right = 0;
      int one = -1;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        if (CorrectnessMatrix.isCorrect(answers.cellScore(c))) {
          right++;
          one = answers.cellModel(c);
        }
      }
      int cells = answers.cellCount(j);
      asked += cells > 0 ? 1 : 0;
      solved += right > 0 ? 1 : 0;
      if (right == 1) {
        alone[one]++;
      }
      if (cells == 1) {
        last[answers.cellModel(answers.firstCell(j))]++;
      }
      int winner = onlyRight(answers, ids, j);
      shared += winner > -2 ? 1 : 0;
      if (winner >= 0) {
        only[winner]++;
      }
    }
    List<Addition> adds = new ArrayList<>();
    for (int k = 0; k < only.length; k++) {
      int id = ids.get(k);
      adds.add(
          new Addition(
              id,
              only[k],
              shared,
              (double) (solved - alone[id]) / (asked - last[id]),
              (double) solved / asked));
    }
    return adds;
  }

  /// Index in the selection of the only model that is right; −1 where none or several are, −2 where
  /// not all of them answered.
  private static int onlyRight(CorrectnessMatrix answers, List<Integer> ids, int question) {
    int winner = -1;
    int right = 0;
    for (int k = 0; k < ids.size(); k++) {
      float score = answers.score(ids.get(k), question);
      if (Float.isNaN(score)) {
        return -2;
      }
      if (CorrectnessMatrix.isCorrect(score)) {
        winner = k;
        right++;
      }
    }
    return right == 1 ? winner : -1;
  }
}
