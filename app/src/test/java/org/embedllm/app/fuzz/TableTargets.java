package org.embedllm.app.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.embedllm.app.fuzz.FuzzTarget.ByteReader;
import org.embedllm.app.task.Prompts;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.dataset.ExportTables;
import org.embedllm.dataset.TableFile;
import org.embedllm.facts.FactsFile;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.routing.ModelPrices;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.AtomicDirectory;

/// Logs, tables and data sets.
final class TableTargets {
  private static final String CSV =
      """
      prompt_id,model_id,category_id,label,prompt,model_name,category
      1,0,0,1,"What, is
      ""this""?",alpha,logic
      2,0,0,0,two,beta,law
      """;
  private static final String VOTES =
      "model_a,model_b,winner,prompt\na,b,tie,one\nb,c,model_a,two\nc,a,model_b,one\n";
  private static final String LINES =
      """
      {"prompt": "one", "model": "a", "score": 0.5, "category": {"name": "c"}}
      {"prompt": [{"role": "user", "content": "two"}], "model": "b", "score": 1}
      """;
  private static final String HARNESS =
      """
      {"doc_id": 0, "doc": {"question": "q"}, "target": "1", "acc": 1.0, "filter": "none"}
      {"doc_id": 1, "doc": {"question": "r"}, "target": "0", "acc": 0.0, "filter": "none"}
      """;
  private static final String INSPECT =
      """
      {"version": 2, "eval": {"task": "t", "model": "m"}, "samples": [
       {"id": 1, "epoch": 1, "input": "q", "target": "a", "scores": {"match": {"value": "C"}}}]}
      """;

  private TableTargets() {}

  static List<FuzzTarget> all() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-fuzz");
    try {
      Path table = Files.writeString(folder.resolve("seed.csv"), CSV);
      Dataset dataset = imported(table);
      Path data = folder.resolve("data");
      DatasetDirectory.write(dataset, data, true);
      Path parquet = folder.resolve("seed.parquet");
      TableFile.write(ExportTables.responses(dataset), parquet);
      List<FuzzTarget> targets = new ArrayList<>();
      targets.add(FuzzTarget.ofTexts("csv", importing("t.csv"), CSV, VOTES));
      targets.add(new FuzzTarget("csv-gz", importing("t.csv.gz"), List.of(gzip(CSV))));
      targets.add(FuzzTarget.ofTexts("jsonl", importing("t.jsonl"), LINES));
      targets.add(
          new FuzzTarget("parquet", importing("t.parquet"), List.of(Files.readAllBytes(parquet))));
      targets.add(
          FuzzTarget.ofTexts(
              "lm-eval", importing("samples_arc_2025-01-01T00-00-00.000000.jsonl"), HARNESS));
      targets.add(FuzzTarget.ofTexts("inspect", importing("log.json"), INSPECT));
      for (String name : List.of("questions.csv", "responses.safetensors", "dataset.json")) {
        targets.add(inDataset(data, name));
      }
      targets.add(
          FuzzTarget.ofTexts(
              "prices", inFile("p.csv", ModelPrices::read), "model,input,output,call\na,1,2,0\n"));
      targets.add(
          FuzzTarget.ofTexts(
              "facts", inFile("f.csv", FactsFile::read), "model,size,family\na,7e9,llama\n"));
      targets.add(
          FuzzTarget.ofTexts(
              "prompts",
              inFile("p.jsonl", Prompts::read),
              "{\"prompt\": \"one\"}\n\"two\"\n",
              "prompt\n\"one, two\"\n"));
      return targets;
    } finally {
      AtomicDirectory.delete(folder);
    }
  }

  private static Dataset imported(Path... sources) {
    return new DatasetImporter(ImportOptions.DEFAULT, ImportProgress.NONE).read(List.of(sources));
  }

  private static ByteReader importing(String name) {
    return inFile(name, TableTargets::imported);
  }

  /// Reads a file.
  @FunctionalInterface
  interface FileReader {
    Object read(Path file) throws IOException;
  }

  static ByteReader inFile(String name, FileReader reader) {
    return (folder, bytes) -> reader.read(Files.write(folder.resolve(name), bytes));
  }

  /// A data set of which one file has other bytes.
  private static FuzzTarget inDataset(Path data, String name) throws IOException {
    Map<String, byte[]> others = new TreeMap<>();
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        others.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    }
    ByteReader reader =
        (folder, bytes) -> {
          Path copy = Files.createDirectories(folder.resolve("data"));
          for (Map.Entry<String, byte[]> other : others.entrySet()) {
            Files.write(copy.resolve(other.getKey()), other.getValue());
          }
          Files.write(copy.resolve(name), bytes);
          imported(copy);
        };
    return new FuzzTarget(
        "dataset-" + name, reader, List.of(Files.readAllBytes(data.resolve(name))));
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
