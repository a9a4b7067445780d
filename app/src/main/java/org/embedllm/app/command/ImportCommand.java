package org.embedllm.app.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.option.ImportFlags;
import org.embedllm.app.summary.DatasetSummary;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm import SOURCE... --to DATASET`: logs or tables to a data set directory.
@Command(
    name = "import",
    description = "Turns evaluation logs or tables into a data set directory.",
    footer = {
      "",
      "Without --split, sources named train, val and test keep their split; everything else is split",
      "80/10/10 by question. docs/data-formats.md has every accepted layout.",
      "",
      "Examples:",
      "  embedllm import logs/ --to data",
      "  embedllm import results.csv --column score=is_correct --column question=input --to data",
      "  embedllm import table.csv --wide 'gpt-*,claude-*' --scale 0..100 --to data",
    })
public final class ImportCommand implements Callable<Integer> {
  private static final long LONG_FILE_BYTES = 64L << 20;

  @Mixin private Console console;

  @Parameters(
      arity = "1..*",
      paramLabel = "SOURCE",
      description =
          "Tables (CSV, TSV, JSON Lines, JSON, Parquet), a folder of tables, logs of an"
              + " evaluation tool, or another data set.")
  private List<Path> sources = List.of();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DATASET",
      description = "Data set directory to write.")
  private Path target = Path.of("");

  @Mixin private ImportFlags flags;

  @Option(names = "--force", description = "Replace an existing data set at --to.")
  private boolean force;

  @Override
  public Integer call() {
    ImportOptions options = flags.options();
    DatasetDirectory.requireFree(target, force);
    DatasetDirectory.requireSpace(target, sources);
    Dataset dataset = DatasetDirectory.write(() -> read(options), target, force);
    DatasetSummary summary = DatasetSummary.of(dataset);
    console.json(summary.json().document());
    summary.print(console);
    console.line("wrote %s", target);
    return ExitStatus.DONE;
  }

  private Dataset read(ImportOptions options) {
    ImportBar bar = new ImportBar(console);
    try {
      return new DatasetImporter(options, bar).read(sources);
    } finally {
      bar.close();
    }
  }

  /// One bar for each file that is long enough to wait for.
  private static final class ImportBar implements ImportProgress {
    private final Console console;
    private @Nullable Path current;
    private @Nullable Progress progress;

    ImportBar(Console console) {
      this.console = console;
    }

    @Override
    public void reading(Path file, long bytesRead, long totalBytes) {
      if (totalBytes < LONG_FILE_BYTES) {
        return;
      }
      Progress running = progress;
      if (running == null || !file.equals(current)) {
        close();
        running = console.progress("read " + file.getFileName(), totalBytes >> 20, "MiB");
        progress = running;
        current = file;
      }
      running.advanceTo(bytesRead >> 20);
    }

    void close() {
      Progress running = progress;
      if (running != null) {
        running.close();
        progress = null;
      }
    }
  }
}
