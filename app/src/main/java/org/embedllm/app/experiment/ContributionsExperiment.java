package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.probe.BenchmarkContribution;
import org.embedllm.probe.ContributionMatrix;
import org.embedllm.probe.Removal;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// §6.2, Figure 7: what each benchmark contributes to predicting accuracy on each other.
final class ContributionsExperiment {
  private final ExperimentContext context;

  ContributionsExperiment(ExperimentContext context) {
    this.context = context;
  }

  /// Number of units of work.
  static int units(ExperimentSetup setup) {
    int b = setup.data().matrix().benchmarks().size();
    return b * (b + 1) / 2;
  }

  ExperimentResult run() {
    List<String> benchmarks = BenchmarksExperiment.benchmarks(context.setup(), 2);
    var contribution =
        new BenchmarkContribution(context.setup().data(), benchmarks, context.setup().prediction());
    List<Removal> removals = contribution.removals();
    List<Map<String, List<Double>>> found =
        context.parallel(
            removals,
            removal -> {
              var errors =
                  contribution.errors(removal, context.embeddingsWithout(removal.inOrder()));
              context.finished("without " + String.join(" and ", removal.inOrder()));
              return errors;
            });
    Map<Removal, Map<String, List<Double>>> errors = new HashMap<>();
    for (int k = 0; k < removals.size(); k++) {
      errors.put(removals.get(k), found.get(k));
    }
    return result(contribution.matrix(errors), contribution);
  }

  private ExperimentResult result(ContributionMatrix matrix, BenchmarkContribution contribution) {
    List<String> names = matrix.benchmarks();
    Table table = table(matrix);
    Figure squares =
        new Figure(
            ExperimentName.CONTRIBUTIONS.label(),
            "Contribution of each benchmark to predicting each other",
            finding(matrix),
            "Mean squared error on the tested benchmark without the contributor in training, minus that with it; both trainings share their seed, and the %d splits of the models are the same. The splits overlap and each training is made once, so that the error over the splits says nothing of what another seed would give."
                .formatted(matrix.splits()),
            new Chart.SignedMatrix(
                "C",
                ValueFormat.GENERAL,
                "Contributor",
                "Tested benchmark",
                names,
                names,
                rows(matrix)),
            table);
    Figure given =
        sums(
            "contributions-given",
            "What each benchmark gives to all others",
            "Row sums",
            names,
            matrix::rowSum);
    Figure taken =
        sums(
            "contributions-taken",
            "What each benchmark gets from all others",
            "Column sums",
            names,
            matrix::columnSum);
    return new ExperimentResult(
        ExperimentName.CONTRIBUTIONS,
        json(matrix, contribution),
        table,
        List.of(squares, given, taken),
        List.of());
  }

  private static List<List<Double>> rows(ContributionMatrix matrix) {
    int b = matrix.benchmarks().size();
    return IntStream.range(0, b)
        .mapToObj(i -> IntStream.range(0, b).mapToObj(j -> matrix.entry(i, j)).toList())
        .toList();
  }

  private static Figure sums(
      String id, String title, String what, List<String> names, IntToDoubleFunction sum) {
    List<Integer> order =
        IntStream.range(0, names.size())
            .boxed()
            .filter(k -> Double.isFinite(sum.applyAsDouble(k)))
            .sorted(Comparator.comparingDouble((Integer k) -> -sum.applyAsDouble(k)))
            .toList();
    List<String> categories = order.stream().map(names::get).toList();
    List<Chart.Estimate> values =
        order.stream().map(k -> Chart.Estimate.of(sum.applyAsDouble(k))).toList();
    List<List<Cell>> rows = new ArrayList<>();
    for (int k = 0; k < categories.size(); k++) {
      rows.add(
          List.of(Cell.of(categories.get(k)), Cell.of(values.get(k).value(), ValueFormat.GENERAL)));
    }
    long positive = values.stream().filter(value -> value.value() > 0).count();
    String finding =
        categories.isEmpty()
            ? "No benchmark has enough models to be tested."
            : "%d of %d sums are above zero; the largest is that of %s, the smallest that of %s."
                .formatted(
                    positive, categories.size(), categories.getFirst(), categories.getLast());
    return new Figure(
        id,
        title,
        finding,
        what + " of the matrix; above zero (filled) the prediction improves.",
        new Chart.Bars(
            Axis.of(what + " of C (mean squared error)", ValueFormat.GENERAL), categories, values),
        new Table(Numbers.columns("benchmark", "Benchmark", "sum", "Sum"), rows));
  }

  private static ObjectNode json(ContributionMatrix matrix, BenchmarkContribution contribution) {
    List<String> names = matrix.benchmarks();
    int b = names.size();
    ObjectNode json = Numbers.object();
    ArrayNode list = json.putArray("benchmarks");
    names.forEach(list::add);
    ArrayNode entries = json.putArray("matrix");
    rows(matrix).forEach(row -> entries.add(Numbers.array(row)));
    json.set("rowSums", Numbers.array(doubles(b, matrix::rowSum)));
    json.set("columnSums", Numbers.array(doubles(b, matrix::columnSum)));
    json.set("added", Numbers.array(doubles(b, matrix::errorWithAll)));
    ArrayNode removed = json.putArray("removed");
    ArrayNode deviations = json.putArray("splitDeviation");
    for (int i = 0; i < b; i++) {
      int row = i;
      removed.add(
          Numbers.array(doubles(b, j -> j == row ? Double.NaN : matrix.errorWithout(row, j))));
      deviations.add(Numbers.array(doubles(b, j -> matrix.deviation(row, j))));
    }
    ObjectNode total = json.putObject("totalMse");
    total.put("splits", matrix.splits());
    total.set("added", Numbers.array(doubles(b, j -> matrix.splits() * matrix.errorWithAll(j))));
    ArrayNode totals = total.putArray("matrix");
    for (int i = 0; i < b; i++) {
      int row = i;
      totals.add(Numbers.array(doubles(b, j -> matrix.splits() * matrix.entry(row, j))));
    }
    ObjectNode models = json.putObject("models");
    names.forEach(name -> models.put(name, contribution.eligibleModels(name)));
    return json;
  }

  private static List<Double> doubles(int count, IntToDoubleFunction value) {
    return IntStream.range(0, count).mapToObj(k -> value.applyAsDouble(k)).toList();
  }

  private static Table table(ContributionMatrix matrix) {
    List<String> names = matrix.benchmarks();
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      for (int j = 0; j < names.size(); j++) {
        if (i != j) {
          rows.add(
              List.of(
                  Cell.of(names.get(i)),
                  Cell.of(names.get(j)),
                  Cell.of(matrix.entry(i, j), ValueFormat.GENERAL),
                  Cell.of(matrix.deviation(i, j), ValueFormat.GENERAL),
                  Cell.of(matrix.errorWithAll(j), ValueFormat.GENERAL),
                  Cell.of(matrix.errorWithout(i, j), ValueFormat.GENERAL)));
        }
      }
    }
    return new Table(
        Numbers.columns(
            "contributor", "Contributor",
            "tested", "Tested",
            "contribution", "C",
            "split_deviation", "Deviation over splits",
            "error_added", "Error with",
            "error_removed", "Error without"),
        rows);
  }

  private static String finding(ContributionMatrix matrix) {
    int b = matrix.benchmarks().size();
    int measured = 0;
    int positive = 0;
    int clear = 0;
    int best = -1;
    int bestTested = -1;
    for (int i = 0; i < b; i++) {
      for (int j = 0; j < b; j++) {
        double entry = matrix.entry(i, j);
        if (i == j || Double.isNaN(entry)) {
          continue;
        }
        measured++;
        positive += entry > 0 ? 1 : 0;
        double error = matrix.deviation(i, j) / Math.sqrt(matrix.splits());
        clear += Math.abs(entry) > 2 * error ? 1 : 0;
        if (best < 0 || entry > matrix.entry(best, bestTested)) {
          best = i;
          bestTested = j;
        }
      }
    }
    if (measured == 0) {
      return "No benchmark has enough models with answers on it and on what is left elsewhere.";
    }
    return String.format(
        Locale.ROOT,
        "%d of %d contributions are above zero and %d differ from zero by more than twice their error over the splits; the largest is that of %s to %s (%s).",
        positive,
        measured,
        clear,
        matrix.benchmarks().get(best),
        matrix.benchmarks().get(bestTested),
        ValueFormat.GENERAL.show(matrix.entry(best, bestTested)));
  }
}
