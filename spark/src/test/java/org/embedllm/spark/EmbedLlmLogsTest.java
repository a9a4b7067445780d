package org.embedllm.spark;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.SourcePart;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedLlmLogsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final EmbedLlmLogs.Settings SETTINGS =
      new EmbedLlmLogs.Settings("", ConflictRule.MEAN, "60/20/20", 7, new TreeMap<>());

  private static final String SAMPLES = "samples_t_2025-01-02T03-04-05.000001.jsonl";
  private static final String DESCRIPTION = "dataset.json";
  private static final String CHECKSUM = "\"checksum\" : \"\\w+\""; // of the names too

  @TempDir private Path folder;

  /// Tables with conflicts, measures, references, attributes, votes and a question whose text
  /// another source has.
  @Test
  void read_sourcesOfManyKinds_writesTheDirectoryOfOneMachine() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (int file = 0; file < 5; file++) {
      StringBuilder csv =
          new StringBuilder(
              "model,prompt_id,prompt,category,score,output_tokens,reference,attribute:kind\n");
      for (int j = 0; j < 40; j++) {
        int question = (file * 13 + j * 7) % 60;
        csv.append(
            "model-%d,q%d,What is %d?,b%d,0.%d,%d,answer %d,k%d\n"
                .formatted(
                    j % 3,
                    question,
                    question,
                    question % 2,
                    (j + file) % 10,
                    10 + j,
                    question,
                    question % 4));
      }
      sources.add(Files.writeString(folder.resolve("answers-" + file + ".csv"), csv));
    }
    sources.add(
        Files.writeString(
            folder.resolve("votes.jsonl"),
            """
            {"model_a": "model-0", "model_b": "model-9", "winner": "model_a", "prompt_id": "q1"}
            {"model_a": "model-2", "model_b": "model-1", "winner": "tie", "prompt_id": "q2"}
            """));
    Path expected = folder.resolve("expected");
    DatasetDirectory.write(
        new DatasetImporter(SETTINGS.options(), ImportProgress.NONE).read(sources),
        expected,
        false);
    Path written = folder.resolve("written");
    DatasetDirectory.write(EmbedLlmLogs.read(SPARK, names(sources), SETTINGS), written, false);
    assertThat(contents(written)).isEqualTo(contents(expected)).hasSizeGreaterThan(3);
  }

  @Test
  void read_aBadRow_namesFileAndLine() throws IOException {
    Path good =
        Files.writeString(folder.resolve("good.csv"), "model,prompt,score\na,What?,1\nb,What?,0\n");
    Path bad =
        Files.writeString(
            folder.resolve("bad.csv"), "model,prompt,score\na,Who?,1\na,Why?,seven\n");
    assertThatThrownBy(() -> EmbedLlmLogs.read(SPARK, names(List.of(good, bad)), SETTINGS))
        .hasStackTraceContaining("bad.csv:3");
  }

  /// Tables with a split and orders, runs of one model that are told apart, a log with its results
  /// beside it, a leaderboard's details, what Spark writes, a pattern, and mounted files.
  @Test
  void read_addresses_writesTheDirectoryOfOneMachine() throws IOException {
    Path tables = Files.createDirectory(folder.resolve("tables"));
    write("tables/train.csv", "model,prompt_id,prompt,label\na,q1,One?,1\nb,q2,Two?,0\n");
    write("tables/test.csv", "model,prompt_id,prompt,label\nb,q3,Three?,1\na,q3,Three?,0\n");
    write("tables/model_order.csv", "model\nc\nb\na\n");
    write("tables/question_order.csv", "prompt_id\nq3\nq2\nq1\n");
    Path runs = Files.createDirectory(folder.resolve("runs"));
    run("runs/full", "org/m", "{\"dtype\": \"a\"}", "Four?", "Five?");
    run("runs/small", "org/m", "{\"dtype\": \"b\"}", "Four?", "Six?");
    Path alone = run("alone", "org/p", "{}", "Seven?", "Eight?");
    Path details = Files.createDirectory(folder.resolve("details_org__n"));
    SPARK
        .sql(
            "select 'Nine?' as full_prompt, array('x') as predictions, struct(1.0D as acc) as metrics")
        .write()
        .parquet(details.resolve("2024_01_02T03_04_05").toString());
    Path parts = folder.resolve("parts.parquet");
    SPARK
        .sql(
            "select concat('m', id % 3) as model, concat('Is ', id, '?') as prompt, id % 2 as score from range(40)")
        .repartition(3)
        .write()
        .parquet(parts.toString());
    Files.createDirectory(folder.resolve("more"));
    Path first = write("more/1.csv", "model,prompt,score\nc,One?,0.5\n");
    Path second = write("more/2.csv", "model,prompt,score\nc,Ten and more?,0\n");
    Path mounted = write("mounted.csv", "model,prompt,score\na,Ten and more?,1\n");
    Path local = write("local file.csv", "model,prompt,score\na,Eleven?,1\n");

    Path expected = folder.resolve("expected");
    DatasetDirectory.write(
        new DatasetImporter(SETTINGS.options(), ImportProgress.NONE)
            .read(List.of(tables, runs, alone, details, parts, first, second, mounted, local)),
        expected,
        false);
    String root = mount();
    List<String> sources = new ArrayList<>();
    for (String name :
        List.of(
            "tables",
            "runs",
            "alone/" + SAMPLES,
            details.getFileName().toString(),
            "parts.parquet",
            "more/*.csv")) {
      sources.add(root + "/" + name);
    }
    sources.add(mounted.toString());
    sources.add("file://" + local);
    Path written = folder.resolve("written");
    DatasetDirectory.write(EmbedLlmLogs.read(SPARK, sources, SETTINGS), written, false);

    List<String> same = new ArrayList<>(contents(expected));
    same.removeIf(file -> file.startsWith(DESCRIPTION));
    assertThat(same).hasSizeGreaterThan(2);
    assertThat(contents(written)).containsAll(same).hasSize(same.size() + 1);
    String described = Files.readString(written.resolve(DESCRIPTION));
    assertThat(described).contains(root + "/alone/" + SAMPLES, root + "/more/2.csv", "dtype=b");
    assertThat(described.replace(root, folder.toString()).replaceFirst(CHECKSUM, ""))
        .isEqualTo(Files.readString(expected.resolve(DESCRIPTION)).replaceFirst(CHECKSUM, ""));
    assertThat(copies()).isEmpty();
  }

  @Test
  void read_addressesOfLocalFiles_areTheFiles() throws IOException {
    Path file = write("a.csv", "model,prompt,score\na,What?,1\nb,What?,0\n");
    Dataset read = EmbedLlmLogs.read(SPARK, List.of("file://" + folder + "/*.csv"), SETTINGS);
    assertThat(read.report().sources())
        .extracting(SourcePart::file)
        .containsExactly(file.toString());
  }

  @Test
  void read_badRowsOfAddresses_namesAddressAndLine() throws IOException {
    String root = mount();
    write("bad.csv", "model,prompt,score\na,Why?,seven\n");
    assertThatThrownBy(() -> EmbedLlmLogs.read(SPARK, List.of(root + "/bad.csv"), SETTINGS))
        .hasStackTraceContaining(root + "/bad.csv:2: ");

    write("twice.csv", "model,prompt,score\na,Why?,1\na,Why?,0\n");
    var strict = new EmbedLlmLogs.Settings("", ConflictRule.ERROR, "", 7, new TreeMap<>());
    assertThatThrownBy(() -> EmbedLlmLogs.read(SPARK, List.of(root + "/twice.csv"), strict))
        .hasMessageContaining(root + "/twice.csv:3: ");

    run("cut", "org/m", "{}", "One?", "Two?");
    Files.writeString(folder.resolve("cut/" + SAMPLES), "{\"doc_id\": 3, \"doc\": {}}\n", APPEND);
    assertThat(EmbedLlmLogs.read(SPARK, List.of(root + "/cut"), SETTINGS).report().skipped())
        .singleElement()
        .asString()
        .contains(root + "/cut/" + SAMPLES + ":3: ");
    assertThat(copies()).isEmpty();
  }

  @Test
  void read_addressesThatCannotBeRead_saysWhy() {
    String root = mount();
    Map.of(
            root + "/no.csv",
            "does not exist",
            root + "/no-*.csv",
            "does not exist",
            "file:///no/such.csv",
            "does not exist",
            "nowhere://host/a.csv",
            "there is no file system for \"nowhere\"; add its jars with --jars",
            "s3a://logs/a.csv",
            "there is no file system for \"s3a\"; add its jars with --jars or --packages (org.apache.hadoop:hadoop-aws)",
            "hdfs://no.such.host.invalid/a.csv",
            "cannot be read: ")
        .forEach((source, problem) ->
            assertThatThrownBy(() -> EmbedLlmLogs.read(SPARK, List.of(source), SETTINGS))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith(source + ": " + problem)
                .hasMessageMatching("\\V+"));
  }

  /// Mounts the folder of the test in Hadoop's file system of mount points.
  ///
  /// @return its address
  private String mount() {
    String name = String.valueOf(folder.getFileName());
    SPARK
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.viewfs.mounttable." + name + ".link./" + name, folder.toUri().toString());
    // A host for each test: Hadoop keeps a file system, with its mount points, for each.
    return "viewfs://" + name + "/" + name;
  }

  private List<Path> copies() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    String name = String.valueOf(folder.getFileName());
    try (Stream<Path> all = Files.list(temporary)) {
      return all.filter(one -> one.toString().contains("embedllm-source"))
          .filter(one -> Files.exists(one.resolve(name)))
          .toList();
    }
  }

  /// A run of the lm-evaluation-harness with two questions.
  private Path run(String name, String model, String arguments, String first, String second)
      throws IOException {
    Files.createDirectories(folder.resolve(name));
    write(
        name + "/results_2025-01-02T03-04-05.000001.json",
        "{\"model_name\": \"%s\", \"config\": {\"model_args\": %s}}".formatted(model, arguments));
    return write(
        name + "/" + SAMPLES,
        """
        {"doc_id": 0, "doc": {"question": "%s"}, "target": "x", "acc": 1.0}
        {"doc_id": 1, "doc": {"question": "%s"}, "target": "y", "acc": 0.0}
        """
            .formatted(first, second));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<String> names(List<Path> sources) {
    return sources.stream().map(Path::toString).toList();
  }

  private static List<String> contents(Path folder) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.add(file.getFileName() + " " + Sha256.of(file));
      }
    }
    return all;
  }
}
