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
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
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

/// New models after training: left out one by one, then added from few answers, planned or random,
/// and compared with training with all models.
///
/// Some models, evenly spread over the order of accuracies, or all of them are left out in turn.
/// Everything is trained again without each, and only its requested answers are used. Then the same
/// with their families ([ModelFamilies]) left out as a whole.
final class NewModelsExperiment {
  private static final int LEAST_MODELS = 4;

  private final ExperimentContext context;

  NewModelsExperiment(ExperimentContext context) {
    this.context = context;
  }

  /// Number of units of work.
  static int units(ExperimentSetup setup) {
    return newModels(setup).length + families(setup).size();
  }

  /// The families of the models that are left out: rows by name. A family of one model says nothing
  /// new, and one of more than half of the pool leaves too little to train on.
  static Map<String, List<Integer>> families(ExperimentSetup setup) {
    List<String> models = setup.data().matrix().models();
    Set<Integer> left = Arrays.stream(newModels(setup)).boxed().collect(Collectors.toSet());
    Map<String, List<Integer>> families = new TreeMap<>();
    ModelFamilies.of(models)
        .forEach((name, rows) -> {
          if (rows.size() > 1
              && 2 * rows.size() <= models.size()
              && rows.stream().anyMatch(left::contains)) {
            families.put(name, rows);
          }
        });
    return families;
  }

  /// Rows of the models to leave out: evenly spread over the order of their accuracies on training
  /// questions.
  static int[] newModels(ExperimentSetup setup) {
    AnswerCounts counts = AnswerCounts.of(setup.data().part(SplitPart.TRAIN));
    int[] ranked =
        IntStream.range(0, counts.models().size())
            .filter(i -> counts.cells(i) >= NewModelTrial.COUNTS.getFirst())
            .boxed()
            .sorted(Comparator.comparingDouble(counts::accuracy))
            .mapToInt(Integer::intValue)
            .toArray();
    int taken = Math.min(setup.newModels(), ranked.length);
    return IntStream.range(0, taken)
        .map(k -> ranked[Math.floorDiv((2 * k + 1) * ranked.length, 2 * taken)])
        .toArray();
  }

  ExperimentResult run() {
    KernelOptions options =
        context
            .setup()
            .kernel()
            .orElseThrow(() ->
                BadInputException.of(
                    "newmodels needs the default training: models are not added with --published or options of the linear factorization"));
    if (context.setup().data().matrix().modelCount() < LEAST_MODELS) {
      throw BadInputException.of("newmodels needs at least %d models".formatted(LEAST_MODELS));
    }
    List<Integer> left = Arrays.stream(newModels(context.setup())).boxed().toList();
    List<String> models = context.setup().data().matrix().models();
    List<Absence> absences = new ArrayList<>();
    left.forEach(
        model -> absences.add(new Absence(models.get(model), List.of(model), List.of(model))));
    Map<String, List<Integer>> families = families(context.setup());
    families.forEach((name, rows) ->
        absences.add(
            new Absence(
                "the family " + name, rows, rows.stream().filter(left::contains).toList())));
    List<List<NewModelTrial.Outcome>> outcomes =
        context.parallel(absences, absence -> outcomes(absence, options.withThreads(1)));
    return new NewModelsReport(
            flat(outcomes.subList(0, left.size())),
            flat(outcomes.subList(left.size(), outcomes.size())),
            families.size(),
            retrained(left),
            left.size(),
            models.size())
        .result();
  }

  private static List<NewModelTrial.Outcome> flat(List<List<NewModelTrial.Outcome>> outcomes) {
    return outcomes.stream().flatMap(List::stream).toList();
  }

  /// Models that a training does without.
  ///
  /// @param name what is absent
  /// @param rows its models
  /// @param added those that are added again
  private record Absence(String name, List<Integer> rows, List<Integer> added) {}

  private List<NewModelTrial.Outcome> outcomes(Absence absence, KernelOptions options) {
    String key = "new model trials without " + absence.name();
    Optional<JsonNode> kept = context.cache().json(key);
    List<NewModelTrial.Outcome> outcomes;
    if (kept.isPresent()) {
      outcomes = NewModelTrial.read(kept.get());
    } else {
      int[] questions = context.questions(SplitPart.TRAIN);
      int[] validation = context.questions(SplitPart.VALIDATION);
      int[] others =
          IntStream.range(0, context.setup().data().matrix().modelCount())
              .filter(i -> !absence.rows().contains(i))
              .toArray();
      var problem =
          TrainingProblem.of(
                  context.answers(questions).selectModels(others), context.vectors(questions))
              .withValidation(
                  context.answers(validation).selectModels(others), context.vectors(validation));
      KernelTraining training = new KernelFactorizationTrainer(options).fit(problem);
      int[] test = context.questions(SplitPart.TEST);
      outcomes = new ArrayList<>();
      for (int model : absence.added()) {
        outcomes.addAll(
            new NewModelTrial(
                    training,
                    context.answers(questions),
                    context.answers(test),
                    context.vectors(test).vectors(),
                    model,
                    context.setup().options().seed())
                .outcomes());
      }
      context.cache().put(key, NewModelTrial.written(outcomes));
    }
    context.finished("newmodels");
    return outcomes;
  }

  /// Forecasting accuracy on test for the same models when they were trained with all others.
  private double retrained(List<Integer> models) {
    int[] test = context.questions(SplitPart.TEST);
    CorrectnessMatrix answers = context.answers(test);
    FloatMatrix forecasts = context.main().model().forecast(context.vectors(test).vectors());
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
