package org.embedllm.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.ConflictRule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `import SOURCE... --to DATASET`.
@Command(
    name = "import",
    description = "Reads logs and tables in parallel into a data set directory.")
final class ImportJob implements Callable<Integer> {
  @Mixin private JobOptions options;

  @Parameters(
      arity = "1..*",
      paramLabel = "SOURCE",
      description =
          "Files and folders: paths that all processes see, or addresses such as s3a://logs/*.jsonl.")
  private List<String> sources = new ArrayList<>();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DATASET",
      description = "Data set directory to write, on the driver.")
  private Path target = Path.of("");

  @Option(names = "--force", description = "Replace a data set that is there.")
  private boolean force;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "Layout of every source. Default: recognized by content.")
  private String format = "";

  @Option(
      names = "--conflicts",
      paramLabel = "RULE",
      description = "mean (default), majority, first or error.")
  private ConflictRule conflicts = ConflictRule.MEAN;

  @Option(
      names = "--split",
      paramLabel = "TRAIN/VAL/TEST",
      description = "Split again by question, such as 80/10/10. Default: keep an existing split.")
  private String split = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of a split made here. Default: 0.")
  private long seed;

  @Override
  public Integer call() throws IOException {
    DatasetDirectory.requireFree(target, force);
    long start = System.nanoTime();
    try (SparkSession spark = options.session("import")) {
      var settings =
          new EmbedLlmLogs.Settings(
              format, conflicts, split, seed, new TreeMap<>(options.columns()));
      Dataset read =
          DatasetDirectory.write(() -> EmbedLlmLogs.read(spark, sources, settings), target, force);
      CorrectnessMatrix matrix = read.data().matrix();
      Map<String, Object> splits = new LinkedHashMap<>();
      for (SplitPart part : SplitPart.values()) {
        splits.put(part.label(), read.data().part(part).questionCount());
      }
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("questions", matrix.questionCount());
      document.put("models", matrix.modelCount());
      document.put("cells", matrix.cellCount());
      document.put("conflicts", read.report().conflicts());
      document.put("splits", splits);
      document.put("seconds", (System.nanoTime() - start) * 1e-9);
      options.json(document);
      options.line(
          "imported %d answers of %d models to %d questions; wrote %s"
              .formatted(matrix.cellCount(), matrix.modelCount(), matrix.questionCount(), target));
    }
    return EmbedLlmJob.DONE;
  }
}
