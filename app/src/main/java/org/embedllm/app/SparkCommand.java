package org.embedllm.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.storage.BadInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/// `embedllm spark COMMAND`: described here for help and completion. The launcher of a source
/// checkout starts the Spark module in its place; an archive does not have it.
@Command(
    name = "spark",
    description = "Runs add, train, route and forecast on Spark: on this machine or a cluster.",
    footer = {
      "",
      "The first use in a source checkout fetches Spark, 280 MB. docs/spark.md has clusters.",
      "",
      "Example: embedllm spark add pool.safetensors answers.parquet --to pool2.safetensors",
    })
final class SparkCommand implements Callable<Integer> {
  @SuppressWarnings("UnusedVariable") // Its options are accepted.
  @Mixin
  private Console console;

  @SuppressWarnings("UnusedVariable") // The options of the module are accepted.
  @Unmatched
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    throw BadInputException.of(
        "this archive has no Spark module: use spark-submit with embedllm-spark.jar, or ./embedllm"
            + " spark of a source checkout");
  }
}
