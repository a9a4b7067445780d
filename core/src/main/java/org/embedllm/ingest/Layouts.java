package org.embedllm.ingest;

import java.util.List;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.RunNames;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.harness.AlpacaEvalLayout;
import org.embedllm.source.harness.ArenaLayout;
import org.embedllm.source.harness.BfclLayout;
import org.embedllm.source.harness.EvalPlusLayout;
import org.embedllm.source.harness.EveryEvalEverLayout;
import org.embedllm.source.harness.HelmLayout;
import org.embedllm.source.harness.InspectLayout;
import org.embedllm.source.harness.LightEvalLayout;
import org.embedllm.source.harness.LlmRouterBenchLayout;
import org.embedllm.source.harness.LlmRouterLayout;
import org.embedllm.source.harness.OpenAiEvalsLayout;
import org.embedllm.source.harness.PromptfooLayout;
import org.embedllm.source.harness.RouterBenchLayout;
import org.embedllm.source.lmeval.LmEvalLayout;
import org.embedllm.source.table.CsvTableLayout;
import org.embedllm.source.table.JsonlTableLayout;
import org.embedllm.source.table.ParquetTableLayout;
import org.embedllm.source.table.TableRequests;

/// The layouts that an import knows.
final class Layouts {
  private Layouts() {}

  /// All of them for one import, the most particular first: the first that recognizes a source
  /// reads it.
  static List<SourceLayout> of(ImportOptions options) {
    RunNames names = new RunNames();
    TableRequests tables = new TableRequests(options);
    return List.of(
        new DatasetLayout(names),
        new LmEvalLayout(options, names),
        new EveryEvalEverLayout(options),
        new LlmRouterBenchLayout(options),
        new LlmRouterLayout(options),
        new EvalPlusLayout(options),
        new PromptfooLayout(options),
        new InspectLayout(options, names),
        new HelmLayout(options),
        new OpenAiEvalsLayout(options),
        new BfclLayout(options),
        new AlpacaEvalLayout(options),
        new LightEvalLayout(options),
        new RouterBenchLayout(options),
        new ArenaLayout(options),
        new ParquetTableLayout(tables),
        new JsonlTableLayout(tables),
        new CsvTableLayout(tables));
  }
}
