package org.embedllm.app.experiment.run;

import java.util.List;
import java.util.Optional;
import org.embedllm.benchmark.PredictionOptions;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.probe.Community;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;

/// Data and options of experiments.
///
/// @param data answers and split
/// @param vectors of all its questions, in their order, as the shown factorization reads them
/// @param sentences the same as the paper's factorization and nearest neighbors take them: without
///   text features
/// @param kernel options of the kernel factorization, whose forecasts, routes and communities are
///   then shown; without it the paper's factorization is shown
/// @param options of every training of the paper's factorization, without the dimension where that
///   is tuned. Its threads are the number of trainings that run in parallel
/// @param seeds number of repetitions of §5.1, with seeds `options.seed()` upwards
/// @param dimensions values of d that §5.1 chooses from on validation
/// @param neighborCounts values of k that it chooses from
/// @param prediction how §5.3 and §6.2 split the models
/// @param communities of §6.1
/// @param permutations of its test
/// @param prices of calls, where known
/// @param newModels how many models are left out one by one as new models
public record ExperimentSetup(
    EvaluationData data,
    QuestionVectors vectors,
    QuestionVectors sentences,
    Optional<KernelOptions> kernel,
    TrainingOptions options,
    int seeds,
    List<Integer> dimensions,
    List<Integer> neighborCounts,
    PredictionOptions prediction,
    List<Community> communities,
    int permutations,
    ModelPrices prices,
    int newModels) {
  /// Default number of models left out as new models.
  public static final int NEW_MODELS = 6;

  /// Default values of d.
  public static final List<Integer> DIMENSIONS = List.of(16, 64, 232);

  /// Default values of k.
  public static final List<Integer> NEIGHBOR_COUNTS =
      List.of(1, 3, 5, 9, 15, 21, 31, 51, 71, 101, 131, 171, 211, 301);

  public ExperimentSetup {
    if (vectors.count() != data.matrix().questionCount()) {
      throw new IllegalArgumentException(
          "%d vectors for %d questions".formatted(vectors.count(), data.matrix().questionCount()));
    }
    if (!sentences.ids().equals(vectors.ids())) {
      throw new IllegalArgumentException("the two kinds of vectors are of other questions");
    }
    if (newModels < 1) {
      throw new IllegalArgumentException("at least one new model; got " + newModels);
    }
    if (seeds < 1 || dimensions.isEmpty() || neighborCounts.isEmpty()) {
      throw new IllegalArgumentException("at least one seed, one dimension and one k");
    }
    dimensions = List.copyOf(dimensions);
    neighborCounts = List.copyOf(neighborCounts);
    communities = List.copyOf(communities);
  }

  /// A setup with one kind of vectors and the usual number of new models.
  public ExperimentSetup(
      EvaluationData data,
      QuestionVectors vectors,
      Optional<KernelOptions> kernel,
      TrainingOptions options,
      int seeds,
      List<Integer> dimensions,
      List<Integer> neighborCounts,
      PredictionOptions prediction,
      List<Community> communities,
      int permutations,
      ModelPrices prices) {
    this(
        data,
        vectors,
        vectors,
        kernel,
        options,
        seeds,
        dimensions,
        neighborCounts,
        prediction,
        communities,
        permutations,
        prices,
        NEW_MODELS);
  }

  /// The default setup, with one kind of vectors.
  public static ExperimentSetup of(
      EvaluationData data,
      QuestionVectors vectors,
      Optional<KernelOptions> kernel,
      TrainingOptions options) {
    return new ExperimentSetup(
        data,
        vectors,
        kernel,
        options,
        3,
        DIMENSIONS,
        NEIGHBOR_COUNTS,
        PredictionOptions.DEFAULT.withSeed(options.seed()),
        Community.PAPER,
        10_000,
        ModelPrices.ofCalls(data.callCosts()));
  }

  /// The same with another number of threads.
  public ExperimentSetup withThreads(int threads) {
    return new ExperimentSetup(
        data,
        vectors,
        sentences,
        kernel,
        options.withThreads(threads),
        seeds,
        dimensions,
        neighborCounts,
        prediction,
        communities,
        permutations,
        prices,
        newModels);
  }
}
