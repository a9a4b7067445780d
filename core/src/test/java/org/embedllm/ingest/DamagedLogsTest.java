package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.gzip;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.ImportReport;
import org.embedllm.source.file.DuckDb;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One damaged file among logs that are whole.
class DamagedLogsTest {
  @TempDir Path folder;

  private static String samples(int count, double score) {
    StringBuilder lines = new StringBuilder();
    Random random = new Random(count);
    for (int j = 0; j < count; j++) {
      lines.append(
          "{\"doc_id\":%d,\"doc\":{\"question\":\"q%d %s\"},\"target\":\"t\",\"arguments\":[],\"resps\":[[\"%x\"]],\"filtered_resps\":[\"r\"],\"doc_hash\":\"h%d\",\"acc\":%s}\n"
              .formatted(j, j, "word ".repeat(20), random.nextLong(), j, score));
    }
    return lines.toString();
  }

  private Path run(String model, String samples) {
    write(
        folder.resolve(model).resolve("results_2026-01-02T03-04-05.000001.json"),
        "{\"model_name\":\"%s\"}".formatted(model));
    return write(
        folder.resolve(model).resolve("samples_arc_2026-01-02T03-04-05.000001.jsonl"), samples);
  }

  private static void cut(Path file, double share) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    write(file, Arrays.copyOf(bytes, (int) (bytes.length * share)));
  }

  private Dataset remaining(String named, String reason) {
    Dataset dataset = read(folder);

    assertThat(dataset.report().skipped())
        .singleElement()
        .satisfies(skipped -> {
          assertThat(skipped.task()).contains(named);
          assertThat(skipped.reason()).contains(reason);
        });
    return dataset;
  }

  @Test
  void lmEvalResults_thatAreCutOff_costTheirRunAlone() throws IOException {
    run("whole", samples(20, 1));
    run("damaged", samples(20, 0));
    cut(folder.resolve("damaged/results_2026-01-02T03-04-05.000001.json"), 0.5);

    Dataset dataset = remaining("damaged", "is not valid JSON");

    assertThat(dataset.data().matrix().models()).containsExactly("whole");
  }

  @Test
  void lmEvalResults_thatAreEmpty_costTheirRunAlone() {
    run("whole", samples(20, 1));
    run("damaged", samples(20, 0));
    write(folder.resolve("damaged/results_2026-01-02T03-04-05.000001.json"), "");

    Dataset dataset = remaining("damaged", "is empty or no JSON object");

    assertThat(dataset.data().matrix().models()).containsExactly("whole");
  }

  @Test
  void damagedFiles_ofOneName_areEachNamed() {
    for (String run : List.of("a", "b", "c")) {
      write(
          folder.resolve(run).resolve("run_spec.json"),
          "{\"name\":\"law:model=%1$s\",\"adapter_spec\":{\"model\":\"%1$s\"}}".formatted(run));
      write(
          folder.resolve(run).resolve("instances.json"),
          "[{\"input\":{\"text\":\"Why?\"},\"references\":[],\"split\":\"test\",\"id\":\"id1\"}]");
      write(
          folder.resolve(run).resolve("per_instance_stats.json"),
          run.equals("a")
              ? "[{\"instance_id\":\"id1\",\"train_trial_index\":0,\"stats\":[{\"name\":{\"name\":\"exact_match\",\"split\":\"test\"},\"count\":1,\"sum\":1,\"mean\":1}]}]"
              : "");
    }

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactly("a");
    assertThat(dataset.report().skipped())
        .extracting(ImportReport.SkippedTask::task)
        .containsExactly("b/per_instance_stats.json", "c/per_instance_stats.json");
  }

  @Test
  void lmEvalSamples_thatAreEmpty_areNamed() {
    run("whole", samples(20, 1));
    run("damaged", "");

    assertThat(remaining("samples_arc", "is empty").data().matrix().models())
        .containsExactly("whole");
  }

  @Test
  void lmEvalSamples_whoseGzipIsCut_areReadUpToThere() throws IOException {
    run("whole", samples(2_000, 1));
    Path file = run("damaged", samples(2_000, 0));
    Files.delete(file);
    Path packed = gzip(file.resolveSibling(file.getFileName() + ".gz"), samples(2_000, 0));
    cut(packed, 0.7);

    Dataset dataset = remaining("samples_arc", "the gzip stream is truncated");

    ImportReport report = dataset.report();
    assertThat(dataset.data().matrix().models()).containsExactlyInAnyOrder("whole", "damaged");
    int read = dataset.data().matrix().cellCount() - 2_000;
    assertThat(read).isBetween(1_000, 1_999);
    assertThat(report.skipped().getFirst().reason())
        .endsWith("the %,d answers before it were read".formatted(read));
    assertThat(report.sources()).extracting("rows").containsExactlyInAnyOrder(2_000L, (long) read);
  }

  @Test
  void lmEvalSamples_thatAreNotUtf8_areReadUpToThere() throws IOException {
    run("whole", samples(20, 1));
    Path file = run("damaged", samples(20, 0));
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] = (byte) 0xff;
    write(file, bytes);

    Dataset dataset = remaining("samples_arc", "is not valid UTF-8");

    assertThat(dataset.data().matrix().models()).contains("whole");
  }

  @Test
  void lmEvalFirstVersions_whoseResultsAreNamedByTheUser_areRead() {
    write(
        folder.resolve("run/alpha.json"),
        "{\"results\":{\"arc\":{\"acc,none\":1}},\"configs\":{\"arc\":{\"task\":\"arc\"}},\"config\":{\"model_args\":\"pretrained=org/alpha\"}}");
    write(folder.resolve("run/pretrained__org__alpha_arc.jsonl"), samples(20, 1));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactly("org/alpha");
    assertThat(dataset.data().matrix().benchmarks()).containsExactly("arc");
    assertThat(dataset.report().skipped()).isEmpty();
  }

  @Test
  void inspectArchive_thatIsCutOff_isNamed() {
    write(
        folder.resolve("a.json"),
        """
        {"version": 2, "status": "success", "eval": {"task": "t", "model": "m", "created": "2026-01-01"}, "plan": {}, "results": {}, "stats": {},
         "samples": [{"id": 1, "epoch": 1, "input": "Why?", "target": "B", "scores": {"s": {"value": "C"}}}]}
        """);
    write(folder.resolve("b.eval"), "PK\003\004 and then nothing");

    assertThat(remaining("b.eval", "").data().matrix().models()).containsExactly("m");
  }

  @Test
  void leaderboardTable_thatIsCutOff_isNamed() throws IOException, SQLException {
    details("org__a");
    cut(details("org__b"), 0.6);

    assertThat(remaining("details_arc", "").data().matrix().models()).containsExactly("org/a");
  }

  private Path details(String model) throws IOException, SQLException {
    Path file =
        folder.resolve(
            "details_%s/2023-07-18T11_11/details_arc_2023-07-18T11:11:07.000001.parquet"
                .formatted(model));
    Files.createDirectories(file.getParent());
    try (Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT 'Which?' AS example, 'few shots Which?' AS full_prompt, ['x', 'y'] AS choices, 1 AS gold_index, ['-1.5'] AS predictions, {'acc': 1.0} AS metrics) TO %s (FORMAT parquet)"
              .formatted(DuckDb.literal(file.toString())));
    }
    return file;
  }

  @Test
  void folder_withTwoLayouts_isReadAsBoth() {
    run("whole", samples(20, 1));
    write(
        folder.resolve("router/data.jsonl"),
        """
        {"task_name":"arc","query":"Why?","ground_truth":"A","metric":"em","choices":null,"task_id":null,"model_name":"m","response":"A","token_num":2,"input_tokens":1,"output_tokens":1,"response_time":0.5,"performance":1,"embedding_id":0,"user_id":null}
        """);

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactlyInAnyOrder("whole", "m");
    assertThat(dataset.report().sources()).extracting("format").contains("lm-eval", "llmrouter");
    assertThat(dataset.report().skipped()).isEmpty();
  }

  @Test
  void damagedFile_withNothingBesideIt_isAnError() {
    run("damaged", "");

    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("samples_arc")
        .hasMessageContaining("is empty")
        .hasMessageNotContaining("no answers in ;");
  }
}
