package org.embedllm.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                new CommandEntry("export", ExportCommand::new)),
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
}
