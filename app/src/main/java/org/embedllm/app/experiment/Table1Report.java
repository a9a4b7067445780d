package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.embedllm.app.experiment.Table1Experiment.Choice;
import org.embedllm.app.experiment.Table1Experiment.Estimates;
import org.embedllm.app.experiment.Table1Experiment.Method;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.correctness.SplitPart;
import org.embedllm.forecast.Estimate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What Table 1 says.
///
/// @param choices by method, a list by size
record Table1Report(
    ExperimentSetup setup,
    List<Integer> sizes,
    Map<Method, List<Choice>> choices,
    Estimates estimates) {
  ExperimentResult result() {
    Table table = table();
    Figure figure =
        new Figure(
            ExperimentName.TABLE1.label(),
            "Forecasting accuracy by number of training questions",
            finding(),
            "Share of test answers forecast correctly, mean over %d %s; whiskers: 95 %% interval over resampled questions. k and d are chosen on validation questions at each size."
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

  /// The factorization that the program trains by default.
  private Method shown() {
    return choices.containsKey(Method.KERNEL) ? Method.KERNEL : Method.PAPER;
  }

  private List<Choice> choices(Method method) {
    return choices.getOrDefault(method, List.of());
  }

  private Estimate accuracy(Method method, int size) {
    return estimates.accuracies().getOrDefault(method, List.of()).get(size);
  }

  private Estimate gain(Method method, int size) {
    return estimates.gains().getOrDefault(method, List.of()).get(size);
  }

  private ObjectNode json() {
    ObjectNode json = Numbers.object();
    ArrayNode list = json.putArray("sizes");
    sizes.forEach(list::add);
    json.put("seeds", setup.seeds());
    rows(json.putArray("knn"), "k", Method.NEIGHBORS);
    rows(json.putArray("factorization"), "d", shown());
    json.put("factorizationIs", shown().title());
    rows(json.putArray("paperFactorization"), "d", Method.PAPER);
    json.put("finding", finding());
    return json;
  }

  private void rows(ArrayNode array, String setting, Method method) {
    for (int s = 0; s < sizes.size(); s++) {
      Choice choice = choices(method).get(s);
      ObjectNode node = array.addObject().put("size", sizes.get(s)).put(setting, choice.setting());
      Numbers.put(node, "accuracy", accuracy(method, s));
      Numbers.put(node, "seedDeviation", seedDeviation(choice));
      if (method != Method.NEIGHBORS) {
        Numbers.put(node, "minusKnn", gain(method, s));
      }
      ObjectNode tuned = node.putObject("validation");
      choice.validation().forEach((k, value) -> Numbers.put(tuned, Integer.toString(k), value));
    }
  }

  /// Standard deviation of the test accuracy over the seeds; NaN with one.
  private double seedDeviation(Choice choice) {
    int cells = setup.data().part(SplitPart.TEST).cellCount();
    double[] accuracies =
        choice.runs().stream()
            .mapToDouble(run -> run.right().stream().mapToInt(x -> x).sum() / (double) cells)
            .toArray();
    double mean = Arrays.stream(accuracies).average().orElse(0);
    double squares = Arrays.stream(accuracies).map(x -> (x - mean) * (x - mean)).sum();
    return accuracies.length < 2 ? Double.NaN : Math.sqrt(squares / (accuracies.length - 1));
  }

  private Table table() {
    List<Table.Column> columns = new ArrayList<>(Numbers.columns("size", "Questions"));
    for (Method method : choices.keySet()) {
      String key = method.key();
      boolean neighbors = method == Method.NEIGHBORS;
      columns.addAll(
          Numbers.columns(
              key + (neighbors ? "_k" : "_d"),
              neighbors ? "k" : "d",
              key + "_accuracy",
              shortTitle(method),
              key + "_low",
              "low",
              key + "_high",
              "high"));
    }
    columns.addAll(
        Numbers.columns("gain", "Gain over KNN", "gain_low", "low", "gain_high", "high"));
    List<List<Cell>> rows = new ArrayList<>();
    for (int s = 0; s < sizes.size(); s++) {
      List<Cell> row = new ArrayList<>();
      row.add(Cell.count(sizes.get(s)));
      for (Method method : choices.keySet()) {
        row.add(Cell.count(choices(method).get(s).setting()));
        row.addAll(Numbers.cells(accuracy(method, s), ValueFormat.PERCENT));
      }
      row.addAll(Numbers.cells(gain(shown(), s), ValueFormat.PERCENT));
      rows.add(row);
    }
    return new Table(columns, rows);
  }

  private static String shortTitle(Method method) {
    return switch (method) {
      case NEIGHBORS -> "KNN";
      case PAPER -> "MF, paper";
      case KERNEL -> "MF, kernel";
    };
  }

  private Chart chart() {
    List<Chart.Series> series = new ArrayList<>();
    for (Method method : List.copyOf(choices.keySet()).reversed()) {
      String setting = method == Method.NEIGHBORS ? "k = " : "d = ";
      List<Chart.Point> points =
          IntStream.range(0, sizes.size())
              .mapToObj(s ->
                  new Chart.Point(
                      sizes.get(s),
                      Numbers.chart(accuracy(method, s)),
                      setting + choices(method).get(s).setting()))
              .toList();
      series.add(new Chart.Series(method.title(), points, true));
    }
    return new Chart.Plane(
        Axis.of("Training questions", ValueFormat.COUNT).asLogarithmic(),
        Axis.of("Forecasting accuracy on test (%)", ValueFormat.PERCENT),
        series,
        false);
  }

  private String finding() {
    int last = sizes.size() - 1;
    String text =
        "With all %,d training questions the factorization %s nearest neighbors: %s."
            .formatted(
                sizes.get(last), verdict(gain(shown(), last)), Numbers.points(gain(shown(), last)));
    if (shown() != Method.PAPER) {
      text +=
          " The paper's own linear factorization %s them: %s."
              .formatted(
                  verdict(gain(Method.PAPER, last)), Numbers.points(gain(Method.PAPER, last)));
    }
    long ahead = IntStream.range(0, sizes.size()).filter(s -> gain(shown(), s).value() > 0).count();
    return text
        + (ahead == sizes.size()
            ? " The factorization is ahead at every size, as in the paper."
            : " The factorization is ahead at %d of %d sizes; in the paper at every size."
                .formatted(ahead, sizes.size()));
  }

  private static String verdict(Estimate gain) {
    return gain.interval().low() > 0
        ? "is ahead of"
        : gain.interval().high() < 0 ? "is behind" : "is not distinguishable from";
  }
}
