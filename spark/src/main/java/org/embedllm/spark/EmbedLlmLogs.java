package org.embedllm.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.ingest.RecordedBytes;
import org.embedllm.ingest.RecordedSource;
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
/// Sources are mounted files, which all processes must see under the same paths, or addresses of a
/// Hadoop file system, such as `s3a://logs/run-1`.
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

    DatasetImporter importer() {
      return new DatasetImporter(options(), ImportProgress.NONE);
    }
  }

  /// Imports sources. Of mounted folders, each file that is read on its own is a task. As soon as
  /// one source is an address, each source is a task, which copies what is not mounted.
  ///
  /// @param sources paths or addresses of files and folders; an address may be a pattern, such as
  ///   `s3a://logs/*.jsonl`
  /// @throws org.embedllm.storage.BadInputException when a source cannot be used, or the sources do
  ///   not fit together
  public static Dataset read(SparkSession spark, List<String> sources, Settings settings) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration configuration = context.hadoopConfiguration();
    DatasetImporter importer = settings.importer();
    List<SourceLocation> locations =
        sources.stream()
            .flatMap(source -> SourceLocation.of(source, configuration).stream())
            .toList();
    if (locations.stream().allMatch(SourceLocation::isMounted)) {
      return importer.read(
          locations.stream().map(source -> Path.of(source.path())).toList(),
          tasks -> inTasks(context, tasks.stream().map(Source::of).toList(), new Read(settings)));
    }
    Broadcast<SerializableConfiguration> shared =
        context.broadcast(new SerializableConfiguration(configuration));
    return importer.collected(inTasks(context, locations, new Fetch(settings, shared)));
  }

  private static <S, R> Iterator<R> inTasks(
      JavaSparkContext context, List<S> sources, Function<S, R> reader) {
    context.setJobDescription("EmbedLLM: read sources");
    JavaRDD<R> read =
        context
            .parallelize(sources, Math.max(1, sources.size()))
            .map(reader)
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

  private record Read(Settings settings) implements Function<Source, RecordedBytes> {
    @Override
    public RecordedBytes call(Source source) {
      return SourceRecording.of(source.task(), settings.options());
    }
  }

  private record Fetch(Settings settings, Broadcast<SerializableConfiguration> configuration)
      implements Function<SourceLocation, RecordedSource> {
    @Override
    public RecordedSource call(SourceLocation source) throws IOException {
      return source.recorded(settings.importer(), configuration.value().value());
    }
  }
}
