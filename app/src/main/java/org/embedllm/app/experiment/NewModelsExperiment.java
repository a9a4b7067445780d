package org.embedllm.app.experiment;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;

/// New models after training: left out one by one, then added from few answers, planned or random,
/// and compared with training with all models.
///
/// Some models, evenly spread over the order of accuracies, or all of them are left out in turn.
/// Everything is trained again without each, and only its requested answers are used.
final class NewModelsExperiment {
  private static final int LEAST_MODELS = 4;

  private final Bench bench;

  NewModelsExperiment(Bench bench) {
    this.bench = bench;
  }

  /// Number of units of work.
  static int units(ExperimentSetup setup) {
    return newcomers(setup).length;
  }

  /// Rows of the models to leave out: evenly spread over the order of their accuracies on training
  /// questions.
  static int[] newcomers(ExperimentSetup setup) {
    AnswerCounts counts = AnswerCounts.of(setup.data().part(SplitPart.TRAIN));
    int[] ranked =
        IntStream.range(0, counts.models().size())
            .filter(i -> counts.cells(i) >= Newcomer.COUNTS.getFirst())
            .boxed()
            .sorted(Comparator.comparingDouble(counts::accuracy))
            .mapToInt(Integer::intValue)
            .toArray();
    int taken = Math.min(setup.newcomers(), ranked.length);
    return IntStream.range(0, taken)
        .map(k -> ranked[Math.floorDiv((2 * k + 1) * ranked.length, 2 * taken)])
        .toArray();
  }

  ExperimentResult run() {
    KernelOptions options =
        bench
            .setup()
            .kernel()
            .orElseThrow(() ->
                BadInputException.of(
                    "newmodels needs the default training: models are not added with --published or options of the linear factorization"));
    if (bench.setup().data().matrix().modelCount() < LEAST_MODELS) {
      throw BadInputException.of("newmodels needs at least %d models".formatted(LEAST_MODELS));
    }
    List<Integer> left = Arrays.stream(newcomers(bench.setup())).boxed().toList();
    List<List<Newcomer.Outcome>> outcomes =
        bench.parallel(left, model -> outcomes(model, options.withThreads(1)));
    return new NewModelsReport(
            outcomes.stream().flatMap(List::stream).toList(),
            retrained(left),
            left.size(),
            bench.setup().data().matrix().modelCount())
        .result();
  }

  private List<Newcomer.Outcome> outcomes(int model, KernelOptions options) {
    String key = "newmodels without " + bench.setup().data().matrix().models().get(model);
    Optional<JsonNode> kept = bench.journal().json(key);
    List<Newcomer.Outcome> outcomes;
    if (kept.isPresent()) {
      outcomes = Newcomer.read(kept.get());
    } else {
      int[] questions = bench.questions(SplitPart.TRAIN);
      int[] validation = bench.questions(SplitPart.VALIDATION);
      int[] others =
          IntStream.range(0, bench.setup().data().matrix().modelCount())
              .filter(i -> i != model)
              .toArray();
      var problem =
          org.embedllm.factorization.TrainingProblem.of(
                  bench.answers(questions).selectModels(others), bench.vectors(questions))
              .withValidation(
                  bench.answers(validation).selectModels(others), bench.vectors(validation));
      KernelTraining training = new KernelFactorizationTrainer(options).fit(problem);
      int[] test = bench.questions(SplitPart.TEST);
      outcomes =
          new Newcomer(
                  training,
                  bench.answers(questions),
                  bench.answers(test),
                  bench.vectors(test).vectors(),
                  model,
                  bench.setup().options().seed())
              .outcomes();
      bench.journal().put(key, Newcomer.written(outcomes));
    }
    bench.finished("newmodels");
    return outcomes;
  }

  /// Forecasting accuracy on test for the same models when they were trained with all others.
  private double retrained(List<Integer> models) {
    int[] test = bench.questions(SplitPart.TEST);
    CorrectnessMatrix answers = bench.answers(test);
    FloatMatrix forecasts = bench.main().model().forecast(bench.vectors(test).vectors());
    return models.stream()
        .mapToDouble(model -> {
          int right = 0;
          int cells = 0;
          for (int j = 0; j < answers.questionCount(); j++) {
            float score = answers.score(model, j);
            if (!Float.isNaN(score)) {
              cells++;
              right +=
                  CorrectnessMatrix.isCorrect(forecasts.get(j, model))
                          == CorrectnessMatrix.isCorrect(score)
                      ? 1
                      : 0;
            }
          }
          return cells == 0 ? Double.NaN : (double) right / cells;
        })
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }
}
