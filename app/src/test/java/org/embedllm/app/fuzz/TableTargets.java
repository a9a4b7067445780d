package org.embedllm.app.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.embedllm.app.experiment.CommunityFile;
import org.embedllm.app.fuzz.FuzzTarget.ByteReader;
import org.embedllm.app.task.Prompts;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.dataset.ExportTables;
import org.embedllm.dataset.TableFile;
import org.embedllm.facts.FactsFile;
import org.embedllm.facts.OutputsTable;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.routing.ModelPrices;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.Sha256;

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
  private static final String FULL =
      """
      \uFEFFsep=;
      id;prompt_id;model;prompt;category;split;score;weight;input_tokens;output_tokens;cost;latency;reference;options;output
      x;1;a;"What; is";c;train;0.5;2;10;3;0.001;0.5;A;"[""A"", ""B""]";"said"
      x;2;b;two;c;test;NaN;1;;;;;;;
      """;
  private static final String TABLE_OF_MODELS =
      """
      sample_id,prompt,eval_name,org/a,b,org/a|model_response,b|model_response,org/a|total_cost,b|total_cost
      law.0,"['It ""is"" one']",law,0.25,1.0,A,B,0.0001,0.003
      """;

  private static final List<String> FILES =
      List.of(
          "questions.csv",
          "models.csv",
          "responses.safetensors",
          "usage.safetensors",
          "votes.safetensors",
          "outputs.jsonl.gz",
          "dataset.json");

  /// What a data set is made of that has every file.
  private static final List<String> SOURCES =
      List.of(
          """
          prompt_id,model,prompt,category,score,weight,input_tokens,cost,reference,options,output
          1,a,one,c,0.5,2,10,0.001,A,"[""A""]",said
          2,b,two,c,1,1,,,,,
          """,
          VOTES);

  private TableTargets() {}

  static List<FuzzTarget> all() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-fuzz");
    try {
      Dataset dataset =
          new DatasetImporter(ImportOptions.DEFAULT.withOutputsKept(true), ImportProgress.NONE)
              .read(
                  List.of(
                      Files.writeString(folder.resolve("scores.csv"), SOURCES.getFirst()),
                      Files.writeString(folder.resolve("votes.csv"), SOURCES.getLast())));
      Path data = folder.resolve("data");
      DatasetDirectory.write(dataset, data, true);
      Path parquet = folder.resolve("seed.parquet");
      TableFile.write(ExportTables.responses(dataset), parquet);
      List<FuzzTarget> targets = new ArrayList<>();
      targets.add(FuzzTarget.ofTexts("csv", importing("t.csv"), CSV, VOTES, FULL, TABLE_OF_MODELS));
      targets.add(new FuzzTarget("csv-gz", importing("t.csv.gz"), List.of(gzip(CSV))));
      targets.add(FuzzTarget.ofTexts("jsonl", importing("t.jsonl"), LINES));
      targets.add(
          new FuzzTarget("parquet", importing("t.parquet"), List.of(Files.readAllBytes(parquet)))
              .slow());
      for (String name : FILES) {
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
              "prompts", inFile("p.jsonl", Prompts::read), "{\"prompt\": \"one\"}\n\"two\"\n"));
      targets.add(
          FuzzTarget.ofTexts(
              "prompts-table", inFile("p.csv", Prompts::read), "prompt\n\"one, two\"\n"));
      targets.add(
          FuzzTarget.ofTexts(
              "outputs",
              inFile("o.csv", OutputsTable::read),
              "model_name,benchmark,output\nm,c,\"a, \"\"b\"\"\"\nn,,c\n"));
      targets.add(
          FuzzTarget.ofTexts(
              "outputs-lines",
              inFile("o.jsonl", OutputsTable::read),
              "{\"model_name\": \"m\", \"benchmark\": \"c\", \"output\": \"a\"}\n{\"model\": \"n\", \"output\": \"b\"}\n"));
      targets.add(
          FuzzTarget.ofTexts(
              "communities",
              inFile("c.txt", CommunityFile::read),
              "# two\nlaw: court judge, law\n\nmath: sum\n"));
      return targets;
    } finally {
      AtomicDirectory.delete(folder);
    }
  }

  static Dataset imported(Path... sources) {
    return new DatasetImporter(ImportOptions.DEFAULT, ImportProgress.NONE).read(List.of(sources));
  }

  static ByteReader importing(String name) {
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
    // Its own checksum would stop nearly all changes too; older data sets have none.
    others.compute(
        "dataset.json",
        (file, bytes) ->
            new String(bytes, StandardCharsets.UTF_8)
                .replace("\"checksum\"", "\"unread\"")
                .getBytes(StandardCharsets.UTF_8));
    ByteReader reader =
        (folder, bytes) -> {
          Path copy = Files.createDirectories(folder.resolve("data"));
          for (Map.Entry<String, byte[]> other : others.entrySet()) {
            Files.write(copy.resolve(other.getKey()), other.getValue());
          }
          Files.write(copy.resolve(name), bytes);
          if (!name.equals("dataset.json")) {
            Files.writeString(copy.resolve("dataset.json"), description(others, name, bytes));
          }
          imported(copy);
        };
    return new FuzzTarget("dataset-" + name, reader, List.of(others.get(name)));
  }

  /// The digest of the changed file is right: it would stop nearly all changes.
  private static String description(Map<String, byte[]> files, String name, byte[] bytes) {
    String before = HexFormat.of().formatHex(Sha256.newDigest().digest(files.get(name)));
    String now = HexFormat.of().formatHex(Sha256.newDigest().digest(bytes));
    return new String(files.get("dataset.json"), StandardCharsets.UTF_8).replace(before, now);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
