package org.embedllm.ingest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.BadInputException;

/// Loads a DATASET: a directory that an import made, a CSV, JSONL or Parquet file, or a directory
/// with `train`, `val`, `test` or `responses` tables.
public final class DatasetLoader {
  private DatasetLoader() {}

  /// Loads a data set.
  ///
  /// @return the data set; [Dataset#splitBrought] is false for a bare file, whose split is made
  ///   here unless it has a column of it, and [Dataset#directory] is present when it was made by an
  ///   import
  /// @throws BadInputException when it is no data set
  public static Dataset load(Path dataset) {
    return load(dataset, ImportOptions.DEFAULT, ImportProgress.NONE);
  }

  /// Loads a table whose questions may be named by their ids alone.
  ///
  /// @throws BadInputException when it is no data set
  public static Dataset loadByIds(Path dataset) {
    return load(dataset, ImportOptions.DEFAULT.withTextRequired(false), ImportProgress.NONE);
  }

  /// Loads a data set with other options; a directory that an import made is taken as it is.
  public static Dataset load(Path dataset, ImportOptions options, ImportProgress progress) {
    if (DatasetDirectory.isDataset(dataset)) {
      return DatasetDirectory.read(dataset);
    }
    DatasetImporter importer = new DatasetImporter(options, progress);
    return Files.isRegularFile(dataset)
        ? importer.readFile(dataset)
        : importer.read(List.of(dataset));
  }
}
