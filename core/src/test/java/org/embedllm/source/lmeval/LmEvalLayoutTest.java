package org.embedllm.source.lmeval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.TableOptions;
import org.embedllm.source.TaskOptions;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class LmEvalLayoutTest {
  private static final String TIME = "2026-01-02T03-04-05.678901";

  @TempDir Path folder;

  private static String sample(int docId, String hash, String doc, String rest) {
    String hashField = hash.isEmpty() ? "" : "\"doc_hash\":\"" + hash + "\",";
    return "{\"doc_id\":%d,\"doc\":%s,\"target\":\"t\",\"arguments\":{\"gen_args_0\":{\"arg_0\":\"few shots\"}},\"resps\":[[\"r\"]],\"filtered_resps\":[\"r\"],%s%s}\n"
        .formatted(docId, doc, hashField, rest);
  }

  private static String question(String text) {
    return "{\"question\":\"" + text + "\",\"answer\":\"1\"}";
  }

  private Path samples(String model, String task, String lines) {
    return write(folder.resolve(model).resolve("samples_" + task + "_" + TIME + ".jsonl"), lines);
  }

  private void results(String model, String json) {
    write(folder.resolve(model).resolve("results_" + TIME + ".json"), json);
  }

  @Test
  void models_areNamedByTheResultsFile_elseByTheFolder() {
    samples("x", "gsm8k", sample(0, "h0", question("q"), "\"exact_match\":1.0"));
    results("x", "{\"model_name\":\"org/x-7b\",\"config\":{\"model_args\":\"pretrained=other\"}}");
    samples("y", "gsm8k", sample(0, "h0", question("q"), "\"exact_match\":0.0"));
    results("y", "{\"config\":{\"model_args\":\"pretrained=org/y,revision=step10,dtype=auto\"}}");
    samples("z", "gsm8k", sample(0, "h0", question("q"), "\"exact_match\":0.0"));
    results("z", "{\"config\":{\"model_args\":{\"pretrained\":\"base\",\"peft\":\"org/z\"}}}");
    samples("org__w", "gsm8k", sample(0, "h0", question("q"), "\"exact_match\":1.0"));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models())
        .containsExactlyInAnyOrder("org/x-7b", "org/y@step10", "org/z", "org/w");
    assertThat(dataset.data().matrix().questions())
        .containsExactly(new Question("gsm8k:h0", "q", "gsm8k"));
    assertThat(score(dataset, "org/w", "q")).isEqualTo(1f);
  }

  @Test
  void metric_thatIsAList_isNamedWithTheOptionThatReadsIt() {
    samples(
        "m",
        "code",
        sample(0, "h0", question("q"), "\"metrics\":[\"pass\"],\"acc\":null,\"pass\":[1.0,0.0]"));

    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("pass is a list; its mean is taken with --metric code=pass");
    Dataset dataset =
        read(
            ImportOptions.DEFAULT.withTasks(
                TaskOptions.DEFAULT.withMetrics(Map.of("code", "pass"))),
            folder);
    assertThat(score(dataset, "m", "q")).isEqualTo(0.5f);
  }

  @Test
  void sample_withoutScore_isCounted() {
    samples(
        "m",
        "gsm8k",
        sample(0, "h0", question("q"), "\"metrics\":[\"exact_match\"],\"exact_match\":1.0")
            + sample(1, "h1", question("r"), "\"metrics\":[\"exact_match\"],\"exact_match\":null")
            + sample(2, "h2", question("s"), "\"metrics\":[\"exact_match\"],\"exact_match\":NaN"));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().cellCount()).isEqualTo(1);
    assertThat(dataset.report().unobservedRows()).isEqualTo(2);
  }

  @Test
  void filters_haveALineEach_andOneIsRead() {
    String lines =
        sample(
                0,
                "h0",
                question("q"),
                "\"filter\":\"strict\",\"metrics\":[\"exact_match\"],\"exact_match\":0.0")
            + sample(
                0,
                "h0",
                question("q"),
                "\"filter\":\"loose\",\"metrics\":[\"exact_match\"],\"exact_match\":1.0");
    samples("m", "gsm8k", lines);

    assertThat(score(read(folder), "m", "q")).isEqualTo(0f);
    assertThat(read(folder).report().conflicts()).isZero();
    assertThat(read(folder).report().warnings().getFirst()).contains("strict").contains("loose");
    assertThat(
            score(
                read(
                    ImportOptions.DEFAULT.withTasks(TaskOptions.DEFAULT.withFilter("loose")),
                    folder),
                "m",
                "q"))
        .isEqualTo(1f);
    assertThatThrownBy(() ->
            read(ImportOptions.DEFAULT.withTasks(TaskOptions.DEFAULT.withFilter("other")), folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("strict, loose");
  }

  @Test
  void filter_thatNoTaskHas_isRefusedWithThoseThereAre() {
    results(
        "m",
        "{\"model_name\":\"m\",\"configs\":{\"a\":{\"filter_list\":[{\"name\":\"strict\"}]},\"b\":{}}}");
    samples(
        "m",
        "a",
        sample(
            0,
            "h0",
            question("q"),
            "\"filter\":\"strict\",\"metrics\":[\"exact_match\"],\"exact_match\":1.0"));
    samples(
        "m",
        "b",
        sample(
            0,
            "h1",
            question("p"),
            "\"filter\":\"none\",\"metrics\":[\"exact_match\"],\"exact_match\":1.0"));
    ImportOptions options = ImportOptions.DEFAULT;

    assertThat(
            read(options.withTasks(TaskOptions.DEFAULT.withFilter("strict")), folder)
                .data()
                .matrix()
                .questionCount())
        .isEqualTo(2);
    assertThatThrownBy(
            () -> read(options.withTasks(TaskOptions.DEFAULT.withFilter("strickt")), folder))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "no task has answers of filter strickt; they have strict, none; choose one with --filter");
  }

  @Test
  void filters_withoutNamesInTheLines_areNamedByTheResultsFile() {
    String lines =
        sample(0, "h0", question("q"), "\"exact_match\":0.0")
            + sample(1, "h1", question("r"), "\"exact_match\":0.0")
            + sample(0, "h0", question("q"), "\"exact_match\":1.0")
            + sample(1, "h1", question("r"), "\"exact_match\":1.0");
    samples("m", "gsm8k", lines);
    results(
        "m",
        "{\"model_name\":\"m\",\"configs\":{\"gsm8k\":{\"filter_list\":[{\"name\":\"strict\"},{\"name\":\"loose\"}]}}}");
    samples("without-results", "gsm8k", lines);

    Dataset first = read(folder);
    assertThat(score(first, "m", "q")).isEqualTo(0f);
    assertThat(score(first, "without-results", "r")).isEqualTo(0f);
    assertThat(first.report().conflicts()).isZero();
    Dataset loose =
        read(
            ImportOptions.DEFAULT.withTasks(TaskOptions.DEFAULT.withFilter("loose")),
            folder.resolve("m"));
    assertThat(score(loose, "m", "q")).isEqualTo(1f);
    assertThat(score(loose, "m", "r")).isEqualTo(1f);
  }

  @Test
  void metric_isTheTasksFirstAccuracy_orTheOneAskedFor() {
    samples(
        "m",
        "arc_easy",
        sample(0, "h0", question("q"), "\"perplexity\":0.5,\"acc\":0.0,\"acc_norm\":1.0"));
    samples(
        "m",
        "ifeval",
        sample(
            0,
            "h0",
            question("i"),
            "\"prompt_level_strict_acc\":true,\"inst_level_strict_acc\":[true,false]"));

    Dataset dataset = read(folder);
    assertThat(score(dataset, "m", "q")).isEqualTo(0f);
    assertThat(score(dataset, "m", "i")).isEqualTo(1f);
    Dataset other =
        read(
            ImportOptions.DEFAULT.withTasks(
                TaskOptions.DEFAULT.withMetrics(Map.of("arc_easy", "acc_norm"))),
            folder);
    assertThat(score(other, "m", "q")).isEqualTo(1f);
    Dataset without =
        read(
            ImportOptions.DEFAULT.withTasks(
                TaskOptions.DEFAULT.withMetrics(Map.of("arc_easy", "f1"))),
            folder);
    assertThat(without.report().skipped().getFirst().reason())
        .contains("acc_norm")
        .contains("--metric arc_easy=NAME");
  }

  @Test
  void metric_inTheTasksOwnOrder_leavesOutWhatIsBetterWhenLow() {
    samples("m", "t", sample(0, "h0", question("q"), "\"brier\":0.25,\"quality\":0.75"));
    results(
        "m",
        "{\"model_name\":\"m\",\"configs\":{\"t\":{\"metric_list\":[{\"metric\":\"brier\"},{\"metric\":\"quality\"}]}},\"higher_is_better\":{\"t\":{\"brier\":false,\"quality\":true}}}");

    assertThat(score(read(folder), "m", "q")).isEqualTo(0.75f);
  }

  @Test
  void numbersAsTexts_andTruthValues_areScores() {
    samples(
        "m",
        "t",
        sample(0, "h0", question("q"), "\"acc\":\"1.0\"")
            + sample(1, "h1", question("r"), "\"acc\":\"0\"")
            + sample(2, "h2", question("s"), "\"acc\":true")
            + sample(3, "h3", question("u"), "\"acc\":NaN"));

    Dataset dataset = read(folder);

    assertThat(score(dataset, "m", "q")).isEqualTo(1f);
    assertThat(score(dataset, "m", "r")).isEqualTo(0f);
    assertThat(score(dataset, "m", "s")).isEqualTo(1f);
    assertThat(score(dataset, "m", "u")).isNaN();
  }

  @Test
  void runs_withLimitAndWithout_joinOnTheQuestionsBothAnswered() {
    samples(
        "a",
        "t",
        sample(0, "h0", question("q"), "\"acc\":1") + sample(1, "h1", question("r"), "\"acc\":0"));
    samples("b", "t", sample(0, "h0", question("q"), "\"acc\":0"));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().questionCount()).isEqualTo(2);
    assertThat(score(dataset, "b", "q")).isEqualTo(0f);
    assertThat(score(dataset, "b", "r")).isNaN();
  }

  @Test
  void runs_withoutHashes_joinByTaskDocumentAndText() {
    samples("a", "t", sample(0, "", question("q"), "\"acc\":1"));
    samples("b", "t", sample(0, "hash", question("q"), "\"acc\":0"));
    samples("c", "t", sample(0, "", question("q"), "\"acc\":0"));
    samples("d", "t", sample(0, "", question("another text"), "\"acc\":1"));
    samples("e", "t", sample(0, "another hash", question("q"), "\"acc\":1"));
    samples("f", "other", sample(0, "hash", question("q"), "\"acc\":1"));

    Dataset dataset = read(folder);

    // a, b and c answered one question; d, e and f one each.
    assertThat(dataset.data().matrix().questionCount()).isEqualTo(4);
    assertThat(dataset.data().matrix().cellCount(0)).isEqualTo(3);
    assertThat(dataset.report().conflicts()).isZero();
  }

  @Test
  void groupOfTasks_hasABenchmarkForEachTask() {
    samples("m", "mmlu_anatomy", sample(0, "h", question("q"), "\"acc\":1"));
    samples("m", "mmlu_world_religions", sample(0, "h", question("r"), "\"acc\":1"));
    results(
        "m",
        "{\"model_name\":\"m\",\"group_subtasks\":{\"mmlu\":[\"mmlu_anatomy\",\"mmlu_world_religions\"]}}");

    assertThat(read(folder).data().matrix().benchmarks())
        .containsExactly("mmlu_anatomy", "mmlu_world_religions");
  }

  @Test
  void lastLine_thatIsCutOff_isLeftOutAndReported() {
    String whole =
        sample(0, "h0", question("q"), "\"acc\":1") + sample(1, "h1", question("r"), "\"acc\":1");
    for (int cut = 2; cut < 40; cut += 3) {
      Path file = samples("m", "t", whole.substring(0, whole.length() - cut));

      Dataset dataset = read(folder);

      assertThat(dataset.data().matrix().questionCount()).isEqualTo(1);
      assertThat(dataset.report().warnings())
          .containsExactly(file + ": the last line is incomplete; it was left out");
    }
  }

  @Test
  void lineInTheMiddle_thatIsBroken_isRefusedWithItsLine() {
    Path file =
        samples(
            "m",
            "t",
            sample(0, "h0", question("q"), "\"acc\":1")
                + "{\"doc_id\": 1, \"doc\n"
                + sample(2, "h2", question("s"), "\"acc\":1"));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().questionCount()).isEqualTo(2);
    assertThat(dataset.report().skipped()).hasSize(1);
    assertThat(dataset.report().skipped().getFirst().task()).isEqualTo("t");
    assertThat(dataset.report().skipped().getFirst().reason())
        .startsWith("m: 1 answer left out; the first is " + file + ":2: is not valid JSON");
  }

  @Test
  void olderLogs_thatAreOneArray_areRead() {
    String array =
        "[\n"
            + sample(0, "h0", question("q"), "\"acc\":1").strip()
            + ",\n"
            + sample(1, "h1", question("r"), "\"acc\":0").strip()
            + "\n]\n";
    samples("m", "t", array);

    assertThat(read(folder).data().matrix().cellCount()).isEqualTo(2);
  }

  @Test
  void text_isTheDocumentsQuestionWithItsChoices_neverTheFewShotPrompt() {
    samples(
        "m",
        "t",
        sample(0, "h0", "{\"question\":\"Q?\",\"choices\":[\"x\",\"y\"]}", "\"acc\":1")
            + sample(
                1,
                "h1",
                "{\"query\":\"W?\",\"choices\":{\"text\":[\"u\",\"v\"],\"label\":[\"A\",\"B\"]}}",
                "\"acc\":1")
            + sample(2, "h2", "{\"problem\":\"P\",\"solution\":\"never shown\"}", "\"acc\":1")
            + sample(3, "h3", "{\"goal\":\"G\",\"sol1\":\"one\",\"sol2\":\"two\"}", "\"acc\":1"));

    assertThat(read(folder).data().matrix().questions())
        .extracting(Question::text)
        .containsExactly("Q?\nA. x\nB. y", "W?\nA. u\nB. v", "P", "G\nA. one\nB. two");
  }

  @Test
  void questionField_overridesTheText() {
    samples(
        "m",
        "t",
        sample(
            0,
            "h0",
            "{\"question\":\"Q?\",\"meta\":{\"long\":\"L\"},\"choices\":[\"x\"]}",
            "\"acc\":1"));

    assertThat(
            read(
                    ImportOptions.DEFAULT.withTasks(
                        TaskOptions.DEFAULT.withQuestionField("meta.long")),
                    folder)
                .data()
                .matrix()
                .questions())
        .extracting(Question::text)
        .containsExactly("L");
    assertThatThrownBy(() ->
            read(
                ImportOptions.DEFAULT.withTasks(TaskOptions.DEFAULT.withQuestionField("absent")),
                folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("question, meta, choices");
  }

  @Test
  void halfASurrogatePair_becomesTheReplacementCharacter() {
    samples("m", "t", sample(0, "h0", question("x\\ud83dy\\ud83d\\ude00"), "\"acc\":1"));

    assertThat(read(folder).data().matrix().questions().getFirst().text())
        .isEqualTo("x\uFFFDy\ud83d\ude00");
  }

  @Test
  void secondRunOfAModel_isAConflictWhereItDiffers() {
    samples("m", "t", sample(0, "h0", question("q"), "\"acc\":1"));
    write(
        folder.resolve("m").resolve("samples_t_2026-02-02T03-04-05.678901.jsonl"),
        sample(0, "h0", question("q"), "\"acc\":0"));

    Dataset dataset = read(folder);

    assertThat(dataset.report().conflicts()).isEqualTo(1);
    assertThat(score(dataset, "m", "q")).isEqualTo(0.5f);
  }

  @Test
  void task_withoutAnyScore_isLeftOutAndReported() {
    samples("m", "t", sample(0, "h0", question("q"), "\"acc\":1"));
    samples("m", "wikitext", sample(0, "h1", question("w"), "\"word_perplexity\":[-12.5,3]"));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().benchmarks()).containsExactly("t");
    assertThat(dataset.report().skipped().getFirst().task()).isEqualTo("wikitext");
    assertThat(dataset.report().skipped().getFirst().reason()).contains("word_perplexity");
    assertThatThrownBy(
            () -> read(folder.resolve("m").resolve("samples_wikitext_" + TIME + ".jsonl")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("word_perplexity");
  }

  @Test
  void firstVersionsFile_namedAfterModelAndTask_hasItsTask() {
    Path file =
        write(
            folder.resolve("pretrained=org-m_arc_easy.jsonl"),
            "[" + sample(0, "", question("q"), "\"acc\":1.0").strip() + "]");
    write(
        folder.resolve("results.json"),
        "{\"config\":{\"model_args\":\"pretrained=org/m\"},\"configs\":{\"easy\":{},\"arc_easy\":{}}}");

    Dataset dataset = read(file);

    assertThat(dataset.data().matrix().models()).containsExactly("org/m");
    assertThat(dataset.data().matrix().benchmarks()).containsExactly("arc_easy");
  }

  private static String run(String arguments) {
    return "{\"model_name\":\"org/m\",\"config\":{\"model_args\":\"pretrained=org/m,"
        + arguments
        + "\"}}";
  }

  @Test
  void runs_thatDifferInTheirArguments_areDifferentModels() {
    samples("half", "t", sample(0, "h0", question("q"), "\"acc\":1"));
    results("half", run("load_in_4bit=False,batch_size=8"));
    samples("int4", "t", sample(0, "h0", question("q"), "\"acc\":0"));
    results("int4", run("load_in_4bit=True"));
    samples("again", "t", sample(0, "h0", question("q"), "\"acc\":0"));
    results("again", run("load_in_4bit=True,device=cuda:1"));

    Dataset dataset = read(folder);

    assertThat(score(dataset, "org/m [load_in_4bit=False]", "q")).isEqualTo(1f);
    assertThat(score(dataset, "org/m [load_in_4bit=True]", "q")).isEqualTo(0f);
    assertThat(dataset.report().warnings().getFirst())
        .contains("org/m: 2 runs with different model_args are kept apart")
        .contains(folder.resolve("half").toString())
        .contains("[load_in_4bit=True] in ");
    Dataset oneByOne = read(folder.resolve("half"), folder.resolve("int4"));
    assertThat(oneByOne.data().matrix().models())
        .containsExactly("org/m", "org/m [load_in_4bit=True]");
  }

  /// Imports sources, and gives the data set directory.
  private Path imported(String name, Path... sources) {
    DatasetDirectory.write(read(sources), folder.resolve(name), false);
    return folder.resolve(name);
  }

  @Test
  void runsOfAnEarlierDataset_thatDifferInTheirArguments_stayApart() throws IOException {
    samples("half", "t", sample(0, "h0", question("q"), "\"acc\":1"));
    results("half", run("load_in_4bit=False"));
    samples("int4", "t", sample(0, "h0", question("q"), "\"acc\":0"));
    results("int4", run("load_in_4bit=True"));
    samples("again", "t", sample(0, "h0", question("q"), "\"acc\":0"));
    results("again", run("load_in_4bit=True,device=cuda:1"));
    Path half = imported("first", folder.resolve("half"));
    Path int4 = imported("other", folder.resolve("int4"));

    Path both = imported("second", half, folder.resolve("int4"));
    assertThat(score(read(both), "org/m", "q")).isEqualTo(1f);
    assertThat(score(read(both), "org/m [load_in_4bit=True]", "q")).isEqualTo(0f);
    assertThat(read(both, folder.resolve("again")).data().matrix().models())
        .containsExactly("org/m", "org/m [load_in_4bit=True]");
    assertThat(read(folder.resolve("int4"), half).data().matrix().models())
        .containsExactly("org/m [load_in_4bit=True]", "org/m");
    assertThat(read(half, int4).data().matrix().models())
        .containsExactly("org/m", "org/m [load_in_4bit=True]");
    assertThat(read(half, folder.resolve("half")).data().matrix().models())
        .containsExactly("org/m");

    Path description = half.resolve("dataset.json");
    var older = (ObjectNode) new JsonMapper().readTree(Files.readString(description));
    older.remove(List.of("runs", "checksum"));
    Files.writeString(description, older.toString());
    assertThat(read(half, folder.resolve("int4")).report().warnings())
        .anyMatch(warning -> warning.contains("does not say with which model_args it ran"));
  }

  @Test
  void firstVersionsFiles_inFolders_areFoundByTheirTask() {
    for (String model : new String[] {"a", "b"}) {
      Path run = folder.resolve("org__" + model);
      write(
          run.resolve("pretrained=org__" + model + "_arc_easy.jsonl"),
          "[\n" + sample(0, "", question("q"), "\"acc\":1.0") + "]\n");
      write(
          run.resolve("results.json"),
          "{\"config\":{\"model_args\":\"pretrained=org/%s\"},\"configs\":{\"arc_easy\":{}}}"
              .formatted(model));
      write(run.resolve("notes.jsonl"), "{}\n");
    }

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactly("org/a", "org/b");
    assertThat(dataset.data().matrix().benchmarks()).containsExactly("arc_easy");
    assertThat(dataset.data().matrix().cellCount()).isEqualTo(2);
  }

  @Test
  void percentages_areLeftOutAndNamed_orReadOnTheirScale() {
    samples(
        "m",
        "percent",
        sample(0, "h0", question("p0"), "\"acc\":0.0")
            + sample(1, "h1", question("p1"), "\"acc\":100.0"));
    samples("bad", "percent", sample(0, "h0", question("p0"), "\"acc\":0.0"));
    samples("m", "t", sample(0, "h0", question("q"), "\"acc\":1"));

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().benchmarks()).containsExactly("t");
    assertThat(dataset.report().skipped().getFirst().task()).isEqualTo("percent");
    assertThat(dataset.report().skipped().getFirst().reason())
        .contains("acc must be between 0 and 1; got 100.0")
        .contains("--metric percent=acc --scale 0..100")
        .contains("--skip percent");
    ImportOptions scaled =
        ImportOptions.DEFAULT
            .withTasks(TaskOptions.DEFAULT.withMetrics(Map.of("percent", "acc")))
            .withTable(new TableOptions(Map.of(), java.util.List.of(), ScoreScale.parse("0..100")));
    Dataset read = read(scaled, folder);
    assertThat(score(read, "m", "p1")).isEqualTo(1f);
    assertThat(score(read, "bad", "p0")).isEqualTo(0f);
    assertThat(score(read, "m", "q")).isEqualTo(1f);
    Dataset without =
        read(
            ImportOptions.DEFAULT.withTasks(
                TaskOptions.DEFAULT.withSkipped(java.util.Set.of("percent"))),
            folder);
    assertThat(without.report().skipped().getFirst().reason()).contains("--skip");
  }

  @Test
  void metric_thatIsAList_isItsMeanWhereItIsAskedFor() {
    samples("m", "t", sample(0, "h0", question("q"), "\"inst\":[true,false,true,true]"));

    assertThat(
            score(
                read(
                    ImportOptions.DEFAULT.withTasks(
                        TaskOptions.DEFAULT.withMetrics(Map.of("t", "inst"))),
                    folder),
                "m",
                "q"))
        .isEqualTo(0.75f);
  }

  @Test
  void samples_withListsAndTruthValues_areRead() {
    results(
        "x",
        """
        {"config":{"model":"local-chat-completions","model_args":null,"model_dtype":"bfloat16"},
         "model_source":"hf","model_name":"org/x","model_name_sanitized":"org__x","chat_template":null,
         "configs":{"qa":{"metric_list":[{"metric":"exact_match","aggregation":"mean"}],"repeats":2},
           "ifeval":{"metric_list":[{"metric":"prompt_level_strict_acc"},{"metric":"inst_level_strict_acc"}]},
           "choice":{"metric_list":[{"metric":"acc"},{"metric":"acc_norm"}]}}}
        """);
    samples(
        "x",
        "qa",
        """
        {"doc_id":0,"doc":{"question":"Who?","answers":["Ann","Anna"]},"target":["Ann","Anna"],"arguments":[["p",{"until":[]}]],"resps":[["Ann","Bob"]],"filtered_resps":[["Ann","Bob"]],"filter":"none","metrics":["exact_match"],"doc_hash":"h1","exact_match":1.0}
        """);
    samples(
        "x",
        "ifeval",
        """
        {"doc_id":0,"doc":{"key":1000,"prompt":"Write.","instruction_id_list":["a","b"],"kwargs":[{},{"n":3}]},"target":0,"arguments":{},"resps":[["Text"]],"filtered_resps":["Text"],"filter":"none","metrics":["prompt_level_strict_acc","inst_level_strict_acc"],"doc_hash":"h2","prompt_level_strict_acc":true,"inst_level_strict_acc":[true,true]}
        """);
    samples(
        "x",
        "choice",
        """
        {"doc_id":0,"doc":{"goal":"Open it.","sol1":"pull","sol2":"push","label":1},"target":1,"arguments":{},"resps":[[["-1.5","False"]],[["-0.5","True"]]],"filtered_resps":[["-1.5","False"],["-0.5","True"]],"doc_hash":"h3","acc":1.0,"acc_norm":0.0}
        """);

    Dataset dataset = read(ImportOptions.DEFAULT.withOutputsKept(true), folder);

    assertThat(dataset.report().skipped()).isEmpty();
    assertThat(dataset.data().matrix().cellCount()).isEqualTo(3);
    assertThat(score(dataset, "org/x", "Who?")).isEqualTo(1f);
    assertThat(score(dataset, "org/x", "Write.")).isEqualTo(1f);
    assertThat(score(dataset, "org/x", "Open it.\nA. pull\nB. push")).isEqualTo(1f);
    assertThat(dataset.references().get("qa:h1")).extracting(Reference::answer).isEqualTo("Ann");
    assertThat(dataset.references().get("choice:h3"))
        .extracting(Reference::answer)
        .isEqualTo("push");
    assertThat(texts(dataset)).containsExactlyInAnyOrder("Ann", "Text", "push");
  }

  private static List<String> texts(Dataset dataset) {
    List<String> texts = new ArrayList<>();
    try (AnswerOutputs.Cursor outputs = dataset.outputs().open()) {
      for (int cell = 0; cell < dataset.data().matrix().cellCount(); cell++) {
        texts.add(outputs.text(cell));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }
}
