package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.report.Families;
import org.embedllm.correctness.SharedAnswers;
import org.embedllm.factorization.ModelEmbeddings;

/// One model: its accuracy, overall and by benchmark, and its nearest models.
///
/// @param id row of the model
/// @param name its name
/// @param accuracy on the training questions it answered, with its 95 % interval
/// @param cost USD of a typical call; NaN where unknown
/// @param family guessed from its name
/// @param neighbors the nearest models, nearest first
/// @param benchmarks in the order of the overview; those it has no answer to included
/// @param strongest the benchmarks where it is most above the pool, at most three
/// @param weakest those where it is most below
public record ModelCard(
    int id,
    String name,
    double accuracy,
    double low,
    double high,
    int cells,
    double cost,
    String family,
    List<Neighbor> neighbors,
    List<OnBenchmark> benchmarks,
    List<String> strongest,
    List<String> weakest) {
  private static final int NEIGHBORS = 8;
  private static final int EXTREMES = 3;

  /// @param distance root mean square difference of the logits over the training questions
  /// @param sharedQuestions training questions that both answered; empty where they are not kept
  /// @param agreement share of these that both answered alike
  public record Neighbor(
      int id, String name, double distance, Optional<Integer> sharedQuestions, double agreement) {}

  /// @param poolAccuracy mean over the models that answered any of its questions
  /// @param delta accuracy minus poolAccuracy
  public record OnBenchmark(
      String name,
      double accuracy,
      double low,
      double high,
      int cells,
      double poolAccuracy,
      double delta) {}

  /// @param model its row
  public static ModelCard of(ModelSpace space, int model) {
    ModelSpace.Accuracy overall = space.accuracy(model);
    List<OnBenchmark> benchmarks =
        space.counts().benchmarks().stream().map(name -> on(space, model, name)).toList();
    List<OnBenchmark> byDelta =
        benchmarks.stream()
            .filter(b -> b.cells() > 0)
            .sorted(Comparator.comparingDouble(OnBenchmark::delta))
            .toList();
    int each = Math.min(EXTREMES, byDelta.size() / 2);
    return new ModelCard(
        model,
        space.models().get(model),
        overall.value(),
        overall.low(),
        overall.high(),
        overall.cells(),
        space.typicalCost(model),
        Families.of(space.models().get(model)),
        neighbors(space, model),
        benchmarks,
        byDelta.reversed().stream().limit(each).map(OnBenchmark::name).toList(),
        byDelta.stream().limit(each).map(OnBenchmark::name).toList());
  }

  private static OnBenchmark on(ModelSpace space, int model, String benchmark) {
    ModelSpace.Accuracy own = space.accuracy(model, benchmark);
    double pool = space.poolAccuracy(benchmark);
    return new OnBenchmark(
        benchmark, own.value(), own.low(), own.high(), own.cells(), pool, own.value() - pool);
  }

  private static List<Neighbor> neighbors(ModelSpace space, int model) {
    List<Neighbor> neighbors = new ArrayList<>();
    for (ModelEmbeddings.Neighbor near :
        space.embeddings().nearest(space.models().get(model), NEIGHBORS)) {
      int other = space.row(near.model()).orElseThrow();
      Optional<SharedAnswers> shared =
          space.questions().map(q -> SharedAnswers.of(q.matrix(), model, other));
      neighbors.add(
          new Neighbor(
              other,
              near.model(),
              near.distance(),
              shared.map(SharedAnswers::cells),
              shared.map(SharedAnswers::agreement).orElse(Double.NaN)));
    }
    return neighbors;
  }
}
