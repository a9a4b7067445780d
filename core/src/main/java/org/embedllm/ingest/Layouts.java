package org.embedllm.ingest;

import java.util.List;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourceLayout;
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
    TableRequests tables = new TableRequests(options);
    return List.of(
        new DatasetLayout(),
        new LmEvalLayout(options),
        new ParquetTableLayout(tables),
        new JsonlTableLayout(tables),
        new CsvTableLayout(tables));
  }
}
