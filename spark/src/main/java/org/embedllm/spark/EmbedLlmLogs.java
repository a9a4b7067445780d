package org.embedllm.spark;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.ingest.SourceRecording;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.SplitOptions;
import org.embedllm.source.SplitShares;
import org.embedllm.source.TableOptions;
import org.embedllm.source.file.ImportProgress;

/// Imports logs and tables in parallel, a source in each task, with the readers of `embedllm
/// import`. Tasks parse; the driver collects the answers in the order of the sources. So ids,
/// order, split, scores and digest are those of an import on one machine.
///
/// All processes must see the sources under the same paths.
public final class EmbedLlmLogs {
  private EmbedLlmLogs() {}

  /// How sources are read.
  ///
  /// @param format name of the layout of every source; empty to recognize it
  /// @param conflicts how differing answers of one model to one question are merged
  /// @param split shares of a new split, such as `80/10/10`; empty to keep what the sources bring
  /// @param seed of a split made here
  /// @param columns names of columns by role, where they have no usual name
  public record Settings(
      String format,
      ConflictRule conflicts,
      String split,
      long seed,
      TreeMap<ColumnRole, String> columns)
      implements Serializable {
    ImportOptions options() {
      SplitOptions parts = SplitOptions.DEFAULT.withSeed(seed);
      ImportOptions options =
          ImportOptions.DEFAULT
              .withConflicts(conflicts)
              .withSplit(split.isEmpty() ? parts : parts.withShares(SplitShares.parse(split)))
              .withTable(new TableOptions(columns, List.of(), ScoreScale.UNIT));
      return format.isEmpty() ? options : options.withFormat(format);
    }
  }

  /// Imports sources.
  ///
  /// @param sources files and folders; each that is read as one is a task
  /// @throws org.embedllm.storage.BadInputException when a source cannot be used, or the sources do
  ///   not fit together
  public static Dataset read(SparkSession spark, List<Path> sources, Settings settings) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return new DatasetImporter(settings.options(), ImportProgress.NONE)
        .read(sources, tasks -> recordings(context, tasks, settings));
  }

  private static Iterator<byte[]> recordings(
      JavaSparkContext context, List<SourceRecording.Task> tasks, Settings settings) {
    context.setJobDescription("EmbedLLM: read sources");
    List<Source> sources =
        IntStream.range(0, tasks.size()).mapToObj(i -> Source.of(tasks.get(i))).toList();
    JavaRDD<byte[]> read =
        context
            .parallelize(sources, Math.max(1, sources.size()))
            .map(new Read(settings))
            .persist(StorageLevel.DISK_ONLY());
    read.count(); // All at once; the driver then takes one after the other.
    return read.toLocalIterator();
  }

  /// A task that can be sent.
  private record Source(String layout, String path, String part) implements Serializable {
    static Source of(SourceRecording.Task task) {
      return new Source(
          task.layout(), task.source().toString(), task.part().map(SplitPart::name).orElse(""));
    }

    SourceRecording.Task task() {
      return new SourceRecording.Task(
          layout,
          Path.of(path),
          part.isEmpty() ? Optional.empty() : Optional.of(SplitPart.valueOf(part)));
    }
  }

  private record Read(Settings settings) implements Function<Source, byte[]> {
    @Override
    public byte[] call(Source source) {
      return SourceRecording.of(source.task(), settings.options());
    }
  }
}
