package org.embedllm.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.forecast.ForecastQuantity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `route MODEL --file PROMPTS --to DIRECTORY`, which also is `forecast`: both give all rankings.
@Command(
    name = "route",
    aliases = "forecast",
    description = {
      "Forecasts the models on each prompt, and chooses one by a policy.",
      "Probabilities are P(correct); of a MODEL that learned from votes P(preferred), over an average"
          + " model of the pool. The column quantity says which."
    })
final class RouteJob implements Callable<Integer> {
  @Mixin private JobOptions options;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file on the driver.")
  private Path model = Path.of("");

  @Option(
      names = "--file",
      required = true,
      paramLabel = "PROMPTS",
      description =
          "Parquet, JSON Lines or CSV with prompt, and perhaps prompt_id, vector and attributes.")
  private String prompts = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIRECTORY",
      description = "Parquet to write: route, reason, abstain, ranking, error, quantity.")
  private String target = "";

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      description = "best (default), cheapest@P, budget@C or dial@Q.")
  private String policy = "best";

  @Option(
      names = "--prices",
      paramLabel = "CSV",
      description = "File with model,input,output,call, in USD.")
  private @Nullable Path prices;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Models kept of each ranking. Default: 5.")
  private int top = 5;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    try (SparkSession spark = options.session("route")) {
      Dataset<Row> table = AnswerTable.open(spark, List.of(prompts));
      EmbedLlmForecasts.route(
              table.repartition(options.partitions(spark)),
              model,
              Optional.ofNullable(prices),
              policy,
              top)
          .write()
          .mode(SaveMode.ErrorIfExists)
          .parquet(target);
      ForecastQuantity quantity = ModelArtifact.open(model).quantity();
      Map<String, Object> document = document(spark.read().parquet(target), quantity);
      if (quantity == ForecastQuantity.PREFERENCE) {
        options.line(
            "The pool learned from votes: probabilities are of being preferred over an average model"
                + " of the pool.");
      }
      document.put("seconds", (System.nanoTime() - start) * 1e-9);
      options.json(document);
      options.line(
          "routed %s of %s prompts; %s are unlike the training questions"
              .formatted(
                  document.get("routed"), document.get("prompts"), document.get("abstained")));
      options.line("wrote " + target);
    }
    return EmbedLlmJob.DONE;
  }

  /// What is printed of the routed prompts, except for the seconds.
  static Map<String, Object> document(Dataset<Row> routed, ForecastQuantity quantity) {
    Row totals =
        routed.selectExpr("count(*)", "count_if(error is null)", "count_if(abstain)").first();
    Map<String, Object> shares = new LinkedHashMap<>();
    for (Row row :
        routed
            .filter("route is not null")
            .groupBy("route")
            .count()
            .orderBy("route")
            .collectAsList()) {
      shares.put(row.getString(0), (double) row.getLong(1) / totals.getLong(1));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("prompts", totals.getLong(0));
    document.put("routed", totals.getLong(1));
    document.put("abstained", totals.getLong(2));
    document.put("share", shares);
    if (quantity == ForecastQuantity.PREFERENCE) {
      document.put("quantity", quantity.label());
    }
    return document;
  }
}
