package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ModelFamilies;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;

/// Models that arrive after training: left out one by one, and placed from few answers, planned or
/// random, beside training again with all of them.
///
/// Some models spread evenly over the order of accuracies stand for the pool, or all of them are
/// left out in turn; everything is trained again without each, and none of its answers is seen but
/// those it is asked for. Then the same with their families ([ModelFamilies]) left out as a whole.
final class NewModelsExperiment {
  private static final int LEAST_MODELS = 4;

  private final Bench bench;

  NewModelsExperiment(Bench bench) {
    this.bench = bench;
  }

  /// Number of units of work.
  static int units(ExperimentSetup setup) {
    return newcomers(setup).length + families(setup).size();
  }

  /// The families of the models that are left out: rows by name. A family of one model says nothing
  /// new, and one of more than half of the pool leaves too little to train on.
  static Map<String, List<Integer>> families(ExperimentSetup setup) {
    List<String> models = setup.data().matrix().models();
    Set<Integer> left = Arrays.stream(newcomers(setup)).boxed().collect(Collectors.toSet());
    Map<String, List<Integer>> families = new TreeMap<>();
    ModelFamilies.of(models).forEach((name, rows) -> {
      if (rows.size() > 1
          && 2 * rows.size() <= models.size()
          && rows.stream().anyMatch(left::contains)) {
        families.put(name, rows);
      }
    });
    return families;
  }

  /// Rows of the models that are left out in turn: evenly spread over the order of their accuracies
  /// on training questions.
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
                    "newmodels needs the default training: models are not placed with --published or options of the linear tower"));
    if (bench.setup().data().matrix().modelCount() < LEAST_MODELS) {
      throw BadInputException.of("newmodels needs at least %d models".formatted(LEAST_MODELS));
    }
    List<Integer> left = Arrays.stream(newcomers(bench.setup())).boxed().toList();
    List<String> models = bench.setup().data().matrix().models();
    List<Absence> absences = new ArrayList<>();
    left.forEach(model ->
        absences.add(new Absence(models.get(model), List.of(model), List.of(model))));
    Map<String, List<Integer>> families = families(bench.setup());
    families.forEach((name, rows) ->
        absences.add(
            new Absence(
                "the family " + name, rows, rows.stream().filter(left::contains).toList())));
    List<List<Newcomer.Outcome>> outcomes =
        bench.parallel(absences, absence -> outcomes(absence, options.withThreads(1)));
    return new NewModelsReport(
            flat(outcomes.subList(0, left.size())),
            flat(outcomes.subList(left.size(), outcomes.size())),
            families.size(),
            retrained(left),
            left.size(),
            models.size())
        .result();
  }

  private static List<Newcomer.Outcome> flat(List<List<Newcomer.Outcome>> outcomes) {
    return outcomes.stream().flatMap(List::stream).toList();
  }

  /// Models that a training does without.
  ///
  /// @param name what is absent
  /// @param rows its models
  /// @param placed those that are placed again
  private record Absence(String name, List<Integer> rows, List<Integer> placed) {}

  private List<Newcomer.Outcome> outcomes(Absence absence, KernelOptions options) {
    String key = "newmodels without " + absence.name();
    Optional<JsonNode> kept = bench.journal().json(key);
    List<Newcomer.Outcome> outcomes;
    if (kept.isPresent()) {
      outcomes = Newcomer.read(kept.get());
    } else {
      int[] questions = bench.questions(SplitPart.TRAIN);
      int[] validation = bench.questions(SplitPart.VALIDATION);
      int[] others =
          IntStream.range(0, bench.setup().data().matrix().modelCount())
              .filter(i -> !absence.rows().contains(i))
              .toArray();
      var problem =
          TrainingProblem.of(
                  bench.answers(questions).selectModels(others), bench.vectors(questions))
              .withValidation(
                  bench.answers(validation).selectModels(others), bench.vectors(validation));
      KernelTraining training = new KernelFactorizationTrainer(options).fit(problem);
      int[] test = bench.questions(SplitPart.TEST);
      outcomes = new ArrayList<>();
      for (int model : absence.placed()) {
        outcomes.addAll(
            new Newcomer(
                    training,
                    bench.answers(questions),
                    bench.answers(test),
                    bench.vectors(test).vectors(),
                    model,
                    bench.setup().options().seed())
                .outcomes());
      }
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
