package org.embedllm.spark;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolPlacement;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `add MODEL RESPONSES... [--to MODEL2] [--placed DIRECTORY]`.
@Command(
    name = "add",
    description = "Adds new models to a trained pool from their answers, without training again.")
final class AddJob implements Callable<Integer> {
  private static final int LISTED = 1_000;

  @Mixin private JobOptions options;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file on the driver.")
  private Path model = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "RESPONSES",
      description = "Parquet, JSON Lines or CSV with model_name, prompt_id and label or score.")
  private List<String> responses = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "MODEL2",
      description = "Model file to write, with the new models after the old ones.")
  private @Nullable Path target;

  @Option(
      names = "--placed",
      paramLabel = "DIRECTORY",
      description = "Parquet to write: vector, covariance, accuracy by benchmark, error.")
  private @Nullable String placedTarget;

  @Override
  public Integer call() throws IOException {
    Path file = target;
    if (file == null && placedTarget == null) {
      throw BadInputException.of("add needs --to MODEL2 or --placed DIRECTORY");
    }
    if (file == null) {
      add(null);
    } else {
      SingleWriter place = ModelArtifact.reserve(file, true);
      try {
        add(file);
      } finally {
        place.close();
      }
    }
    return EmbedLlmJob.DONE;
  }

  private void add(@Nullable Path file) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(model);
    TrainingQuestions questions = TrainingQuestions.requireBeside(model, artifact);
    long start = System.nanoTime();
    try (SparkSession spark = options.session("add")) {
      LongAccumulator solver = new LongAccumulator();
      Dataset<Row> placed =
          EmbedLlmAddition.place(
              AnswerTable.read(spark, responses, options.columns()),
              PoolPlacement.of(artifact, questions),
              options.partitions(spark),
              solver);
      if (placedTarget == null) {
        placed = placed.persist(StorageLevel.MEMORY_AND_DISK());
      } else {
        placed.write().mode(SaveMode.ErrorIfExists).parquet(placedTarget);
        placed = spark.read().parquet(placedTarget);
      }
      Map<String, Object> document =
          summary(placed, new HashSet<>(artifact.factorization().models()));
      if (file != null) {
        EmbedLlmAddition.intoModelFile(placed, artifact, questions).write(file, true);
        options.line("wrote " + file);
      }
      document.put("seconds", (System.nanoTime() - start) * 1e-9);
      document.put("solverSeconds", solver.value() * 1e-9);
      options.json(document);
    }
  }

  private Map<String, Object> summary(Dataset<Row> placed, Set<String> pool) {
    Row totals =
        placed
            .selectExpr(
                "count(*)",
                "count_if(error is null)",
                "coalesce(sum(answers), 0)",
                "coalesce(sum(unknown), 0)")
            .first();
    List<Map<String, Object>> added = new ArrayList<>();
    List<Map<String, Object>> failed = new ArrayList<>();
    for (Row row :
        placed
            .select("model", "answers", "accuracy", "error")
            .orderBy(col("model"))
            .limit(LISTED)
            .collectAsList()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("model", row.getString(0));
      one.put("answers", row.getInt(1));
      if (row.isNullAt(3)) {
        Row accuracy = row.getStruct(2);
        one.put("accuracy", accuracy.getDouble(0));
        one.put("low", accuracy.getDouble(1));
        one.put("high", accuracy.getDouble(2));
        one.put("inPool", pool.contains(row.getString(0)));
        added.add(one);
      } else {
        one.put("error", row.getString(3));
        failed.add(one);
      }
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("models", totals.getLong(0));
    document.put("placed", totals.getLong(1));
    document.put("answers", totals.getLong(2));
    document.put("unknownAnswers", totals.getLong(3));
    document.put("added", added);
    document.put("failed", failed);
    options.line(
        String.format(
            Locale.ROOT,
            "placed %d of %d models from %d answers; %d answers were to questions the pool does not know",
            totals.getLong(1),
            totals.getLong(0),
            totals.getLong(2),
            totals.getLong(3)));
    failed.stream()
        .limit(10)
        .forEach(
            one -> options.line("  not placed: " + one.get("model") + ": " + one.get("error")));
    return document;
  }
}
