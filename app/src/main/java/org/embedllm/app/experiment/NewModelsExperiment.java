package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tower.KernelFactorizationTrainer;
import org.embedllm.tower.KernelOptions;
import org.embedllm.tower.KernelTraining;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Models that arrive after training: left out one by one, and placed from few answers, planned or
/// random, beside training again with all of them.
///
/// Some models spread evenly over the order of accuracies stand for the pool, or all of them are
/// left out in turn; everything is trained again without each, and none of its answers is seen but
/// those it is asked for.
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
    List<List<Newcomer.Outcome>> outcomes =
        bench.parallel(left, model -> outcomes(model, options.withThreads(1)));
    List<Row> planned = rows(outcomes, true);
    List<Row> random = rows(outcomes, false);
    return result(planned, random, retrained(left), left.size());
  }

  /// Means over the newcomers that had so many answers.
  private record Row(
      int answers,
      double forecastAccuracy,
      double accuracyError,
      double benchmarkError,
      double meanError,
      double covered) {}

  private List<Row> rows(List<List<Newcomer.Outcome>> all, boolean planned) {
    List<Row> rows = new ArrayList<>();
    for (int count : Newcomer.COUNTS) {
      List<Newcomer.Outcome> own =
          all.stream()
              .flatMap(List::stream)
              .filter(o -> o.planned() == planned && o.answers() == count)
              .toList();
      if (!own.isEmpty()) {
        rows.add(
            new Row(
                count,
                mean(own, Newcomer.Outcome::forecastAccuracy),
                mean(own, Newcomer.Outcome::accuracyError),
                mean(own, Newcomer.Outcome::benchmarkError),
                mean(own, Newcomer.Outcome::meanError),
                mean(own, o -> o.covered() ? 1 : 0)));
      }
    }
    return rows;
  }

  private static double mean(
      List<Newcomer.Outcome> outcomes, ToDoubleFunction<Newcomer.Outcome> value) {
    return outcomes.stream()
        .mapToDouble(value)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
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

  private ExperimentResult result(
      List<Row> planned, List<Row> random, double retrained, int models) {
    ObjectNode json = Numbers.object();
    ArrayNode answers = json.putArray("answers");
    planned.forEach(row -> answers.add(row.answers()));
    json(json.putArray("planned"), planned);
    json(json.putArray("random"), random);
    Numbers.put(json.putObject("retrained"), "forecastAccuracy", retrained);
    json.put("models", models);
    json.put("ofModels", bench.setup().data().matrix().modelCount());
    Table table = table(planned, random, retrained);
    Figure error =
        new Figure(
            ExperimentName.NEWMODELS.label(),
            "Error of a new model's accuracy by number of its answers",
            finding(planned, random),
            "Mean over %d of the %d models, left out in turn, of the error of the accuracy over all training questions. Planned: each answer is taken into account before the next questions are chosen. Plain mean: of the random answers."
                .formatted(models, bench.setup().data().matrix().modelCount()),
            errors(planned, random),
            table);
    Figure forecast =
        new Figure(
            "newmodels-forecast",
            "Forecasting accuracy for a new model by number of its answers",
            forecastFinding(planned, retrained),
            "Share of its test answers forecast rightly, mean over %d models; beside it the same models trained with all their answers together with the others."
                .formatted(models),
            forecasts(planned, random, retrained),
            table);
    return new ExperimentResult(
        ExperimentName.NEWMODELS,
        json,
        table,
        List.of(error, forecast),
        List.of(new Block.Listing("newmodels-values", "New models", table)));
  }

  private static void json(ArrayNode array, List<Row> rows) {
    for (Row row : rows) {
      ObjectNode node = array.addObject().put("answers", row.answers());
      Numbers.put(node, "forecastAccuracy", row.forecastAccuracy());
      Numbers.put(node, "benchmarkError", row.benchmarkError());
      Numbers.put(node, "accuracyError", row.accuracyError());
      Numbers.put(node, "plainMeanError", row.meanError());
      Numbers.put(node, "covered", row.covered());
    }
  }

  private static Table table(List<Row> planned, List<Row> random, double retrained) {
    List<List<Cell>> rows = new ArrayList<>();
    for (Map.Entry<String, List<Row>> method :
        List.of(Map.entry("planned", planned), Map.entry("random", random))) {
      for (Row row : method.getValue()) {
        rows.add(
            List.of(
                Cell.of(method.getKey()),
                Cell.count(row.answers()),
                Cell.of(row.forecastAccuracy(), ValueFormat.PERCENT),
                Cell.of(row.accuracyError(), ValueFormat.DECIMAL),
                Cell.of(row.benchmarkError(), ValueFormat.DECIMAL),
                Cell.of(row.meanError(), ValueFormat.DECIMAL),
                Cell.of(row.covered(), ValueFormat.PERCENT)));
      }
    }
    double nan = Double.NaN;
    rows.add(
        List.of(
            Cell.of("trained with the others"),
            Cell.count(0),
            Cell.of(retrained, ValueFormat.PERCENT),
            Cell.of(nan, ValueFormat.DECIMAL),
            Cell.of(nan, ValueFormat.DECIMAL),
            Cell.of(nan, ValueFormat.DECIMAL),
            Cell.of(nan, ValueFormat.PERCENT)));
    return new Table(
        Numbers.columns(
            "questions", "Questions",
            "answers", "Answers",
            "forecast_accuracy", "Forecasting",
            "accuracy_error", "Error of accuracy",
            "benchmark_error", "… by benchmark",
            "plain_mean_error", "… of the plain mean",
            "covered", "Interval holds it"),
        rows);
  }

  private static Chart errors(List<Row> planned, List<Row> random) {
    return new Chart.Plane(
        Axis.of("Answers of the new model", ValueFormat.COUNT).asLogarithmic(),
        Axis.of("Mean error of its accuracy (percentage points)", ValueFormat.PERCENT)
            .covering(0, 0),
        List.of(
            series("Planned questions", planned, Row::accuracyError),
            series("Random questions", random, Row::accuracyError),
            series("Plain mean of random answers", random, Row::meanError)),
        false);
  }

  private static Chart forecasts(List<Row> planned, List<Row> random, double retrained) {
    return new Chart.Plane(
        Axis.of("Answers of the new model", ValueFormat.COUNT).asLogarithmic(),
        Axis.of("Forecasting accuracy on test (%)", ValueFormat.PERCENT),
        List.of(
            series("Planned questions", planned, Row::forecastAccuracy),
            series("Random questions", random, Row::forecastAccuracy),
            series("Trained with the others", planned, row -> retrained)),
        false);
  }

  private static Chart.Series series(String name, List<Row> rows, ToDoubleFunction<Row> value) {
    return new Chart.Series(
        name,
        rows.stream()
            .map(row ->
                new Chart.Point(row.answers(), Chart.Estimate.of(value.applyAsDouble(row)), ""))
            .toList(),
        true);
  }

  private static String finding(List<Row> planned, List<Row> random) {
    if (planned.isEmpty() || random.isEmpty()) {
      return "No model has enough answers to be left out.";
    }
    Row plan = near(planned, 100);
    Row chance = near(random, 100);
    return String.format(
        Locale.ROOT,
        "With %d planned answers a new model's accuracy is known to %.1f points on average; with as many random ones to %.1f, and their plain mean is off by %.1f.",
        plan.answers(),
        100 * plan.accuracyError(),
        100 * chance.accuracyError(),
        100 * chance.meanError());
  }

  private static String forecastFinding(List<Row> planned, double retrained) {
    if (planned.isEmpty()) {
      return "No model has enough answers to be left out.";
    }
    Row plan = near(planned, 200);
    return String.format(
        Locale.ROOT,
        "From %d planned answers new questions are forecast %.1f points %s than after training with all answers (%.1f %%).",
        plan.answers(),
        100 * Math.abs(plan.forecastAccuracy() - retrained),
        plan.forecastAccuracy() < retrained ? "worse" : "better",
        100 * retrained);
  }

  private static Row near(List<Row> rows, int answers) {
    return rows.stream()
        .min(Comparator.comparingInt(row -> Math.abs(row.answers() - answers)))
        .orElseThrow();
  }
}
