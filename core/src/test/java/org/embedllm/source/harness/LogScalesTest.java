package org.embedllm.source.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.TableOptions;
import org.embedllm.source.TaskOptions;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Scores on another scale than 0 to 1, in each layout that has numbers as scores.
class LogScalesTest {
  @TempDir Path folder;

  /// A log with the score 57 of model `m` on the question `Why?`.
  enum Layout {
    LLMROUTER(
        "data.jsonl",
        "",
        """
        {"task_name":"arc","query":"Why?","ground_truth":"A","metric":"em","choices":null,"task_id":null,"model_name":"m","response":"A","token_num":2,"input_tokens":1,"output_tokens":1,"response_time":0.5,"performance":57,"embedding_id":0,"user_id":null}
        """),
    LLMROUTERBENCH(
        "aime-test-m-20260101_000000.json",
        "",
        """
        {"performance": 57, "time_taken": 3.0, "prompt_tokens": 10, "completion_tokens": 20, "cost": 0.1, "counts": 2, "model_name": "m", "dataset_name": "aime", "split": "test", "demo": false, "data_fingerprint": "",
         "records": [{"index": 0, "origin_query": "Why?", "prompt": "P", "prompt_tokens": 5, "completion_tokens": 7, "cost": 0.04, "score": 57, "prediction": "4", "ground_truth": "4", "raw_output": ["x"]}]}
        """),
    ROUTERBENCH(
        "routerbench.csv",
        "",
        """
        sample_id,prompt,eval_name,m,m|model_response,m|total_cost,oracle_model_to_route_to
        law.0,Why?,law,57,A,0.0001,m
        """),
    OPENAI_EVALS(
        "run.jsonl",
        "",
        """
        {"spec":{"completion_fns":["m"],"eval_name":"sums.dev.v0","base_eval":"sums","split":"dev","run_config":{}}}
        {"run_id":"r","event_id":0,"sample_id":"sums.dev.0","type":"sampling","data":{"prompt":"Why?","sampled":["2"]}}
        {"run_id":"r","event_id":1,"sample_id":"sums.dev.0","type":"metrics","data":{"accuracy":57}}
        """),
    EVERY_EVAL_EVER(
        "a.jsonl",
        "",
        """
        {"schema_version":"instance_level_eval_0.2.1","evaluation_id":"e1","model_id":"m","evaluation_name":"arc","sample_id":"7","sample_hash":"ab","interaction_type":"single_turn","input":{"raw":"Why?"},"output":{"raw":["blue"]},"answer_attribution":[],"evaluation":{"score":57},"token_usage":{},"performance":{}}
        """),
    PROMPTFOO(
        "results.jsonl",
        "",
        """
        {"promptIdx":0,"testIdx":0,"prompt":{"raw":"Why?"},"vars":{"q":"Why?"},"provider":{"id":"m","label":""},"response":{"output":"o"},"success":true,"score":57,"failureReason":0}
        """),
    INSPECT(
        "log.json",
        "",
        """
        {"version": 2, "status": "success", "eval": {"task": "t", "model": "m", "created": "2026-01-01"}, "plan": {}, "results": {}, "stats": {},
         "samples": [{"id": 1, "epoch": 1, "input": "Why?", "target": "B", "scores": {"graded": {"value": 57}}}]}
        """),
    HELM(
        "run/per_instance_stats.json",
        "graded",
        """
        [{"instance_id": "id1", "train_trial_index": 0, "stats": [{"name": {"name": "graded", "split": "test"}, "count": 1, "sum": 57, "mean": 57}]}]
        """);

    private final String file;
    private final String metric;
    private final String text;

    Layout(String file, String metric, String text) {
      this.file = file;
      this.metric = metric;
      this.text = text;
    }
  }

  private Path log(Layout layout) {
    if (layout == Layout.HELM) {
      write(
          folder.resolve("run/run_spec.json"),
          "{\"name\":\"law:model=m\",\"adapter_spec\":{\"model\":\"m\"}}");
      write(
          folder.resolve("run/instances.json"),
          "[{\"input\":{\"text\":\"Why?\"},\"references\":[],\"split\":\"test\",\"id\":\"id1\"}]");
    }
    return write(folder.resolve(layout.file), layout.text);
  }

  private static ImportOptions options(Layout layout, ScoreScale scale) {
    return ImportOptions.DEFAULT
        .withTable(new TableOptions(Map.of(), List.of(), scale))
        .withTasks(
            layout.metric.isEmpty()
                ? TaskOptions.DEFAULT
                : TaskOptions.DEFAULT.withMetrics(Map.of("law", layout.metric)));
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void number_onTheScaleAskedFor_isTaken(Layout layout) {
    Dataset dataset = read(options(layout, new ScoreScale(0, 100)), log(layout));

    assertThat(score(dataset, "m", "Why?")).isEqualTo(0.57f);
    assertThat(dataset.report().skipped()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Layout.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = "PROMPTFOO") // There is `success` beside it.
  void number_outsideTheScale_isNamedWithTheOptionThatReadsIt(Layout layout) {
    Path log = log(layout);

    assertThatThrownBy(() -> read(options(layout, ScoreScale.UNIT), log))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("between 0 and 1; got 57")
        .hasMessageContaining("--scale 0..100")
        .message()
        .doesNotEndWith("--skip ");
  }
}
