package org.embedllm.app.experiment.run;

import java.util.List;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import tools.jackson.databind.JsonNode;

/// What an experiment found.
///
/// @param name which one
/// @param json the content of `NAME.json`
/// @param table the content of `NAME.csv`
/// @param figures the first is `NAME.svg`, further ones have their own ids
/// @param after text below the figures in a report
public record ExperimentResult(
    ExperimentName name, JsonNode json, Table table, List<Figure> figures, List<Block> after) {
  public ExperimentResult {
    figures = List.copyOf(figures);
    after = List.copyOf(after);
    if (figures.isEmpty() || !figures.getFirst().id().equals(name.label())) {
      throw new IllegalArgumentException("the first figure has the experiment's name");
    }
  }
}
