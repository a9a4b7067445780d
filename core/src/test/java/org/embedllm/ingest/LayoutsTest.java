package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.gzip;
import static org.embedllm.ingest.Sources.write;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.file.DuckDb;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What every reader promises: the same answers written in its layout give the same data set, and a
/// file cut anywhere gives what stands before the cut or one error that names it.
class LayoutsTest {
  private static final List<String> TEXTS =
      List.of(
          "plain",
          "with, comma",
          "with \"quotes\"",
          "two\nlines",
          "naïve 日本 \u2028 😀",
          "tab\tend ");

  @TempDir Path folder;

  record Answer(String model, String text, float score, String benchmark) {}

  /// A layout and how to write answers in it.
  record Layout(String name, BiFunction<Path, List<Answer>, Path> write) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Layout> layouts() {
    return Stream.of(
        new Layout("csv", (dir, a) -> write(dir.resolve("t.csv"), csv(a))),
        new Layout("csv.gz", (dir, a) -> gzip(dir.resolve("t.csv.gz"), csv(a))),
        new Layout("jsonl", (dir, a) -> write(dir.resolve("t.jsonl"), jsonl(a))),
        new Layout("jsonl.gz", (dir, a) -> gzip(dir.resolve("t.jsonl.gz"), jsonl(a))),
        new Layout("parquet", LayoutsTest::parquet),
        new Layout("lm-eval", LayoutsTest::lmEval),
        new Layout("dataset", LayoutsTest::dataset));
  }

  static List<Answer> answers() {
    Random random = new Random(4);
    List<Answer> answers = new ArrayList<>();
    for (int q = 0; q < 40; q++) {
      for (String model : List.of("org/a", "b", "ç")) {
        if (random.nextInt(4) > 0) {
          answers.add(
              new Answer(
                  model,
                  q + " " + TEXTS.get(q % TEXTS.size()),
                  random.nextInt(5) / 4f,
                  "bench" + q % 2));
        }
      }
    }
    return answers;
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void answers_inAnyLayout_areReadAlike(Layout layout) {
    List<Answer> answers = answers();
    Path source = layout.write().apply(folder, answers);

    CorrectnessMatrix matrix = Sources.read(source).data().matrix();

    List<String> read = new ArrayList<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        read.add(
            new Answer(
                    matrix.models().get(matrix.cellModel(c)),
                    matrix.questions().get(j).text(),
                    matrix.cellScore(c),
                    matrix.questions().get(j).benchmark())
                .toString());
      }
    }
    assertThat(read)
        .containsExactlyInAnyOrderElementsOf(answers.stream().map(Answer::toString).toList());
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void file_cutAnywhere_isReadToTheCutOrRefused(Layout layout) throws Exception {
    Path source = layout.write().apply(folder, answers().subList(0, 12));
    List<Path> files = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(source)) {
      tree.filter(Files::isRegularFile).forEach(files::add);
    }
    int whole = Sources.read(source).data().matrix().cellCount();
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      int step = layout.name().equals("parquet") ? 401 : 1 + bytes.length / 120;
      for (int length = 0; length < bytes.length; length += step) {
        Files.write(file, Arrays.copyOf(bytes, length));
        try {
          assertThat(Sources.read(source).data().matrix().cellCount()).isLessThanOrEqualTo(whole);
        } catch (BadInputException e) {
          assertThat(e).hasMessageContaining(folder.toString());
          assertThat(e.getMessage()).doesNotContain("Exception").doesNotContain(": null");
        }
      }
      Files.write(file, bytes);
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void file_thatIsEmpty_isRefused(Layout layout) throws Exception {
    Path source = layout.write().apply(folder, answers().subList(0, 2));
    if (Files.isRegularFile(source)) {
      Files.write(source, new byte[0]);

      assertThatThrownBy(() -> Sources.read(source))
          .isInstanceOf(BadInputException.class)
          .hasMessage(source + ": is empty");
    }
  }

  private static String csv(List<Answer> answers) {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord("model", "question", "score", "benchmark");
      answers.forEach(a -> csv.writeRecord(a.model(), a.text(), "" + a.score(), a.benchmark()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static String jsonl(List<Answer> answers) {
    StringBuilder text = new StringBuilder();
    for (Answer answer : answers) {
      ObjectNode node = JsonMapper.shared().createObjectNode();
      node.put("question", answer.text()).put("score", answer.score());
      node.put("model", answer.model()).put("benchmark", answer.benchmark());
      text.append(node).append('\n');
    }
    return text.toString();
  }

  private static Path parquet(Path dir, List<Answer> answers) {
    Path table = write(dir.resolve("from.csv"), csv(answers));
    Path file = dir.resolve("t.parquet");
    try (Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_csv(%s, header = true, all_varchar = false)) TO %s (FORMAT parquet)"
              .formatted(DuckDb.literal(table.toString()), DuckDb.literal(file.toString())));
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
    return file;
  }

  private static Path lmEval(Path dir, List<Answer> answers) {
    for (Answer answer : answers) {
      ObjectNode node = JsonMapper.shared().createObjectNode();
      node.put("doc_id", answer.text().split(" ")[0]);
      node.putObject("doc").put("question", answer.text());
      node.put("acc", answer.score());
      Path run = dir.resolve("logs").resolve(answer.model().replace("/", "__"));
      Path file = run.resolve("samples_" + answer.benchmark() + ".jsonl");
      try {
        String before = Files.exists(file) ? Files.readString(file) : "";
        write(file, before + node + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return dir.resolve("logs");
  }

  private static Path dataset(Path dir, List<Answer> answers) {
    Dataset dataset = Sources.read(write(dir.resolve("from.csv"), csv(answers)));
    DatasetDirectory.write(dataset, dir.resolve("data"), false);
    return dir.resolve("data");
  }
}
