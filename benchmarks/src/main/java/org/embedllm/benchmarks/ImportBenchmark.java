package org.embedllm.benchmarks;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;

/// Imports a file of the public EmbedLLM data set's size, beside a bare pass of the CSV library
/// over the same file.
///
/// Usage: `ImportBenchmark FOLDER [questions models characters]`; the default is 34,056 questions ×
/// 112 models = 3,814,272 rows with prompts of about 660 characters, 2.7 GB. The file is made in
/// FOLDER when it is not there. Rows run through all questions of one model before the next, the
/// order in which no row repeats the prompt of the row above. Run it with `-Xmx1g`.
public final class ImportBenchmark {
  private static final String[] WORDS =
      "the of a train, passes \"signal\" 42 which integer is prime and how many apples remain (b) if x=7 naïve état"
          .split(" ");

  private ImportBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream out = System.out;
    Path folder = Path.of(arguments[0]);
    int questions = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 34_056;
    int models = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 112;
    int characters = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 660;
    Path file = folder.resolve("made_%d_%d_%d.csv".formatted(questions, models, characters));
    if (!Files.exists(file)) {
      make(file, questions, models, characters);
    }
    double megabytes = Files.size(file) / 1e6;
    out.printf(Locale.ROOT, "%,d rows, %,.0f MB%n", (long) questions * models, megabytes);
    for (int round = 1; round <= 2; round++) {
      double bare = barePass(file);
      double imported = importPass(file, folder.resolve("made-dataset"), out);
      out.printf(
          Locale.ROOT,
          "round %d: bare FastCSV pass %.1f s (%.0f MB/s), import %.1f s (%.0f MB/s), ratio %.2f%n",
          round,
          bare,
          megabytes / bare,
          imported,
          megabytes / imported,
          imported / bare);
    }
    out.printf(
        Locale.ROOT,
        "heap limit %d MiB, peak of heap pools %d MiB%n",
        Runtime.getRuntime().maxMemory() >> 20,
        ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum()
            >> 20);
  }

  /// A pass that makes the fields of every row, as any reader of FastCSV does, and keeps nothing.
  private static double barePass(Path file) throws IOException {
    long start = System.nanoTime();
    long fields = 0;
    try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(file)) {
      for (CsvRecord row : reader) {
        fields += row.getFieldCount();
      }
    }
    if (fields == 0) {
      throw new IOException("nothing was read from " + file);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static double importPass(Path file, Path target, PrintStream out) {
    long start = System.nanoTime();
    Dataset dataset =
        new DatasetImporter(ImportOptions.DEFAULT, ImportProgress.NONE).read(List.of(file));
    DatasetDirectory.write(dataset, target, true);
    double seconds = (System.nanoTime() - start) / 1e9;
    out.printf(Locale.ROOT, "%s%n", dataset.data().matrix());
    return seconds;
  }

  private static void make(Path file, int questions, int models, int characters)
      throws IOException {
    String[] prompts = new String[questions];
    for (int j = 0; j < questions; j++) {
      prompts[j] = prompt(j, characters).replace("\"", "\"\"");
    }
    SplittableRandom random = new SplittableRandom(1);
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    try (BufferedWriter csv = Files.newBufferedWriter(unfinished)) {
      csv.write("prompt_id,model_id,category_id,label,prompt,model_name,category\n");
      for (int i = 0; i < models; i++) {
        for (int j = 0; j < questions; j++) {
          csv.write(j + "," + i + "," + j % 80 + "," + random.nextInt(2) + ",\"");
          csv.write(prompts[j]);
          csv.write("\",family__model-" + i + ",category_" + j % 80 + "\n");
        }
      }
    }
    Files.move(unfinished, file);
  }

  private static String prompt(int question, int characters) {
    SplittableRandom random = new SplittableRandom(question);
    StringBuilder prompt = new StringBuilder("Question ").append(question).append(":");
    int length = characters / 2 + random.nextInt(characters);
    while (prompt.length() < length) {
      prompt
          .append(random.nextInt(12) == 0 ? '\n' : ' ')
          .append(WORDS[random.nextInt(WORDS.length)]);
    }
    return prompt.toString();
  }
}
