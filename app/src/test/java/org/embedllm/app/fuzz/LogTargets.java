package org.embedllm.app.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.embedllm.app.fuzz.FuzzTarget.ByteReader;
import org.embedllm.source.file.DuckDb;

/// Logs of evaluation tools: a file alone, or one file of a run whose others are as they should be.
final class LogTargets {
  private static final String SAMPLES = "samples_arc_2025-01-01T00-00-00.000000.jsonl";
  private static final String RESULTS = "results_2025-01-01T00-00-00.000000.json";
  private static final String HARNESS =
      """
      {"doc_id": 0, "doc": {"question": "q", "choices": {"text": ["x", "y"], "label": ["A", "B"]}}, "doc_hash": "h", "target": "1", "acc": 1.0, "filter": "strict", "metrics": ["acc"], "resps": [["r"]], "filtered_resps": ["r"]}
      {"doc_id": 0, "doc": {"question": "q"}, "doc_hash": "h", "target": "1", "acc": 0.0, "filter": "loose", "metrics": ["acc"]}
      {"doc_id": 1, "doc": {"goal": "r"}, "target": "0", "acc_norm": "0.5", "exact_match": [1, 0]}
      """;
  private static final String HARNESS_RESULTS =
      """
      {"model_name": "org/m", "config": {"model_args": "pretrained=org/m,revision=step1,load_in_4bit=True"},
       "results": {"arc": {"acc,strict": 0.5, "alias": "arc"}}, "higher_is_better": {"arc": {"acc": true}},
       "configs": {"arc": {"filter_list": [{"name": "strict"}, {"name": "loose"}], "metric_list": [{"metric": "acc"}]}}}
      """;
  private static final String INSPECT =
      """
      {"version": 2, "status": "success", "eval": {"task": "suite/t", "model": "p/m"}, "samples": [
       {"id": 1, "epoch": 1, "input": "q", "choices": ["x", "y"], "target": "B",
        "output": {"completion": "B", "usage": {"input_tokens": 9, "output_tokens": 2}},
        "total_time": 1.5, "scores": {"choice": {"value": "C"}, "f1": {"value": 0.25}}},
       {"id": "s", "epoch": 2, "target": ["y"], "metadata": {"level": 3},
        "input": [{"role": "system", "content": "s"}, {"role": "user", "content": "r"}],
        "scores": {"choice": {"value": "P"}}}, {"id": 3, "input": "t", "error": {"message": "e"}}]}
      """;
  private static final String INSPECT_SAMPLE =
      """
      {"id": "s", "epoch": 1, "input": "q", "target": "t", "scores": {"match": {"value": "I"}}}
      """;
  private static final String INSTANCE =
      """
      {"schema_version": "instance_level_eval_0.2.1", "evaluation_id": "e", "model_id": "o/m", "evaluation_name": "arc", "sample_id": "7", "sample_hash": "ab", "input": {"raw": "q", "reference": ["y"], "choices": ["x", "y"]}, "output": {"raw": ["y"]}, "evaluation": {"score": 1.0, "is_correct": true}, "token_usage": {"input_tokens": 11, "output_tokens": 3}, "performance": {"latency_ms": 250}}
      """;
  private static final String EVENTS =
      """
      {"spec": {"completion_fns": ["m"], "eval_name": "s.dev.v0", "base_eval": "s", "split": "dev"}}
      {"run_id": "r", "event_id": 0, "sample_id": "s.0", "type": "sampling", "data": {"prompt": [{"role": "user", "content": "q"}], "sampled": ["2"]}}
      {"run_id": "r", "event_id": 1, "sample_id": "s.0", "type": "match", "data": {"correct": true, "expected": "2"}}
      {"run_id": "r", "event_id": 2, "sample_id": "s.1", "type": "sampling", "data": {"prompt": "r", "sampled": ["5"]}}
      {"run_id": "r", "event_id": 3, "sample_id": "s.1", "type": "metrics", "data": {"accuracy": 0.0}}
      """;
  private static final String RECORD =
      """
      {"task_name": "arc", "query": "q", "ground_truth": "A", "metric": "em_mc", "choices": "{'text': ['x']}", "model_name": "m", "response": "B", "input_tokens": 10, "output_tokens": 12, "response_time": 0.5, "performance": 0.0}
      """;
  private static final String BATTLE =
      """
      {"question_id": "1", "model_a": "x", "model_b": "y", "winner": "tie (bothbad)", "conversation_a": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "conversation_b": []}
      """;
  private static final String PROMPTFOO =
      """
      {"evalId": "e", "results": {"version": 3, "results": [{"prompt": {"raw": "Q: q"}, "vars": {"q": "q"},
        "provider": {"id": "p:a", "label": ""}, "response": {"output": "o", "tokenUsage": {"prompt": 4, "completion": 2}},
        "success": true, "score": 1, "latencyMs": 1500, "cost": 0.002, "failureReason": 0}]}}
      """;
  private static final String BENCH =
      """
      {"performance": 0.5, "cost": 0.1, "counts": 1, "model_name": "m", "dataset_name": "aime", "split": "test", "demo": false,
       "records": [{"index": 0, "origin_query": "q", "prompt": "P q", "prompt_tokens": 5, "completion_tokens": 7, "cost": 0.04,
         "score": 1.0, "prediction": "4", "ground_truth": "4", "raw_output": ["long"]}]}
      """;
  private static final String ALPACA =
      """
      [{"instruction": "q", "output_1": "a", "generator_1": "x", "dataset": "k", "output_2": "b", "generator_2": "y",
        "annotator": "j", "preference": 1.9}]
      """;
  private static final String EVAL_PLUS =
      """
      {"date": "d", "hash": "h", "eval": {"HumanEval/0": [
        {"task_id": "HumanEval/0", "solution": "s", "base_status": "pass", "plus_status": "fail"}]}}
      """;
  private static final String EVAL_PLUS_TASKS =
      """
      {"task_id": "HumanEval/0", "prompt": "def f():", "entry_point": "f", "canonical_solution": "return 0"}
      """;
  private static final Map<String, String> HELM =
      Map.of(
          "run_spec.json",
          "{\"name\": \"mmlu:subject=law,model=m\", \"adapter_spec\": {\"model\": \"m\"}}",
          "instances.json",
          """
          [{"input": {"text": "q"}, "references": [{"output": {"text": "x"}, "tags": []},
            {"output": {"text": "y"}, "tags": ["correct"]}], "split": "test", "id": "id1"}]
          """,
          "per_instance_stats.json",
          """
          [{"instance_id": "id1", "train_trial_index": 0, "stats": [
             {"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": 1, "mean": 1},
             {"name": {"name": "inference_runtime"}, "count": 1, "sum": 0.5, "mean": 0.5}]},
           {"instance_id": "id1", "perturbation": {"name": "typos"}, "stats": []}]
          """);
  private static final Map<String, String> BFCL =
      Map.of(
          "result/org_a/BFCL_v3_simple_result.json",
          """
          {"id": "simple_0", "result": [{"f": "{}"}], "input_token_count": 120, "output_token_count": 12, "latency": 0.4}
          {"id": "simple_1", "result": "t", "input_token_count": [[100], [20]], "output_token_count": [[8], [1]], "latency": [[0.2], [0.3]]}
          """,
          "score/org_a/BFCL_v3_simple_score.json",
          """
          {"accuracy": 0.5, "correct_count": 1, "total_count": 2}
          {"id": "simple_1", "valid": false, "error": ["e"], "prompt": {"id": "simple_1", "question": [[{"role": "user", "content": "r"}]]}}
          """,
          "data/BFCL_v3_simple.json",
          """
          {"id": "simple_0", "question": [[{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]], "function": [{}, {}]}
          {"id": "simple_1", "question": [[{"role": "user", "content": "r"}]], "function": [{}]}
          """);

  private LogTargets() {}

  static List<FuzzTarget> all() {
    return List.of(
        FuzzTarget.ofTexts("lm-eval", TableTargets.importing(SAMPLES), HARNESS),
        FuzzTarget.ofTexts(
            "lm-eval-results", inRun(Map.of(SAMPLES, HARNESS), RESULTS), HARNESS_RESULTS),
        FuzzTarget.ofTexts("inspect", TableTargets.importing("log.json"), INSPECT),
        FuzzTarget.ofTexts("inspect-archive", LogTargets::archive, INSPECT_SAMPLE),
        FuzzTarget.ofTexts(
            "log-lines", TableTargets.importing("log.jsonl"), INSTANCE, EVENTS, RECORD, BATTLE),
        FuzzTarget.ofTexts(
            "log-document", TableTargets.importing("results.json"), PROMPTFOO, BENCH, ALPACA),
        FuzzTarget.ofTexts(
            "evalplus",
            inRun(Map.of("HumanEvalPlus.jsonl", EVAL_PLUS_TASKS), "humaneval/m_eval_results.json"),
            EVAL_PLUS),
        FuzzTarget.ofTexts(
                "lighteval",
                LogTargets::details,
                """
                Q: q
                Q: q
                ['4', '5']
                {'em': 1.0, 'em_stderr': 0.5}
                ['5']
                [1]
                ["4", "5"]
                [[1, 2]]
                [[3]]
                """)
            .slow(),
        inRun("helm", HELM, "per_instance_stats.json"),
        inRun("bfcl", BFCL, "result/org_a/BFCL_v3_simple_result.json"));
  }

  private static FuzzTarget inRun(String name, Map<String, String> run, String changed) {
    return FuzzTarget.ofTexts(name, inRun(run, changed), run.getOrDefault(changed, ""));
  }

  /// Reads the files of a run of which one has other bytes.
  private static ByteReader inRun(Map<String, String> run, String changed) {
    return (folder, bytes) -> {
      Path copy = folder.resolve("run");
      for (Map.Entry<String, String> file : run.entrySet()) {
        write(copy, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
      }
      write(copy, changed, bytes);
      TableTargets.imported(copy);
    };
  }

  private static void write(Path folder, String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, bytes);
  }

  /// The columns of LightEval's details, a line for each.
  private static void details(Path folder, byte[] bytes) throws IOException {
    List<String> columns =
        List.of(
            "example",
            "full_prompt",
            "predictions",
            "metrics",
            "gold",
            "gold_index",
            "choices",
            "input_tokens",
            "cont_tokens");
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    List<String> values = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      String value = c < lines.length ? lines[c].replace("\0", "") : "";
      values.add(DuckDb.literal(value) + " AS " + columns.get(c));
    }
    Path log = folder.resolve("details_lighteval|gsm8k|5_2025-01-01T00-00-00.000000.parquet");
    try (Connection duckdb = DuckDb.open(log);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT %s) TO %s (FORMAT parquet)"
              .formatted(String.join(", ", values), DuckDb.literal(log.toString())));
    } catch (SQLException e) {
      throw new IOException("no such value", e);
    }
    TableTargets.imported(log);
  }

  /// A zip file with a sample of these bytes. Its sums are right: they would stop nearly all
  /// changes.
  private static void archive(Path folder, byte[] sample) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("header.json"));
      zip.write(
          "{\"eval\": {\"task\": \"arc\", \"model\": \"m\"}}".getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("samples/1_epoch_1.json"));
      zip.write(sample);
    }
    TableTargets.imported(Files.write(folder.resolve("log.eval"), bytes.toByteArray()));
  }
}
