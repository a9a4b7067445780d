package org.embedllm.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.app.ContractKeys;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImportCommandTest {
  private static final String TABLE =
      "model,prompt_id,prompt,score,category\na,1,one,1,c\nb,1,one,0.5,c\na,1,one,0,c\na,2,two,1,d\n";

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new Program(
            List.of(
                new CommandEntry("import", ImportCommand::new),
                new CommandEntry("export", ExportCommand::new),
                new CommandEntry("inspect", InspectCommand::new)),
            new PrintWriter(out, true),
            new PrintWriter(err, true))
        .run(arguments);
  }

  private String table(String text) throws IOException {
    return Files.writeString(folder.resolve("t.csv"), text).toString();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void json_isTheSummaryAndNothingElse() throws Exception {
    int status = run("import", table(TABLE), "--to", path("d"), "--json");

    JsonNode summary = JsonMapper.shared().readTree(out.toString());
    assertThat(status).isZero();
    assertThat(summary.path("questions").asInt()).isEqualTo(2);
    assertThat(summary.path("models").asInt()).isEqualTo(2);
    assertThat(summary.path("cells").asInt()).isEqualTo(3);
    assertThat(summary.path("conflicts").asInt()).isEqualTo(1);
    assertThat(summary.path("sharedPrompts").asInt()).isZero();
    assertThat(summary.path("splits").path("train").asInt()).isEqualTo(2);
    assertThat(summary.path("splits").propertyNames()).containsExactly("train", "val", "test");
  }

  @Test
  void targetInAFolderThatCannotBeMade_saysWhichFolder() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc")), "there is no /proc");
    assertThat(run("import", table(TABLE), "--to", "/proc/no-such-folder/data")).isEqualTo(2);
    assertThat(err.toString()).contains("/proc/no-such-folder").hasLineCount(1);
    assertThat(err.toString()).doesNotContain("Exception");
  }

  @Test
  void groups_tooFewForTheSplit_areRemarkedOn() throws Exception {
    assertThat(run("import", table(TABLE), "--to", path("d"), "--group", "category")).isZero();
    assertThat(out.toString())
        .contains("the split has no question in ", "the 2 groups are too few or too large");
  }

  @Test
  void text_saysHowConflictsWereSettled() throws Exception {
    assertThat(run("import", table(TABLE), "--to", path("d"), "--conflicts", "first")).isZero();

    assertThat(out.toString())
        .contains("2 models, 2 questions, 3 answers")
        .contains("1 conflict ")
        .contains("settled by first");
  }

  @ParameterizedTest
  @CsvSource({
    "--conflicts, sometimes",
    "--conflicts, error",
    "--split, 80/20",
    "--format, xml",
    "--format, parquet",
    "--group, absent",
  })
  void option_thatCannotBe_isRefusedAndLeavesNothing(String option, String value) throws Exception {
    String source = table(TABLE);

    assertThat(run("import", source, "--to", path("d"), option, value)).isEqualTo(2);

    assertThat(err.toString().strip().lines()).hasSize(1);
    assertThat(out.toString()).isEmpty();
    assertThat(names()).containsExactly("t.csv");
  }

  @Test
  void badLabel_isOneLineWithFileAndLine() throws Exception {
    String source = table("model,prompt,label\na,one,yes\n");

    assertThat(run("import", source, "--to", path("d"))).isEqualTo(2);

    assertThat(err.toString().strip())
        .startsWith("embedllm: " + source + ":2: label must be 0 or 1; got \"yes\"")
        .contains("--column score=label")
        .hasLineCount(1);
    assertThat(names()).containsExactly("t.csv");
  }

  @Test
  void secondImport_isRefusedWithoutForce() throws Exception {
    String source = table(TABLE);
    run("import", source, "--to", path("d"));

    assertThat(run("import", source, "--to", path("d"))).isEqualTo(2);
    assertThat(err.toString()).contains("--force");
    assertThat(run("import", source, "--to", path("d"), "--force")).isZero();
  }

  @Test
  void metric_givenTwiceForATask_isRefused() throws Exception {
    String source = table(TABLE);

    assertThat(run("import", source, "--to", path("d"), "--metric", "a=b", "--metric", "a=c"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--metric");
  }

  @Test
  void export_ofADataset_canBeImportedAgain() throws Exception {
    run("import", table(TABLE), "--to", path("d"));

    assertThat(run("export", path("d"), "--what", "responses", "--to", path("r.csv"))).isZero();
    assertThat(run("import", path("r.csv"), "--to", path("e"))).isZero();

    assertThat(Files.readString(folder.resolve("e/questions.csv")))
        .isEqualTo(Files.readString(folder.resolve("d/questions.csv")));
    assertThat(folder.resolve("e/responses.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("d/responses.safetensors"));
  }

  @Test
  void export_ofWhatIsNotThere_saysWhatThereIs() throws Exception {
    String source = table(TABLE);

    assertThat(run("export", source, "--what", "embeddings", "--to", path("r.csv"))).isEqualTo(2);
    assertThat(err.toString()).contains("matrix, responses or vectors");
    assertThat(run("export", path("absent"), "--to", path("r.csv"))).isEqualTo(2);
    assertThat(names()).containsExactly("t.csv");
  }

  @Test
  void json_saysWhatIsKept_andInspectSaysItLater() throws Exception {
    StringBuilder rows =
        new StringBuilder("model,prompt,score,category,cost,output_tokens,latency,language\n");
    for (int j = 0; j < 12; j++) {
      rows.append("a,question number %d,0,easy,0.5,7,1,en\n".formatted(j));
      rows.append("b,question number %d,0,easy,,7,,en\n".formatted(j));
    }
    String[] arguments = {
      "import", table(rows.toString()), "--to", path("d"), "--attribute", "language", "--json"
    };

    assertThat(run(arguments)).isZero();
    JsonNode imported = JsonMapper.shared().readTree(out.toString());

    assertThat(ContractKeys.missing("import", imported)).isEmpty();
    assertThat(imported.path("benchmarks").get(0).path("benchmark").asString()).isEqualTo("easy");
    assertThat(imported.path("benchmarks").get(0).path("accuracy").asDouble()).isZero();
    assertThat(imported.path("attributes").get(0).asString()).isEqualTo("language");
    assertThat(imported.path("usage").path("cost").asInt()).isEqualTo(12);
    assertThat(imported.path("usage").path("outputTokens").asInt()).isEqualTo(24);
    assertThat(imported.path("alarms").valueStream().map(alarm -> alarm.path("kind").asString()))
        .contains("all-wrong", "constant-model");
    out.getBuffer().setLength(0);
    assertThat(run("inspect", path("d"), "--json")).isZero();
    JsonNode inspected = JsonMapper.shared().readTree(out.toString());
    assertThat(inspected.path("alarms")).isEqualTo(imported.path("alarms"));
    assertThat(inspected.path("perModel").path("a").path("cells").asInt()).isEqualTo(12);
    assertThat(inspected.path("perModel")).isEqualTo(imported.path("perModel"));
  }

  @Test
  void export_ofResponses_importedAgain_hasTheSameDigest() throws Exception {
    run(
        "import",
        table("model,prompt,score,cost,language\na,one,1,0.25,en\nb,two,0,,de\n"),
        "--to",
        path("d"),
        "--attribute",
        "language");
    run("export", path("d"), "--what", "responses", "--to", path("out.csv"));

    assertThat(run("import", path("out.csv"), "--to", path("e"))).isZero();

    assertThat(digest("e")).isEqualTo(digest("d"));
  }

  private String digest(String dataset) throws IOException {
    return JsonMapper.shared()
        .readTree(Files.readString(folder.resolve(dataset).resolve("dataset.json")))
        .path("digest")
        .asString();
  }

  @Test
  void table_ofOneBenchmark_namesIt() throws Exception {
    String rows = "model,prompt,score,category\na,one,1,sums\nb,one,0,sums\n";

    assertThat(run("import", table(rows), "--to", path("d"))).isZero();
    assertThat(out.toString()).containsPattern("accuracy \\(answers\\) +sums");
  }

  static List<String> oddTables() {
    String names = "Where does number %d go?,%s,%s\n";
    return List.of(
        "id,who,input,verdict_score\nq,a,one,80\n",
        "the input,system,grade\n" + rows(names, "50", "100"),
        "foo,bar,baz\n" + rows(names, "1", "0"),
        "foo,user's bar,baz\n" + rows(names, "yes", "no"),
        "prompt,model,rating\n" + rows(names, "1", "10"),
        "prompt,model,verdict\n" + rows(names, "0.25", "0.75"),
        "topic,prompt,gpt-x,gpt-x_cost,other,note\nt,one,1,0.1,0,a\nt,two,0,0.2,1,b\n",
        rows(
            "{\"input\":{\"lang\":\"en\",\"text\":\"Where does number %d go?\"},\"who\":{\"name\":\"%s\"},\"evaluation\":{\"mark\":%s}}\n",
            "1", "0"));
  }

  private static String rows(String form, String good, String bad) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      rows.append(form.formatted(i, "a", i % 2 == 0 ? good : bad));
      rows.append(form.formatted(i, "b", i % 2 == 0 ? bad : good));
    }
    return rows.toString();
  }

  @ParameterizedTest
  @MethodSource("oddTables")
  void table_withOtherNames_isReadByTheCommandOfItsError(String text) throws Exception {
    String source = path(text.startsWith("{") ? "odd.jsonl" : "it's odd.csv");
    Files.writeString(Path.of(source), text);
    assertThat(run("import", source, "--to", path("d"))).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).contains("embedllm import ");
    String said = err.toString().strip();
    List<String> words = words(said.substring(said.indexOf("embedllm import ")));

    words.set(words.size() - 1, path("d"));
    assertThat(run(words.subList(1, words.size()).toArray(String[]::new)))
        .as(err.toString())
        .isZero();
  }

  /// The words of a command as a shell takes them.
  private static List<String> words(String command) {
    List<String> words = new ArrayList<>(List.of(""));
    boolean quoted = false;
    for (int i = 0; i < command.length(); i++) {
      char c = command.charAt(i);
      if (c == '\'') {
        quoted = !quoted;
      } else if (c == ' ' && !quoted) {
        words.add("");
      } else {
        char taken = c == '\\' && !quoted ? command.charAt(++i) : c;
        words.set(words.size() - 1, words.getLast() + taken);
      }
    }
    return words;
  }

  @ParameterizedTest
  @CsvSource({
    "--column, score",
    "--column, nothing=x",
    "--scale, 5",
    "--scale, 10..1",
    "--attribute, =x",
    "--attribute, absent",
  })
  void flag_thatCannotBe_isRefused(String option, String value) throws Exception {
    assertThat(run("import", table(TABLE), "--to", path("d"), option, value)).isEqualTo(2);
    assertThat(err.toString().strip().lines()).hasSize(1);
    assertThat(folder.resolve("d")).doesNotExist();
  }

  @Test
  void namesWithControlCharacters_doNotReachTheTerminal() throws Exception {
    String source = table("model,prompt,label\n\"\u001b[31mred\",one,1\n\"two\nlines\",one,0\n");
    assertThat(run("import", source, "--to", path("d"))).isZero();
    assertThat(out.toString()).doesNotContain("\u001b").contains("\\u001b[31mred", "two\\nlines");

    String bad = table("model,prompt,label\na,one,\"\u001b]0;x\u0007\"\n");
    assertThat(run("import", bad, "--to", path("e"))).isEqualTo(2);
    assertThat(err.toString()).doesNotContain("\u001b", "\u0007").contains("\\u001b");
  }

  /// A pool of models on benchmarks with long names, two questions each; the last model is wrong on
  /// the last benchmark.
  private String pool(int models, int benchmarks) throws IOException {
    StringBuilder text = new StringBuilder("model,prompt_id,prompt,score,category\n");
    for (int i = 0; i < models; i++) {
      for (int b = 0; b < benchmarks; b++) {
        for (int j = 0; j < 2; j++) {
          boolean right = i + 1 < models || b + 1 < benchmarks;
          text.append(
              "organization/model-%02d-instruct,%d-%d,question %d of %d,%d,benchmark_with_a_name_%02d%n"
                  .formatted(i, b, j, j, b, right ? 1 : 0, b));
        }
      }
    }
    return table(text.toString());
  }

  @ParameterizedTest
  @CsvSource({"2, 3", "3, 12", "7, 60", "9, 12", "70, 9"})
  void accuracies_ofAnyPool_areShownInEightyColumns(int models, int benchmarks) throws Exception {
    assertThat(run("import", pool(models, benchmarks), "--to", path("d"))).isZero();

    assertThat(out.toString().lines().dropWhile(line -> !line.isEmpty()))
        .as(out.toString())
        .contains("")
        .filteredOn(line -> !line.contains("alarm") && !line.startsWith("wrote"))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(out.toString())
        .doesNotContain("Left out to fit")
        .containsPattern("model-%02d".formatted(models - 1))
        .containsPattern("name_%1$02d.* 0\\.0|0\\.0.*name_%1$02d".formatted(benchmarks - 1));
    JsonNode last = imported("inspect", path("d"), "--json");
    assertThat(last.path("perModel").size()).isEqualTo(models);
    assertThat(
            last.path("perModel").valueStream().mapToInt(m -> m.path("perBenchmark").size()).sum())
        .isEqualTo(models * benchmarks);
  }

  @Test
  void skip_withoutATask_isRefused() throws Exception {
    assertThat(run("import", table(TABLE), "--to", path("d"), "--skip", " ")).isEqualTo(2);

    assertThat(err.toString()).contains("--skip needs the name of a task");
  }

  @Test
  void metric_ofATaskWithAnEqualsSign_isTaken() throws Exception {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(
        run.resolve("run_spec.json"),
        "{\"name\":\"mmlu:subject=law\",\"adapter_spec\":{\"model\":\"m\"}}");
    Files.writeString(
        run.resolve("instances.json"),
        "[{\"input\":{\"text\":\"Why?\"},\"references\":[],\"split\":\"test\",\"id\":\"id1\"}]");
    Files.writeString(
        run.resolve("per_instance_stats.json"),
        "[{\"instance_id\":\"id1\",\"train_trial_index\":0,\"stats\":[{\"name\":{\"name\":\"graded\",\"split\":\"test\"},\"count\":1,\"sum\":60,\"mean\":60}]}]");

    JsonNode summary =
        imported(
            "import",
            run.toString(),
            "--to",
            path("d"),
            "--metric",
            "mmlu:subject=law=graded",
            "--scale",
            "0..100",
            "--json");

    assertThat(summary.path("cells").asInt()).isEqualTo(1);
    assertThat(summary.path("benchmarks").get(0).path("accuracy").asDouble()).isEqualTo(1);
  }

  private JsonNode imported(String... arguments) {
    out.getBuffer().setLength(0);
    assertThat(run(arguments)).isZero();
    return JsonMapper.shared().readTree(out.toString());
  }
}
