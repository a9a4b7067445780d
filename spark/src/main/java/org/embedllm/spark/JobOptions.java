package org.embedllm.spark;

import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.embedllm.source.ColumnRole;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.Printable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Options that all jobs share, and what they print with.
final class JobOptions {
  /// Tasks for each core: a slow one then holds the job up less.
  private static final int TASKS_PER_CORE = 3;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Prints one JSON document.")
  private boolean json;

  @Option(names = "--verbose", description = "Prints stack traces.")
  private boolean verbose;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description =
          "Tasks that work is spread over. They do not change the result. Default: 3 for each core.")
  private @Nullable Integer partitions;

  @Option(
      names = "--column",
      paramLabel = "ROLE=NAME",
      description = "Column of a role: model, id, question, score. Repeatable.")
  private Map<String, String> columns = new LinkedHashMap<>();

  /// The session of spark-submit, or one on all cores of this machine.
  SparkSession session(String name) {
    SparkConf conf = new SparkConf().setAppName("EmbedLLM " + name);
    if (!conf.contains("spark.master")) {
      conf.setMaster("local[*]").set("spark.ui.enabled", "false");
    }
    // The number of tasks is chosen here: Spark would join tasks by their bytes, not their seconds.
    conf.set("spark.sql.adaptive.enabled", "false");
    return SparkSession.builder().config(conf).getOrCreate();
  }

  int partitions(SparkSession spark) {
    Integer asked = partitions;
    if (asked != null && asked < 1) {
      throw BadInputException.of("--partitions must be at least 1; got " + asked);
    }
    return asked == null ? TASKS_PER_CORE * spark.sparkContext().defaultParallelism() : asked;
  }

  Map<ColumnRole, String> columns() {
    Map<ColumnRole, String> roles = new EnumMap<>(ColumnRole.class);
    columns.forEach((label, name) ->
        roles.put(
            ColumnRole.labeled(label)
                .orElseThrow(() -> BadInputException.of("--column has no role \"" + label + "\"")),
            name));
    return roles;
  }

  boolean verbose() {
    return verbose;
  }

  /// Prints a line for people.
  void line(String text) {
    if (!json) {
      out().println(text);
    }
  }

  /// Prints the document of the result.
  void json(Map<String, ?> document) {
    if (json) {
      out().println(Printable.lines(JsonTrees.write(document)));
    }
  }

  private PrintWriter out() {
    CommandSpec command = spec;
    if (command == null) {
      throw new IllegalStateException("options outside of a command");
    }
    return command.commandLine().getOut();
  }
}
