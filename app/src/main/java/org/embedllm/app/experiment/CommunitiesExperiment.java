package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.embedllm.app.experiment.run.ExperimentContext;
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
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.probe.CommunityProbe;
import org.embedllm.probe.CommunityProbe.Finding;
import org.embedllm.probe.ModelDistances;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// §6.1, Figure 6: communities of models, and each model's nearest one.
final class CommunitiesExperiment {
  private static final double LEVEL = 0.05;

  private final ExperimentContext context;

  CommunitiesExperiment(ExperimentContext context) {
    this.context = context;
  }

  /// Number of units of work.
  static int units() {
    return 1;
  }

  ExperimentResult run() {
    MatrixFactorization model = context.main().model();
    int[] questions = context.questions(SplitPart.TRAIN);
    FloatMatrix training =
        model
            .attributes()
            .beside(context.vectors(questions).vectors(), context.answers(questions).questions());
    ModelDistances canonical =
        ModelDistances.of(model.models(), ModelEmbeddings.canonical(model, training).vectors());
    ModelDistances raw = ModelDistances.of(model.models(), context.paperVectors());
    ExperimentSetup setup = context.setup();
    var probe = new CommunityProbe(setup.permutations(), setup.options().seed());
    List<Finding> found = probe.test(canonical, setup.communities());
    List<Finding> foundRaw = probe.test(raw, setup.communities());
    context.finished("communities");
    Table table = table(found, foundRaw);
    Figure figure =
        new Figure(
            ExperimentName.COMMUNITIES.label(),
            "Distances within communities of models and to the others",
            finding(found),
            "Mean L2 distance of canonical embeddings: root-mean-square difference of two models' logits over the training questions. One-sided permutation test: as many random models are as close with probability p. In brackets the number of members."
                .formatted(),
            chart(found),
            table);
    Table neighbors = neighbors(canonical, raw);
    return new ExperimentResult(
        ExperimentName.COMMUNITIES,
        json(found, foundRaw),
        table,
        List.of(figure),
        List.of(new Block.Listing("neighbors", "Nearest models", neighbors)));
  }

  private static ArrayNode json(List<Finding> found, List<Finding> raw) {
    ArrayNode array = Numbers.array();
    for (int k = 0; k < found.size(); k++) {
      ObjectNode node = array.addObject().put("community", found.get(k).community());
      ArrayNode models = node.putArray("models");
      found.get(k).models().forEach(models::add);
      distances(node, found.get(k));
      if (!found.get(k).measurable()) {
        node.put("reason", reason(found.get(k)));
      }
      distances(node.putObject("raw"), raw.get(k));
    }
    return array;
  }

  private static void distances(ObjectNode node, Finding finding) {
    Numbers.put(node, "intra", finding.intra());
    Numbers.put(node, "inter", finding.inter());
    Numbers.put(node, "pValue", finding.pValue());
  }

  private static String reason(Finding finding) {
    return finding.models().size() < 2
        ? "%d models belong to it; two are needed".formatted(finding.models().size())
        : "every model belongs to it";
  }

  private static Table table(List<Finding> found, List<Finding> raw) {
    List<List<Cell>> rows = new ArrayList<>();
    for (int k = 0; k < found.size(); k++) {
      rows.add(
          List.of(
              Cell.of(found.get(k).community()),
              Cell.count(found.get(k).models().size()),
              Cell.of(found.get(k).intra(), ValueFormat.DECIMAL),
              Cell.of(found.get(k).inter(), ValueFormat.DECIMAL),
              Cell.of(found.get(k).pValue(), ValueFormat.GENERAL),
              Cell.of(raw.get(k).intra(), ValueFormat.DECIMAL),
              Cell.of(raw.get(k).inter(), ValueFormat.DECIMAL),
              Cell.of(raw.get(k).pValue(), ValueFormat.GENERAL)));
    }
    return new Table(
        Numbers.columns(
            "community", "Community",
            "models", "Models",
            "intra", "Within",
            "inter", "To others",
            "p_value", "p",
            "intra_raw", "Within, raw P",
            "inter_raw", "To others, raw P",
            "p_value_raw", "p, raw P"),
        rows);
  }

  private static Chart chart(List<Finding> all) {
    List<Finding> found = all.stream().filter(Finding::measurable).toList();
    return new Chart.Dots(
        Axis.of("Mean L2 distance of canonical embeddings (logits)", ValueFormat.DECIMAL),
        found.stream().map(f -> f.community() + " [" + f.models().size() + "]").toList(),
        List.of(
            new Chart.Row(
                "Within the community",
                found.stream().map(f -> Chart.Estimate.of(f.intra())).toList()),
            new Chart.Row(
                "To other models", found.stream().map(f -> Chart.Estimate.of(f.inter())).toList())),
        found.stream().map(f -> "p = " + ValueFormat.GENERAL.show(f.pValue())).toList(),
        true);
  }

  private static String finding(List<Finding> all) {
    List<Finding> found = all.stream().filter(Finding::measurable).toList();
    if (found.isEmpty()) {
      return "No community has two models here and others beside them.";
    }
    long closer = found.stream().filter(f -> f.intra() < f.inter()).count();
    long significant = found.stream().filter(f -> f.pValue() < LEVEL).count();
    String left =
        found.size() < all.size()
            ? " %d of %d communities have fewer than two models here."
                .formatted(all.size() - found.size(), all.size())
            : "";
    return "Models of a community are closer to each other than to the others in %d of %d communities (the paper: 6 of 6), in %d of them beyond chance (p < %s).%s"
        .formatted(closer, found.size(), significant, LEVEL, left);
  }

  private static Table neighbors(ModelDistances canonical, ModelDistances raw) {
    List<List<Cell>> rows = new ArrayList<>();
    double median = canonical.median();
    double rawMedian = raw.median();
    for (int i : IntStream.range(0, canonical.models().size()).toArray()) {
      if (canonical.models().size() < 2) {
        continue;
      }
      int near = canonical.nearest(i)[0];
      int nearRaw = raw.nearest(i)[0];
      rows.add(
          List.of(
              Cell.of(canonical.models().get(i)),
              Cell.of(canonical.models().get(near)),
              Cell.of(canonical.distance(i, near), ValueFormat.DECIMAL),
              Cell.of(canonical.distance(i, near) / median, ValueFormat.PERCENT),
              Cell.of(raw.models().get(nearRaw)),
              Cell.of(raw.distance(i, nearRaw) / rawMedian, ValueFormat.PERCENT)));
    }
    rows.sort(
        java.util.Comparator.comparing(
            row -> String.format(Locale.ROOT, "%020.9f", ((Cell.Value) row.get(2)).value())));
    return new Table(
        Numbers.columns(
            "model", "Model",
            "nearest", "Nearest",
            "distance", "Distance",
            "of_median", "Of the median",
            "nearest_raw", "Nearest by raw P",
            "of_median_raw", "Of the median"),
        rows);
  }
}
