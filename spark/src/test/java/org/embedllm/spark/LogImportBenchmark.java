package org.embedllm.spark;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.Sha256;

/// Imports generated logs of the lm-evaluation-harness on two cores of Spark, mounted and by
/// addresses, beside the reader of one machine: `LogImportBenchmark FOLDER [GIGABYTES]`. Logs that
/// are in FOLDER already are used again.
final class LogImportBenchmark {
  private static final int CORES = 2;
  private static final int WARM = 4; // runs
  private static final int TASKS = 8; // of a run
  private static final int QUESTIONS = 800; // of a task
  private static final int WORDS = 350; // of a prompt with its examples
  private static final EmbedLlmLogs.Settings SETTINGS =
      new EmbedLlmLogs.Settings("lm-eval", ConflictRule.MEAN, "", 0, new TreeMap<>());

  private LogImportBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    Path logs = Path.of(arguments[0]).toAbsolutePath().resolve("logs");
    Files.createDirectories(logs);
    double gigabytes = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 10;
    long each = run(logs, 0);
    int models = (int) Math.ceil(gigabytes * 1e9 / each);
    IntStream.range(1, models).parallel().forEach(model -> run(logs, model));
    List<Path> runs = IntStream.range(0, models).mapToObj(model -> folder(logs, model)).toList();
    SparkSession spark = LocalSpark.session();
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.viewfs.mounttable.benchmark.link./logs", logs.toUri().toString());
    compare(spark, runs.subList(0, Math.min(WARM, models))); // Until the code is compiled.
    System.out.print(compare(spark, runs));
  }

  private static String compare(SparkSession spark, List<Path> runs) {
    List<String> mounted = runs.stream().map(Path::toString).toList();
    List<String> addresses =
        runs.stream().map(run -> "viewfs://benchmark/logs/" + run.getFileName()).toList();
    Measured one =
        measured(() -> new DatasetImporter(SETTINGS.options(), ImportProgress.NONE).read(runs));
    Measured here = measured(() -> EmbedLlmLogs.read(spark, mounted, SETTINGS));
    Measured fetched = measured(() -> EmbedLlmLogs.read(spark, addresses, SETTINGS));
    if (!here.digest.equals(one.digest) || !fetched.digest.equals(one.digest)) {
      throw new IllegalStateException("the imports differ");
    }
    double megabytes = runs.stream().mapToLong(LogImportBenchmark::bytes).sum() * 1e-6;
    return String.format(
        Locale.ROOT,
        "%d runs, %.0f MB, %,d answers%none machine: %s%nSpark, mounted: %s%nSpark, addresses: %s%n",
        runs.size(),
        megabytes,
        one.cells,
        one.text(megabytes, 1, one),
        here.text(megabytes, CORES, one),
        fetched.text(megabytes, CORES, one));
  }

  /// What an import took.
  private record Measured(double seconds, double processorSeconds, long cells, String digest) {
    /// @param cores that it may use
    String text(double megabytes, int cores, Measured one) {
      return String.format(
          Locale.ROOT,
          "%.1f s, %.1f processor s; MB/s and core %.1f (%.0f %%), MB per processor s %.1f (%.0f %%)",
          seconds,
          processorSeconds,
          megabytes / seconds / cores,
          100 * one.seconds / seconds / cores,
          megabytes / processorSeconds,
          100 * one.processorSeconds / processorSeconds);
    }
  }

  private static Measured measured(Supplier<Dataset> imported) {
    double cpu = cpu();
    long start = System.nanoTime();
    Dataset dataset = imported.get();
    return new Measured(
        (System.nanoTime() - start) * 1e-9,
        cpu() - cpu,
        dataset.data().matrix().cellCount(),
        dataset.data().digest());
  }

  private static double cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        * 1e-9;
  }

  private static Path folder(Path logs, int model) {
    return logs.resolve("org__model-%05d".formatted(model));
  }

  private static long bytes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      long bytes = 0;
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes the run of a model, unless it is there.
  ///
  /// @return its bytes
  private static long run(Path logs, int model) {
    Path folder = folder(logs, model);
    Path results = folder.resolve("results_2026-01-02T03-04-05.678901.json");
    if (!Files.exists(results)) {
      try {
        Files.createDirectories(folder);
        for (int task = 0; task < TASKS; task++) {
          write(folder, model, task);
        }
        Files.writeString(
            results,
            "{\"model_name\": \"org/model-%05d\", \"config\": {\"model_args\": {\"dtype\": \"auto\"}}}"
                .formatted(model));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return bytes(folder);
  }

  private static void write(Path folder, int model, int task) throws IOException {
    var random = new SplittableRandom(model);
    Path file = folder.resolve("samples_task-" + task + "_2026-01-02T03-04-05.678901.jsonl");
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      for (int question = 0; question < QUESTIONS; question++) {
        var words = new SplittableRandom((long) task * QUESTIONS + question);
        String text = "Question %d of task %d:%s".formatted(question, task, words(words, 60));
        String hash = Sha256.of(text);
        List<String> choices = new ArrayList<>();
        for (int choice = 0; choice < 4; choice++) {
          choices.add("\"%s\"".formatted(words(words, 6).strip()));
        }
        String prompt = words(words, WORDS) + "\\n\\n" + text + "\\nAnswer:";
        out.println(
            """
            {"doc_id": %d, "doc": {"question": "%s", "subject": "s", "choices": [%s], "answer": %d}, "target": "%d", "arguments": {"gen_args_0": {"arg_0": "%s", "arg_1": " A"}}, "resps": [[["-%.4f", "False"]]], "filtered_resps": [["-%.4f", "False"]], "filter": "none", "metrics": ["acc"], "doc_hash": "%s", "prompt_hash": "%s", "target_hash": "%s", "acc": %d.0}\
            """
                .formatted(
                    question,
                    text,
                    String.join(", ", choices),
                    question % 4,
                    question % 4,
                    prompt,
                    random.nextDouble(),
                    random.nextDouble(),
                    hash,
                    hash,
                    hash,
                    random.nextInt(2)));
      }
    }
  }

  private static String words(SplittableRandom random, int count) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < count; i++) {
      words.append(' ').append(Integer.toString(random.nextInt(100_000), 36));
    }
    return words.toString();
  }
}
