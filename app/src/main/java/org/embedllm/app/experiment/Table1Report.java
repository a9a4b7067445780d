package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.forecast.Estimate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What Table 1 says.
///
/// @param estimates by size: neighbours, factorization, factorization − neighbours
record Table1Report(
    ExperimentSetup setup,
    List<Integer> sizes,
    List<Table1Experiment.Choice> knn,
    List<Table1Experiment.Choice> mf,
    List<List<Estimate>> estimates) {
  ExperimentResult result() {
    Table table = table();
    Figure figure =
        new Figure(
            ExperimentName.TABLE1.label(),
            "Forecasting accuracy by number of training questions",
            finding(),
            "Share of test answers forecast rightly, mean over %d %s; whiskers: 95 %% interval over resampled questions. k and d are chosen on validation questions at each size."
                .formatted(setup.seeds(), setup.seeds() == 1 ? "seed" : "seeds"),
            chart(),
            table);
    return new ExperimentResult(
        ExperimentName.TABLE1,
        json(),
        table,
        List.of(figure),
        List.of(new Block.Listing("table1-values", "Table 1, and the tuned values", table)));
  }

  private ObjectNode json() {
    ObjectNode json = Numbers.object();
    ArrayNode list = json.putArray("sizes");
    sizes.forEach(list::add);
    json.put("seeds", setup.seeds());
    methods(json.putArray("knn"), "k", knn, 0);
    methods(json.putArray("factorization"), "d", mf, 1);
    ArrayNode differences = json.putArray("factorizationMinusKnn");
    for (int s = 0; s < sizes.size(); s++) {
      ObjectNode node = differences.addObject().put("size", sizes.get(s));
      Numbers.put(node, "accuracy", estimates.get(s).get(2));
    }
    json.put("finding", finding());
    return json;
  }

  private void methods(
      ArrayNode array, String setting, List<Table1Experiment.Choice> choices, int column) {
    for (int s = 0; s < sizes.size(); s++) {
      Table1Experiment.Choice choice = choices.get(s);
      ObjectNode node = array.addObject().put("size", sizes.get(s)).put(setting, choice.setting());
      Numbers.put(node, "accuracy", estimates.get(s).get(column));
      Numbers.put(node, "seedDeviation", seedDeviation(choice));
      ObjectNode tuned = node.putObject("validation");
      for (Map.Entry<Integer, Double> entry : choice.validation().entrySet()) {
        Numbers.put(tuned, Integer.toString(entry.getKey()), entry.getValue());
      }
    }
  }

  /// Standard deviation of the test accuracy over the seeds; NaN with one.
  private double seedDeviation(Table1Experiment.Choice choice) {
    int cells = setup.data().part(org.embedllm.correctness.SplitPart.TEST).cellCount();
    double[] accuracies =
        choice.runs().stream()
            .mapToDouble(run -> run.right().stream().mapToInt(x -> x).sum() / (double) cells)
            .toArray();
    double mean =
        IntStream.range(0, accuracies.length).mapToDouble(i -> accuracies[i]).average().orElse(0);
    double squares =
        IntStream.range(0, accuracies.length)
            .mapToDouble(i -> (accuracies[i] - mean) * (accuracies[i] - mean))
            .sum();
    return accuracies.length < 2 ? Double.NaN : Math.sqrt(squares / (accuracies.length - 1));
  }

  private Table table() {
    List<List<Cell>> rows = new ArrayList<>();
    for (int s = 0; s < sizes.size(); s++) {
      List<Cell> row = new ArrayList<>();
      row.add(Cell.count(sizes.get(s)));
      row.add(Cell.count(knn.get(s).setting()));
      row.addAll(Numbers.cells(estimates.get(s).get(0), ValueFormat.PERCENT));
      row.add(Cell.count(mf.get(s).setting()));
      row.addAll(Numbers.cells(estimates.get(s).get(1), ValueFormat.PERCENT));
      row.addAll(Numbers.cells(estimates.get(s).get(2), ValueFormat.PERCENT));
      rows.add(row);
    }
    return new Table(
        Numbers.columns(
            "size", "Questions",
            "knn_k", "k",
            "knn_accuracy", "KNN",
            "knn_low", "low",
            "knn_high", "high",
            "mf_d", "d",
            "mf_accuracy", "Factorization",
            "mf_low", "low",
            "mf_high", "high",
            "difference", "Difference",
            "difference_low", "low",
            "difference_high", "high"),
        rows);
  }

  private Chart chart() {
    return new Chart.Plane(
        Axis.of("Training questions", ValueFormat.COUNT).asLogarithmic(),
        Axis.of("Forecasting accuracy on test (%)", ValueFormat.PERCENT),
        List.of(
            series("Matrix factorization", 1, s -> "d = " + mf.get(s).setting()),
            series("Nearest neighbours", 0, s -> "k = " + knn.get(s).setting())),
        false);
  }

  private Chart.Series series(String name, int column, IntFunction<String> label) {
    List<Chart.Point> points =
        IntStream.range(0, sizes.size())
            .mapToObj(s ->
                new Chart.Point(
                    sizes.get(s), Numbers.chart(estimates.get(s).get(column)), label.apply(s)))
            .toList();
    return new Chart.Series(name, points, true);
  }

  private String finding() {
    int last = sizes.size() - 1;
    Estimate gain = estimates.get(last).get(2);
    long ahead = estimates.stream().filter(row -> row.get(2).value() > 0).count();
    String verdict =
        gain.interval().low() > 0
            ? "the factorization is ahead of nearest neighbours by "
            : gain.interval().high() < 0
                ? "the factorization is behind nearest neighbours by "
                : "the factorization and nearest neighbours do not differ beyond chance: ";
    String everywhere =
        ahead == sizes.size()
            ? "It is ahead at every size, as in the paper."
            : "It is ahead at %d of %d sizes, where the paper has it ahead at all."
                .formatted(ahead, sizes.size());
    return "With all %,d training questions %s%s. %s"
        .formatted(sizes.get(last), verdict, Numbers.points(gain), everywhere);
  }
}
