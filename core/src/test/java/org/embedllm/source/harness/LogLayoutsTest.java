package org.embedllm.source.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.TaskOptions;
import org.embedllm.source.file.DuckDb;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each layout from a file as its tool writes it, made for the test.
class LogLayoutsTest {
  @TempDir Path folder;

  /// The expected layout read the data set, and docs/data-formats.md has its counts.
  private static void assertDocumented(Dataset dataset, String format) {
    var matrix = dataset.data().matrix();
    assertThat(dataset.report().sources().getFirst().format()).isEqualTo(format);
    assertThat(Path.of("..", "docs", "data-formats.md"))
        .content()
        .contains(
            "| `%s` | %d | %d | %d | %d |"
                .formatted(
                    format,
                    matrix.modelCount(),
                    matrix.questionCount(),
                    matrix.cellCount(),
                    dataset.data().votes().size()));
  }

  private static double measured(Dataset dataset, Measure measure, int model, String text) {
    var matrix = dataset.data().matrix();
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        if (matrix.questions().get(j).text().equals(text) && matrix.cellModel(c) == model) {
          return dataset.data().measures().value(measure, c);
        }
      }
    }
    throw new AssertionError("no answer to " + text);
  }

  private Path parquet(String name, String select) throws IOException, SQLException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (%s) TO %s (FORMAT parquet)".formatted(select, DuckDb.literal(file.toString())));
    }
    return file;
  }

  @Test
  void everyEvalEver_instances_areQuestionsOfTheirEvaluation() {
    String record =
        """
        {"schema_version":"instance_level_eval_0.2.1","evaluation_id":"e1","model_id":"%s","evaluation_name":"arc","sample_id":"7","sample_hash":"ab","interaction_type":"single_turn","input":{"raw":"Which one?","reference":["blue"],"choices":["red","blue"]},"output":{"raw":["blue"]},"answer_attribution":[],"evaluation":{"score":%s,"is_correct":%s},"token_usage":{"input_tokens":11,"output_tokens":3,"total_tokens":14},"performance":{"latency_ms":250}}
        """;
    write(folder.resolve("a.jsonl"), record.formatted("org/a", "1.0", "true"));
    write(folder.resolve("deep/b.jsonl"), record.formatted("org/b", "37", "false") + "{broken\n");

    Dataset dataset = read(folder);

    assertDocumented(dataset, "every-eval-ever");
    assertThat(dataset.data().matrix().models()).containsExactly("org/a", "org/b");
    assertThat(dataset.data().matrix().benchmarks()).containsExactly("arc");
    String text = "Which one?\nA. red\nB. blue";
    assertThat(score(dataset, "org/a", text)).isEqualTo(1f);
    assertThat(score(dataset, "org/b", text)).isEqualTo(0f);
    assertThat(measured(dataset, Measure.SECONDS, 0, text)).isEqualTo(0.25);
    assertThat(measured(dataset, Measure.OUTPUT_TOKENS, 1, text)).isEqualTo(3);
  }

  private static final String INSPECT =
      """
      {
        "version": 2, "status": "success",
        "eval": {"task": "suite/arc", "model": "prov/m", "created": "2026-01-01"},
        "plan": {}, "results": {}, "stats": {},
        "samples": [
          {"id": 1, "epoch": 1, "input": "One?", "choices": ["x", "y"], "target": "B",
           "messages": [{"role": "user", "content": "One?"}],
           "output": {"completion": "B", "usage": {"input_tokens": 9, "output_tokens": 2}},
           "total_time": 1.5, "scores": {"choice": {"value": "C"}, "f1": {"value": 0.25}}},
          {"id": 2, "epoch": 1, "target": "y", "metadata": {"level": 3},
           "input": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Two?"}],
           "scores": {"choice": {"value": "P"}, "f1": {"value": 0.75}}},
          {"id": 3, "epoch": 1, "input": "Three?", "target": "z", "error": {"message": "e"}}
        ]
      }
      """;

  @Test
  void inspect_document_hasLettersForScores() {
    Path file = write(folder.resolve("log.json"), INSPECT);

    Dataset dataset =
        read(ImportOptions.DEFAULT.withAttributes(Map.of("level", "metadata.level")), file);

    assertDocumented(dataset, "inspect");
    assertThat(score(dataset, "prov/m", "One?\nA. x\nB. y")).isEqualTo(1f);
    assertThat(score(dataset, "prov/m", "Two?")).isEqualTo(0.5f);
    assertThat(score(dataset, "prov/m", "Three?")).isNaN();
    assertThat(dataset.report().unobservedRows()).isEqualTo(1);
    assertThat(dataset.data().matrix().questions().getFirst().id()).isEqualTo("suite/arc:1");
    assertThat(dataset.data().matrix().questions().get(1).attributes().names())
        .containsExactly("level");
    assertThat(dataset.references().get("suite/arc:1"))
        .isEqualTo(new Reference("y", List.of("x", "y")));
    Dataset other =
        read(
            ImportOptions.DEFAULT.withTasks(
                TaskOptions.DEFAULT.withMetrics(Map.of(TaskOptions.EVERY_TASK, "f1"))),
            file);
    assertThat(score(other, "prov/m", "Two?")).isEqualTo(0.75f);
  }

  @Test
  void inspect_usage_isThatOfAllCallsOfTheModel() {
    Path file =
        write(
            folder.resolve("log.json"),
            INSPECT.replace(
                "\"total_time\": 1.5",
                "\"total_time\": 1.5, \"model_usage\": {"
                    + "\"prov/m\": {\"input_tokens\": 30, \"output_tokens\": 11, \"total_tokens\": 41},"
                    + " \"prov/grader\": {\"input_tokens\": 500, \"output_tokens\": 4}}"));

    Dataset dataset = read(file);

    String text = "One?\nA. x\nB. y";
    assertThat(measured(dataset, Measure.INPUT_TOKENS, 0, text)).isEqualTo(30);
    assertThat(measured(dataset, Measure.OUTPUT_TOKENS, 0, text)).isEqualTo(11);
  }

  @Test
  void inspect_wordThatIsNoScore_isCountedAndNamed() {
    Path file =
        write(
            folder.resolve("log.json"), INSPECT.replace("\"value\": \"C\"", "\"value\": \"safe\""));
    Path none = write(folder.resolve("none.json"), INSPECT.replaceAll("\"(C|P)\"", "\"safe\""));

    Dataset dataset = read(file);

    assertThat(score(dataset, "prov/m", "Two?")).isEqualTo(0.5f);
    assertThat(dataset.report().skipped().getFirst().reason())
        .startsWith("prov/m: 1 answer left out")
        .contains("\"safe\" is no score")
        .contains("--metric suite/arc=NAME (choice, f1)");
    assertThatThrownBy(() -> read(none)).hasMessageContaining("2 answers left out");
  }

  @Test
  void score_thatIsAWord_isUnderstoodOrNamed() {
    String record =
        "{\"task_name\":\"t\",\"query\":\"%s\",\"model_name\":\"m\",\"performance\":%s}\n";
    Path file =
        write(
            folder.resolve("data.jsonl"),
            record.formatted("One?", "\"pass\"")
                + record.formatted("Two?", "\"safe\"")
                + record.formatted("Three?", "null"));

    Dataset dataset = read(file);

    assertThat(score(dataset, "m", "One?")).isEqualTo(1f);
    assertThat(dataset.report().unobservedRows()).isEqualTo(1);
    assertThat(dataset.report().skipped().getFirst().reason()).contains("got \"safe\"");
  }

  @Test
  void inspect_logsWithOtherArguments_areOtherModels() {
    write(folder.resolve("a.json"), INSPECT);
    write(
        folder.resolve("b.json"),
        INSPECT.replace(
            "\"created\"",
            "\"model_args\": {\"device\": \"cpu\", \"quantized\": true}, \"task_args\": {\"cot\": true}, \"created\""));
    write(
        folder.resolve("c.json"),
        INSPECT
            .replace("suite/arc", "suite/other")
            .replace("\"created\"", "\"task_args\": {\"cot\": true}, \"created\""));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models())
        .containsExactly("prov/m", "prov/m [quantized=true, cot=true]");
    assertThat(dataset.report().conflicts()).isZero();
    assertThat(dataset.report().warnings())
        .anyMatch(warning -> warning.contains("different model_args are kept apart"));
    Path earlier = folder.resolve("earlier");
    DatasetDirectory.write(read(folder.resolve("a.json")), earlier, false);
    assertThat(read(earlier, folder.resolve("b.json")).data().matrix().models())
        .containsExactly("prov/m", "prov/m [quantized=true, cot=true]");
    assertThat(read(earlier, folder.resolve("c.json")).data().matrix().models())
        .containsExactly("prov/m");
  }

  @Test
  void log_whoseFirstRecordIsLong_isRecognised() {
    String ids = "\"dataset\": {\"sample_ids\": [" + "1, ".repeat(20_000) + "2]},";
    Path inspect =
        write(
            folder.resolve("inspect/log.json"),
            INSPECT
                .replace("\"eval\": {", "\"eval\": {" + ids)
                .replace("\"version\": 2, \"status\": \"success\",", "\"version\": 2,")
                .replace("\"plan\": {}", "\"status\": \"success\""));
    String query = "long ".repeat(10_000);
    Path router =
        write(
            folder.resolve("data.jsonl"),
            "{\"task_name\":\"t\",\"query\":\"%s\",\"model_name\":\"m\",\"performance\":1.0}\n"
                .formatted(query));
    Path wide =
        write(
            folder.resolve("wide.jsonl"),
            "{\"sample_id\":\"s\",\"prompt\":\"%s\",\"eval_name\":\"e\",\"m\":1.0,\"m|total_cost\":0.1}\n"
                .formatted(query));

    assertThat(read(folder.resolve("inspect")).report().sources().getFirst().format())
        .isEqualTo("inspect");
    assertThat(score(read(inspect), "prov/m", "Two?")).isEqualTo(0.5f);
    assertThat(read(router).report().sources().getFirst().format()).isEqualTo("llmrouter");
    assertThat(read(wide).report().sources().getFirst().format()).isEqualTo("routerbench");
  }

  @Test
  void inspect_archive_hasAFileForEachSample() throws IOException {
    Path file = folder.resolve("2026_arc.eval");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      entry(zip, "header.json", "{\"eval\":{\"task\":\"arc\",\"model\":\"prov/m\"}}");
      for (int i = 1; i <= 2; i++) {
        entry(
            zip,
            "samples/" + i + "_epoch_1.json",
            "{\"id\":\"s%d\",\"input\":\"Q%d\",\"target\":\"t\",\"scores\":{\"match\":{\"value\":\"%s\"}}}"
                .formatted(i, i, i == 1 ? "I" : "C"));
      }
      entry(zip, "summaries.json", "[]");
    }

    Dataset dataset = read(folder);

    assertThat(score(dataset, "prov/m", "Q1")).isEqualTo(0f);
    assertThat(score(dataset, "prov/m", "Q2")).isEqualTo(1f);
    Path broken = write(folder.resolve("other/x.eval"), "PK");
    assertThatThrownBy(() -> read(broken))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("inspect log convert");
  }

  private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private void helm(String run, String model, int right) {
    Path at = folder.resolve("runs").resolve(run);
    write(
        at.resolve("run_spec.json"),
        "{\"name\":\"mmlu:subject=law,model=%s\",\"adapter_spec\":{\"model\":\"%s\"}}"
            .formatted(model.replace('/', '_'), model));
    write(
        at.resolve("instances.json"),
        """
        [{"input":{"text":"Which law?"},"references":[{"output":{"text":"old"},"tags":[]},{"output":{"text":"new"},"tags":["correct"]}],"split":"test","id":"id1"}]
        """);
    write(
        at.resolve("per_instance_stats.json"),
        """
        [
          {"instance_id": "id1", "train_trial_index": 0, "stats": [
            {"name": {"name": "num_references"}, "count": 1, "sum": 2, "mean": 2.0},
            {"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": %d, "mean": %d},
            {"name": {"name": "inference_runtime"}, "count": 1, "sum": 0.5, "mean": 0.5}]},
          {"instance_id": "id1", "perturbation": {"name": "typos"}, "train_trial_index": 0, "stats": [
            {"name": {"name": "exact_match"}, "count": 1, "sum": 0, "mean": 0}]}
        ]
        """
            .formatted(right, right));
  }

  @Test
  void helm_runs_joinByInstance() {
    helm("a", "org/a", 1);
    helm("b", "org/b", 0);

    Dataset dataset = read(folder);

    assertDocumented(dataset, "helm");
    assertThat(dataset.data().matrix().benchmarks()).containsExactly("mmlu:subject=law");
    assertThat(dataset.data().matrix().cellCount()).isEqualTo(2);
    String text = "Which law?\nA. old\nB. new";
    assertThat(score(dataset, "org/a", text)).isEqualTo(1f);
    assertThat(score(dataset, "org/b", text)).isEqualTo(0f);
    assertThat(measured(dataset, Measure.SECONDS, 0, text)).isEqualTo(0.5);
  }

  @Test
  void lightEval_details_areNamedByTheirFolders() throws IOException, SQLException {
    parquet(
        "details/org/a/2026-01-01T00-00-00.000000/details_lighteval|gsm8k|5_2026-01-01T00-00-00.000000.parquet",
        "SELECT {'query': 'Two and two?', 'choices': [' 4'], 'gold_index': 0, 'id': '0', 'task_name': 'gsm8k'} AS doc,"
            + " {'text': ['4'], 'output_tokens': [[1, 2, 3]], 'input_tokens': [5, 6]} AS model_response,"
            + " {'extractive_match': 1.0} AS metric");
    parquet(
        "details_org__b/2023-07-18T11_11/details_harness|arc:challenge|25_2023-07-18T11:11:07.000001.parquet",
        "SELECT 'Which?' AS example, 'few shots Which?' AS full_prompt, ['x', 'y'] AS choices,"
            + " 1 AS gold_index, ['-1.5'] AS predictions, {'acc': 0.0, 'acc_norm': 1.0} AS metrics");

    Dataset dataset = read(folder);

    assertDocumented(dataset, "lighteval");
    assertThat(dataset.data().matrix().models()).containsExactlyInAnyOrder("org/a", "org/b");
    assertThat(dataset.data().matrix().benchmarks())
        .containsExactlyInAnyOrder("gsm8k", "arc:challenge");
    assertThat(score(dataset, "org/a", "Two and two?")).isEqualTo(1f);
    assertThat(dataset.references().get("gsm8k:0")).isEqualTo(new Reference("4", List.of()));
    assertThat(score(dataset, "org/b", "Which?\nA. x\nB. y")).isEqualTo(0f);
  }

  @Test
  void choices_thatAreAllRight_areNotInTheQuestion() throws IOException, SQLException {
    Path lightEval =
        parquet(
            "details/org/a/2026-01-01T00-00-00.000000/details_lighteval|qa|0_2026-01-01T00-00-00.000000.parquet",
            "SELECT {'query': 'Who?', 'choices': ['Ann', 'Anna'], 'gold_index': [0, 1], 'id': '0'} AS doc,"
                + " {'text': ['Bob']} AS model_response, {'em': 0.0} AS metric");
    helm("a", "org/a", 1);
    write(
        folder.resolve("runs/a/instances.json"),
        """
        [{"input":{"text":"Who?"},"references":[{"output":{"text":"Ann"},"tags":["correct"]},{"output":{"text":"Anna"},"tags":["correct"]}],"id":"id1"}]
        """);
    Path instances =
        write(
            folder.resolve("eee.jsonl"),
            """
            {"evaluation_id":"e1","model_id":"a","evaluation_name":"qa","sample_id":"7","input":{"raw":"Who?","reference":["Ann","Anna"],"choices":["Ann","Anna"]},"evaluation":{"score":1.0}}
            """);
    Path inspect =
        write(
            folder.resolve("inspect/log.json"),
            INSPECT.replace(
                "\"choices\": [\"x\", \"y\"], \"target\": \"B\"",
                "\"choices\": [\"y\"], \"target\": \"A\""));

    for (Path source : List.of(lightEval, folder.resolve("runs"), instances)) {
      Dataset dataset = read(source);
      assertThat(dataset.data().matrix().questions())
          .as("%s", source)
          .extracting(q -> q.text())
          .containsExactly("Who?");
      assertThat(dataset.references().values()).containsExactly(new Reference("Ann", List.of()));
    }
    assertThat(score(read(inspect), "prov/m", "One?")).isEqualTo(1f);
  }

  @Test
  void openAiEvals_events_joinBySample() {
    Path file =
        write(
            folder.resolve("run.jsonl"),
            """
            {"spec":{"completion_fns":["gpt-x"],"eval_name":"sums.dev.v0","base_eval":"sums","split":"dev","run_config":{}}}
            {"run_id":"r","event_id":0,"sample_id":"sums.dev.0","type":"sampling","data":{"prompt":[{"role":"system","content":"Add."},{"role":"user","content":"1+1"}],"sampled":["2"]}}
            {"run_id":"r","event_id":1,"sample_id":"sums.dev.0","type":"match","data":{"correct":true,"expected":"2","picked":"2"}}
            {"run_id":"r","event_id":2,"sample_id":"sums.dev.1","type":"sampling","data":{"prompt":"2+2","sampled":["5"]}}
            {"run_id":"r","event_id":3,"sample_id":"sums.dev.1","type":"metrics","data":{"accuracy":0.0}}
            {"run_id":"r","event_id":4,"sample_id":"sums.dev.2","type":"sampling","data":{"prompt":"3+3","sampled":["6"]}}
            {"final_report":{"accuracy":0.5}}
            """);

    Dataset dataset = read(file);

    assertDocumented(dataset, "openai-evals");
    assertThat(score(dataset, "gpt-x", "1+1")).isEqualTo(1f);
    assertThat(score(dataset, "gpt-x", "2+2")).isEqualTo(0f);
    assertThat(dataset.data().matrix().questions().getFirst().id()).isEqualTo("sums.dev.0");
    assertThat(dataset.report().skipped().getFirst().reason()).contains("1 samples left out");
  }

  private static String promptfoo(String provider, String question, boolean success) {
    return "{\"promptIdx\":0,\"testIdx\":0,\"prompt\":{\"raw\":\"Q: %s\"},\"vars\":{\"q\":\"%s\"},\"provider\":{\"id\":\"%s\",\"label\":\"\"},\"response\":{\"output\":\"o\",\"tokenUsage\":{\"prompt\":4,\"completion\":2}},\"success\":%s,\"score\":%s,\"latencyMs\":1500,\"cost\":0.002,\"failureReason\":0}"
        .formatted(question, question, provider, success, success ? 1 : 0);
  }

  @Test
  void promptfoo_results_haveUsageInEachCell() {
    String a = promptfoo("openai:a", "One", true);
    String b = promptfoo("ollama:b", "One", false);
    String failed = promptfoo("ollama:b", "Two", false).replace("Reason\":0", "Reason\":2");
    Path file =
        write(
            folder.resolve("results.json"),
            "{\"evalId\":\"e\",\"results\":{\"version\":3,\"results\":[%s,\n%s,%s]}}"
                .formatted(a, b, failed));

    Dataset dataset = read(file);

    assertDocumented(dataset, "promptfoo");
    assertThat(score(dataset, "openai:a", "One")).isEqualTo(1f);
    assertThat(score(dataset, "ollama:b", "One")).isEqualTo(0f);
    assertThat(dataset.data().matrix().cellCount()).isEqualTo(2);
    assertThat(measured(dataset, Measure.SECONDS, 0, "One")).isEqualTo(1.5);
    assertThat(measured(dataset, Measure.COST, 1, "One")).isEqualTo(0.002);
    Dataset lines = read(write(folder.resolve("lines/results.jsonl"), a + "\n" + b + "\n"));
    assertThat(lines.data().matrix().cellCount()).isEqualTo(2);
  }

  @Test
  void promptfoo_severalPrompts_areSeveralModels() {
    StringBuilder lines = new StringBuilder();
    for (String prompt : List.of("Short: {{q}}", "Long: {{q}}")) {
      String named = "\"prompt\":{\"label\":\"%s\",".formatted(prompt);
      lines
          .append(
              promptfoo("a", "One", prompt.startsWith("S")).replace("\"prompt\":{\"", named + "\""))
          .append('\n');
    }
    lines.append(promptfoo("b", "One", true)).append('\n');
    Path file = write(folder.resolve("results.jsonl"), lines.toString());
    Path document =
        write(
            folder.resolve("results.json"),
            "{\"evalId\":\"e\",\"results\":{\"results\":[%s]}}"
                .formatted(String.join(",", lines.toString().strip().split("\n"))));

    for (Path source : List.of(file, document)) {
      Dataset dataset = read(source);
      assertThat(dataset.data().matrix().models())
          .containsExactly("a [Short: {{q}}]", "a [Long: {{q}}]", "b");
      assertThat(dataset.report().conflicts()).isZero();
      assertThat(score(dataset, "a [Long: {{q}}]", "One")).isEqualTo(0f);
    }
  }

  @Test
  void promptfoo_variableForTheAssertions_isNotTheQuestion() {
    String result = promptfoo("a", "One", true);
    Path alone =
        write(
            folder.resolve("alone.jsonl"),
            result.replace("\"vars\":{\"q\":\"One\"}", "\"vars\":{\"expected\":\"One\"}") + "\n");
    Path hidden =
        write(
            folder.resolve("hidden.jsonl"),
            result.replace("\"vars\":{\"q\":\"One\"}", "\"vars\":{\"key\":\"Eleven\"}") + "\n");
    Path both =
        write(
            folder.resolve("both.jsonl"),
            result.replace("\"vars\":{", "\"vars\":{\"key\":\"Eleven\",") + "\n");

    assertThat(score(read(alone), "a", "Q: One")).isEqualTo(1f);
    assertThat(score(read(hidden), "a", "Q: One")).isEqualTo(1f);
    assertThat(score(read(both), "a", "One")).isEqualTo(1f);
  }

  @Test
  void evalPlus_results_takeTheirTextsFromTheTaskFile() {
    write(
        folder.resolve("humaneval/org--coder_vllm_temp_0.0_eval_results.json"),
        """
        {"date": "2026-01-01", "hash": "h", "eval": {
          "HumanEval/0": [{"task_id": "HumanEval/0", "solution": "s", "base_status": "pass", "plus_status": "fail"}],
          "HumanEval/1": [{"task_id": "HumanEval/1", "solution": "s", "base_status": "pass", "plus_status": "pass"}]}}
        """);
    write(
        folder.resolve("HumanEvalPlus.jsonl"),
        """
        {"task_id":"HumanEval/0","prompt":"def f():","entry_point":"f","canonical_solution":"return 0"}
        {"task_id":"HumanEval/1","prompt":"def g():","entry_point":"g","canonical_solution":"return 1"}
        """);

    Dataset dataset = read(folder);

    assertDocumented(dataset, "evalplus");
    assertThat(dataset.data().matrix().models()).containsExactly("org/coder");
    assertThat(score(dataset, "org/coder", "def f():")).isEqualTo(0f);
    assertThat(score(dataset, "org/coder", "def g():")).isEqualTo(1f);
    Dataset base =
        read(
            ImportOptions.DEFAULT.withTasks(
                TaskOptions.DEFAULT.withMetrics(Map.of("humaneval", "base"))),
            folder);
    assertThat(score(base, "org/coder", "def f():")).isEqualTo(1f);
  }

  @Test
  void llmRouter_records_areAnswers() {
    Path file =
        write(
            folder.resolve("data.jsonl"),
            """
            {"task_name":"arc","query":"Which river?","ground_truth":"A","metric":"em_mc","choices":null,"task_id":null,"model_name":"m-a","response":"A","token_num":20,"input_tokens":10,"output_tokens":12,"response_time":0.5,"performance":1.0,"embedding_id":0,"user_id":null}
            {"task_name":"arc","query":"Which river?","ground_truth":"A","metric":"em_mc","choices":"{'text': ['x']}","task_id":null,"model_name":"m-b","response":"B","token_num":20,"input_tokens":10,"output_tokens":12,"response_time":0.5,"performance":0.0,"embedding_id":1,"user_id":null}
            """);

    Dataset dataset = read(file);

    assertDocumented(dataset, "llmrouter");
    assertThat(score(dataset, "m-a", "Which river?")).isEqualTo(1f);
    assertThat(score(dataset, "m-b", "Which river?")).isEqualTo(0f);
    assertThat(measured(dataset, Measure.OUTPUT_TOKENS, 0, "Which river?")).isEqualTo(12);
  }

  @Test
  void llmRouterBench_records_areAnswersOfTheirRun() {
    Path file =
        write(
            folder.resolve("aime/test/m/aime-test-m-20260101_000000.json"),
            """
            {"performance": 0.5, "time_taken": 3.0, "prompt_tokens": 10, "completion_tokens": 20,
             "cost": 0.1, "counts": 2, "model_name": "m", "dataset_name": "aime", "split": "test",
             "demo": false, "data_fingerprint": "",
             "records": [
               {"index": 0, "origin_query": "What?", "prompt": "P What?", "prompt_tokens": 5,
                "completion_tokens": 7, "cost": 0.04, "score": 1.0, "prediction": "4",
                "ground_truth": "4", "raw_output": ["long"]},
               {"index": 1, "origin_query": "Why?", "prompt": "P Why?", "prompt_tokens": 5,
                "completion_tokens": 7, "cost": 0.06, "score": null, "prediction": "",
                "ground_truth": "5", "raw_output": ""}]}
            """);

    Dataset dataset = read(file);

    assertDocumented(dataset, "llmrouterbench");
    assertThat(score(dataset, "m", "What?")).isEqualTo(1f);
    assertThat(score(dataset, "m", "Why?")).isNaN();
    assertThat(dataset.report().unobservedRows()).isEqualTo(1);
    assertThat(measured(dataset, Measure.COST, 0, "What?")).isEqualTo(0.04);
  }

  @Test
  void routerBench_wideTable_hasAModelForEachCostColumn() {
    Path file =
        write(
            folder.resolve("routerbench.csv"),
            """
            sample_id,prompt,eval_name,org/a,b,org/a|model_response,b|model_response,org/a|total_cost,b|total_cost,oracle_model_to_route_to
            law.0,"['It\\'s ""one""?\\nYes']",law,0.25,1.0,A,B,0.0001,0.003,b
            """);

    Dataset dataset = read(file);

    assertDocumented(dataset, "routerbench");
    assertThat(dataset.data().matrix().models()).containsExactly("org/a", "b");
    assertThat(dataset.data().matrix().questions().getFirst().id()).isEqualTo("law.0");
    assertThat(score(dataset, "org/a", "It's \"one\"?\nYes")).isEqualTo(0.25f);
    assertThat(dataset.data().callCosts().get("b")).isEqualTo(0.003);
  }

  @Test
  void bfcl_answersThatNoScoreFileNames_areRight() {
    for (String model : new String[] {"org_a", "org_b"}) {
      write(
          folder.resolve("result/%s/BFCL_v3_simple_result.json".formatted(model)),
          """
          {"id":"simple_0","result":[{"f":"{}"}],"input_token_count":120,"output_token_count":12,"latency":0.4}
          {"id":"simple_1","result":"text","input_token_count":[[100],[20]],"output_token_count":[[8],[1]],"latency":[[0.2],[0.3]]}
          """);
    }
    String total = "{\"accuracy\":0.5,\"correct_count\":1,\"total_count\":2}\n";
    write(
        folder.resolve("score/org_a/BFCL_v3_simple_score.json"),
        total
            + "{\"id\":\"simple_1\",\"valid\":false,\"error\":[\"e\"],\"prompt\":{\"id\":\"simple_1\",\"question\":[[{\"role\":\"user\",\"content\":\"Add\"}]]}}\n");
    write(
        folder.resolve("data/BFCL_v3_simple.json"),
        """
        {"id":"simple_0","question":[[{"role":"system","content":"s"},{"role":"user","content":"Find"}]],"function":[{},{}]}
        {"id":"simple_1","question":[[{"role":"user","content":"Add"}]],"function":[{}]}
        """);

    write(
        folder.resolve("data/possible_answer/BFCL_v3_simple.json"),
        "{\"id\":\"simple_0\",\"ground_truth\":[{\"find\":{\"what\":[\"knot\",\"\"]}}]}\n");

    Dataset dataset =
        read(ImportOptions.DEFAULT.withAttributes(Map.of("tools", "function")), folder);

    assertDocumented(dataset, "bfcl");
    assertThat(dataset.references().get("simple_0"))
        .extracting(Reference::answer)
        .isEqualTo("[{\"find\":{\"what\":[\"knot\",\"\"]}}]");
    assertThat(dataset.data().matrix().questions().getFirst().attributes().names())
        .containsExactly("tools");
    assertThat(dataset.data().matrix().models()).containsExactly("org_a");
    assertThat(score(dataset, "org_a", "Find")).isEqualTo(1f);
    assertThat(score(dataset, "org_a", "Add")).isEqualTo(0f);
    assertThat(measured(dataset, Measure.INPUT_TOKENS, 0, "Add")).isEqualTo(120);
    assertThat(measured(dataset, Measure.SECONDS, 0, "Add")).isEqualTo(0.5);
    assertThat(dataset.report().skipped().getFirst().reason())
        .contains("org_b")
        .contains("bfcl evaluate");
  }

  @Test
  void alpacaEval_annotations_areVotes() {
    Path file =
        write(
            folder.resolve("annotations.json"),
            """
            [{"instruction": "Write.", "output_1": "a", "generator_1": "base", "dataset": "koala",
              "output_2": "b", "generator_2": "new", "annotator": "judge", "preference": 1.9},
             {"instruction": "Sing.", "output_1": "a", "generator_1": "base", "dataset": "koala",
              "output_2": "b", "generator_2": "new", "annotator": "judge", "preference": 1.5},
             {"instruction": "Sing.", "output_1": "a", "generator_1": "base", "dataset": "koala",
              "output_2": "b", "generator_2": "new", "annotator": "judge", "preference": null}]
            """);

    Dataset dataset = read(file);

    assertDocumented(dataset, "alpaca-eval");
    assertThat(dataset.data().votes())
        .extracting(Vote::winner)
        .containsExactly(Vote.Winner.MODEL_B, Vote.Winner.TIE);
  }

  @Test
  void arena_votes_areReadFromLinesTablesAndParquet() throws IOException, SQLException {
    write(
        folder.resolve("battles.jsonl"),
        """
        {"question_id":"1","model_a":"x","model_b":"y","winner":"tie (bothbad)","conversation_a":[{"role":"user","content":"Hello?"},{"role":"assistant","content":"Hi"}],"conversation_b":[],"language":"English"}
        """);
    write(
        folder.resolve("train55k.csv"),
        """
        id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie
        7,x,z,"[""One?"", ""Two?""]",a,b,0,1,0
        """);
    parquet(
        "human.parquet",
        "SELECT 'y' AS model_a, 'z' AS model_b, 'model_a' AS winner,"
            + " [{'role': 'user', 'content': 'Three?'}] AS conversation_a");

    Dataset dataset = read(folder);

    assertDocumented(dataset, "arena");
    assertThat(dataset.data().votes())
        .extracting(Vote::winner)
        .containsExactlyInAnyOrder(Vote.Winner.BOTH_BAD, Vote.Winner.MODEL_B, Vote.Winner.MODEL_A);
    assertThat(dataset.data().matrix().questions())
        .extracting(q -> q.text())
        .containsExactlyInAnyOrder("Hello?", "One?\n\nTwo?", "Three?");
  }

  @Test
  void mtBench_votesOfPeople_areOfTheTurnThatWasJudged() {
    String chat =
        "[{'content': \"What's a knot?\", 'role': 'user'}%s{'content': 'A \\'bend\\'.', 'role':"
            + " 'assistant'}%s{'content': 'Shorter?', 'role': 'user'}]";
    write(
        folder.resolve("human.csv"),
        """
        question_id,model_a,model_b,winner,judge,conversation_a,conversation_b,turn
        81,x,y,model_a,author_1,"%s","[]",1
        81,x,y,tie,author_2,"%s","[]",2
        """
            .formatted(
                chat.formatted(", ", ", ").replace("\"", "\"\""),
                chat.formatted("\n ", "\n ").replace("\"", "\"\"")));

    Dataset dataset = read(folder.resolve("human.csv"));

    assertThat(dataset.report().sources().getFirst().format()).isEqualTo("arena");
    assertThat(dataset.data().votes())
        .extracting(Vote::winner)
        .containsExactly(Vote.Winner.MODEL_A, Vote.Winner.TIE);
    assertThat(dataset.data().matrix().questions())
        .extracting(q -> q.text())
        .containsExactly("What's a knot?", "What's a knot?\n\nShorter?");
  }

  @Test
  void mtBench_judgments_areVotesWhereBothGamesAgree() {
    String first =
        "[User Question]\\nName a knot.\\n\\n[The Start of Assistant A's Answer]\\nBowline\\n[The End";
    String second =
        "<|The Start of Reference Answer|>\\n\\n### User:\\nName a knot.\\n\\n### Reference answer:\\nx\\n\\n"
            + "<|The Start of Assistant A's Conversation with User|>\\n\\n### User:\\nName a knot.\\n\\n"
            + "### Assistant A:\\nBowline\\n\\n### User:\\nAnother?\\n\\n### Assistant A:\\nReef";
    String line =
        "{\"question_id\": 81, \"model_1\": \"x\", \"model_2\": \"y\", \"g1_winner\": \"%s\", \"g2_winner\":"
            + " \"%s\", \"judge\": [\"gpt-4\", \"pair-v2\"], \"g1_user_prompt\": \"%s\","
            + " \"g1_judgment\": \"[[A]]\", \"turn\": %d, \"tstamp\": 1.5}\n";
    write(
        folder.resolve("gpt-4_pair.jsonl"),
        line.formatted("model_2", "model_2", first, 1)
            + line.formatted("model_1", "tie", first, 1)
            + line.formatted("model_1", "model_1", second, 2)
            + line.formatted("error", "model_1", second, 2));

    Dataset dataset = read(folder.resolve("gpt-4_pair.jsonl"));

    assertThat(dataset.data().votes())
        .extracting(Vote::winner)
        .containsExactly(Vote.Winner.MODEL_B, Vote.Winner.TIE, Vote.Winner.MODEL_A);
    assertThat(dataset.data().matrix().questions())
        .extracting(q -> q.text())
        .containsExactly("Name a knot.", "Name a knot.\n\nAnother?");
    assertThat(dataset.report().skipped().getFirst().reason()).contains("got \"error\"");
  }

  private static float only(Dataset dataset, String text) {
    return score(dataset, dataset.data().matrix().models().getFirst(), text);
  }

  @Test
  void inspect_logOfAnAgentWithEpochs_isRead() {
    Path file =
        write(
            folder.resolve("agent.json"),
            """
            {
              "version": 2, "status": "cancelled",
              "eval": {"run_id": "r", "task": "agent", "task_version": 0, "model": "prov/m",
                "model_args": {}, "task_args": {}, "config": {"epochs": 2, "epochs_reducer": ["mean"]}},
              "plan": {"steps": []}, "results": null, "stats": {"model_usage": {}}, "error": null,
              "samples": [
                {"id": "s-1", "epoch": 1, "choices": null, "target": ["four", "4"],
                 "input": [{"role": "user", "content": [{"type": "text", "text": "Two and two?"}, {"type": "image", "image": "x"}], "source": "input"}],
                 "output": {"model": "m", "choices": [{"message": {"role": "assistant", "content": [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "4"}]}, "stop_reason": "stop"}]},
                 "scores": {"match": {"value": true, "answer": "4", "explanation": null, "metadata": {}}},
                 "model_usage": {"prov/m": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_tokens_cache_read": null}}},
                {"id": "s-1", "epoch": 2, "choices": null, "target": ["four", "4"],
                 "input": [{"role": "user", "content": [{"type": "text", "text": "Two and two?"}]}],
                 "output": {"choices": []}, "model_usage": {}, "limit": {"type": "token", "limit": 5},
                 "scores": {"match": {"value": false}}},
                {"id": "s-2", "epoch": 1, "input": "Old?", "target": "x", "output": null,
                 "score": {"value": "C"}},
                {"id": "s-2", "epoch": 2, "input": "Old?", "target": "x", "scores": {}, "error": {"message": "e"}}
              ]
            }
            """);

    Dataset dataset = read(ImportOptions.DEFAULT.withOutputsKept(true), file);

    assertThat(only(dataset, "Two and two?")).isEqualTo(0.5f);
    assertThat(only(dataset, "Old?")).isEqualTo(1f);
    assertThat(measured(dataset, Measure.REPEATS, 0, "Two and two?")).isEqualTo(2);
    assertThat(measured(dataset, Measure.OUTPUT_TOKENS, 0, "Two and two?")).isEqualTo(5);
    assertThat(dataset.references().get("agent:s-1"))
        .extracting(Reference::answer)
        .isEqualTo("four");
    assertThat(dataset.outputs().isEmpty()).isFalse();
  }

  @Test
  void helm_runWithTrialsAndMessages_isRead() {
    Path at = folder.resolve("runs/gsm:model=org_a");
    write(
        at.resolve("run_spec.json"),
        "{\"name\":\"gsm:model=org_a\",\"scenario_spec\":{},\"adapter_spec\":{\"method\":\"generation\",\"model_deployment\":\"host/a\",\"model\":\"org/a\"},\"groups\":[\"gsm\"]}");
    write(
        at.resolve("instances.json"),
        """
        [{"input":{"text":"Train?"},"references":[],"split":"train","id":"id0"},
         {"input":{"messages":[{"role":"system","content":"s"},{"role":"user","content":"How many?"}]},"references":[{"output":{"text":"7"},"tags":["correct"]}],"split":"test","sub_split":"x","id":"id1"},
         {"input":{"text":"Who?"},"split":"valid","id":"id2"}]
        """);
    write(
        at.resolve("per_instance_stats.json"),
        """
        [
          {"instance_id": "id1", "train_trial_index": 0, "stats": [
            {"name": {"name": "exact_match", "split": "test"}, "count": 0, "sum": 0, "sum_squared": 0},
            {"name": {"name": "final_number_exact_match", "split": "test"}, "count": 1, "sum": 1.0, "sum_squared": 1.0, "min": 1.0, "max": 1.0, "mean": 1.0, "variance": 0, "stddev": 0},
            {"name": {"name": "num_prompt_tokens", "split": "test"}, "count": 1, "sum": 90, "mean": 90},
            {"name": {"name": "num_output_tokens", "split": "test"}, "count": 1, "sum": 12, "mean": 12}]},
          {"instance_id": "id1", "train_trial_index": 1, "stats": [
            {"name": {"name": "final_number_exact_match", "split": "test"}, "count": 1, "sum": 0.0},
            {"name": {"name": "final_number_exact_match", "split": "test", "perturbation": {"name": "typos"}}, "count": 1, "sum": 1.0, "mean": 1.0}]},
          {"instance_id": "id2", "train_trial_index": 0, "stats": [
            {"name": {"name": "exact_match", "split": "valid"}, "count": 1, "sum": 1, "mean": 1}]}
        ]
        """);

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactly("org/a");
    assertThat(only(dataset, "How many?")).isEqualTo(0.5f);
    assertThat(only(dataset, "Who?")).isEqualTo(1f);
    assertThat(measured(dataset, Measure.REPEATS, 0, "How many?")).isEqualTo(2);
    assertThat(measured(dataset, Measure.OUTPUT_TOKENS, 0, "How many?")).isEqualTo(12);
    assertThat(dataset.references().get("gsm:id1")).extracting(Reference::answer).isEqualTo("7");
  }

  @Test
  void lightEval_detailsWithListsAsTexts_areRead() throws IOException, SQLException {
    parquet(
        "outputs/details/org/a/2025-01-01T00-00-00/details_lighteval|gpqa:diamond|0_2025-01-01T00-00-00.parquet",
        "SELECT 'Which gas?' AS example, 'sys Which gas?' AS full_prompt, '[''neon'', ''argon'']' AS choices,"
            + " '[1]' AS gold_index, '['' argon'']' AS gold, '[''B'', ''A'']' AS predictions,"
            + " [[1, 2, 3]] AS input_tokens, [[4, 5]] AS cont_tokens,"
            + " {'gpqa_pass@k:k=1': 1.0, 'loss': 3.5} AS metrics");
    parquet(
        "details_org__b/2023-07-18T11_11/details_harness|truthfulqa:mc|0_2023-07-18T11:11:07.000001.parquet",
        "SELECT 'Why?' AS example, 'few shots Why?' AS full_prompt, ['x', 'y', 'z'] AS choices,"
            + " [0, 2] AS gold_index, ['-1.5', '-2'] AS predictions, NULL AS gold,"
            + " {'mc1': 0, 'mc2': 0.4} AS metrics");
    parquet(
        "results/details/org/c/2026-01-01T00-00-00.000000/details_lighteval|ifeval|0_2026-01-01T00-00-00.000000.parquet",
        "SELECT {'query': 'Write.', 'choices': NULL, 'gold_index': NULL, 'id': '', 'instruction': NULL} AS doc,"
            + " {'text': ['a', 'b'], 'output_tokens': [[1, 2, 3], [4]], 'input_tokens': [[5, 6]]} AS model_response,"
            + " {'prompt_level_strict_acc': true, 'inst_level_strict_acc': [true, false]} AS metric");

    Dataset dataset = read(folder);

    assertThat(dataset.report().skipped()).isEmpty();
    assertThat(score(dataset, "org/a", "Which gas?\nA. neon\nB. argon")).isEqualTo(1f);
    assertThat(score(dataset, "org/b", "Why?\nA. x\nB. y\nC. z")).isEqualTo(0f);
    assertThat(score(dataset, "org/c", "Write.")).isEqualTo(1f);
    assertThat(dataset.references().values())
        .contains(new Reference("argon", List.of("neon", "argon")))
        .contains(new Reference("x", List.of("x", "y", "z")));
    int model = dataset.data().matrix().modelIndex("org/a").orElseThrow();
    assertThat(measured(dataset, Measure.OUTPUT_TOKENS, model, "Which gas?\nA. neon\nB. argon"))
        .isEqualTo(2);
  }
}
