package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Inputs that people met, where `shared/cases` is beside the project; otherwise the tests say that
/// they are skipped. Tests of each layout and option have made inputs of the same kinds.
class PublicCasesTest {
  @TempDir Path folder;

  private static Path input(String name) {
    Path here = Path.of("").toAbsolutePath();
    for (Path up = here; up != null; up = up.getParent()) {
      Path cases = up.resolve("shared").resolve("cases");
      if (Files.isDirectory(cases)) {
        return cases.resolve(name);
      }
    }
    Assumptions.abort("no shared/cases in or above " + here + "; this test is skipped");
    throw new AssertionError("unreachable");
  }

  private CommandRun imported(String input, String... options) {
    List<Object> command = new java.util.ArrayList<>(List.of("import", input(input)));
    command.addAll(List.of(options));
    command.addAll(List.of("--to", folder.resolve("data"), "--json"));
    return CommandRun.of(command.toArray());
  }

  @ParameterizedTest
  @CsvSource({
    // input, models, questions, answers, conflicts
    "01-lmeval-output-path-json/logs, 2, 12, 24, 0",
    "02-lmeval-042-names/logs, 2, 12, 24, 0",
    "03-leaderboard-details-json-ext/logs, 2, 12, 24, 0",
    "04-lmeval-mixed-versions/logs, 2, 12, 24, 0",
    "05-lmeval-nan-infinity/logs, 2, 12, 22, 0",
    "08-lmeval-same-name/logs, 2, 12, 24, 0",
    "09-lmeval-bypass-and-humaneval/logs, 2, 12, 24, 0",
    "10-csv-variants/blank-lines.csv, 2, 10, 20, 0",
    "10-csv-variants/bom-crlf.csv, 2, 10, 20, 0",
    "10-csv-variants/excel-sep-line.csv, 2, 10, 20, 0",
    "10-csv-variants/hf-rows.jsonl, 2, 10, 20, 0",
    "10-csv-variants/json-array.json, 2, 10, 20, 0",
    "10-csv-variants/json-lines.json, 2, 10, 20, 0",
    "10-csv-variants/label-TRUE.csv, 2, 10, 20, 0",
    "10-csv-variants/label-True.csv, 2, 10, 20, 0",
    "10-csv-variants/label-float.csv, 2, 10, 20, 0",
    "10-csv-variants/long-prompt.csv, 2, 10, 20, 0",
    "10-csv-variants/missing-NA.csv, 2, 10, 16, 0",
    "10-csv-variants/nul.csv, 2, 10, 20, 0",
    "10-csv-variants/pandas-index.csv, 2, 10, 20, 0",
    "10-csv-variants/prompt-messages.jsonl, 2, 10, 20, 0",
    "10-csv-variants/quoted-newline.csv, 2, 10, 20, 0",
    "10-csv-variants/semicolon.csv, 2, 10, 20, 0",
    "10-csv-variants/tab.tsv, 2, 10, 20, 0",
    "10-csv-variants/unnamed0.csv, 2, 10, 20, 0",
    "11-routerbench-wide/routerbench_0shot.csv, 3, 10, 30, 0",
    "12-llmrouter/data.jsonl, 2, 10, 20, 0",
    "14-promptfoo/results.json, 2, 10, 20, 0",
    "18-lmeval-no-results/logs, 2, 12, 24, 0",
    "19-lmeval-duplicate-docs/logs, 2, 10, 20, 4",
    "26-inspect-json/log.json, 1, 4, 4, 0",
    "brk-parquet-hive/plain.parquet, 2, 20, 40, 0",
  })
  void input_imports(String input, int models, int questions, int cells, int conflicts) {
    JsonNode summary = imported(input).json();

    assertThat(summary.path("models").asInt()).isEqualTo(models);
    assertThat(summary.path("questions").asInt()).isEqualTo(questions);
    assertThat(summary.path("cells").asInt()).isEqualTo(cells);
    assertThat(summary.path("conflicts").asInt()).isEqualTo(conflicts);
  }

  @ParameterizedTest
  @CsvSource({
    "06-lmeval-percent/logs, --metric mytask=acc --scale 0..100, 24",
    "10-csv-variants/is_correct.csv, --column score=is_correct, 20",
    "10-csv-variants/input-column.csv, --column id=id --column question=input, 20",
    "10-csv-variants/label-correct.csv, --column score=label, 20",
    "10-csv-variants/score-pctsign.csv, --scale 0..100, 20",
    "10-csv-variants/score-percent.csv, --scale 0..100, 20",
  })
  void input_thatIsRefused_importsAsTheErrorSays(String input, String options, int cells) {
    CommandRun refused = imported(input);
    CommandRun advised = imported(input, options.split(" "));

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err().strip()).hasLineCount(1).contains(options);
    assertThat(advised.json().path("cells").asInt()).isEqualTo(cells);
  }

  @ParameterizedTest
  @CsvSource({
    "10-csv-variants/label-CI.csv, label-CI.csv:2: label must be 0 or 1",
    "10-csv-variants/dup-header.csv, column label is there twice in the header",
    "10-csv-variants/latin1.csv, latin1.csv:2: is not valid UTF-8",
    "10-csv-variants/utf16.csv, utf16.csv:1: is not valid UTF-8",
  })
  void input_thatNobodyCanRead_isOneLine(String input, String line) {
    CommandRun refused = imported(input);

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err().strip()).hasLineCount(1).contains(line);
  }

  @Test
  void runsOfOneName_areTwoModelsAndNamed() {
    JsonNode summary = imported("08-lmeval-same-name/logs").json();

    assertThat(summary.path("remarks").toString())
        .contains("load_in_4bit=True")
        .contains("load_in_4bit=False");
    assertThat(Files.exists(folder.resolve("data").resolve("models.csv"))).isTrue();
  }

  @Test
  void tasksThatCannotBeRead_areNamed() {
    JsonNode skipped = imported("09-lmeval-bypass-and-humaneval/logs").json().path("skipped");

    assertThat(skipped.path(0).path("task").asString()).isEqualTo("gsm8k");
  }

  @Test
  void parquet_inAFolderLikeAPartition_isReadAsItIs() throws IOException {
    Path partition = Files.createDirectories(folder.resolve("label=0/model_name=FAKE/a[1]*?"));
    Path file = Files.copy(input("brk-parquet-hive/plain.parquet"), partition.resolve("p.parquet"));
    Path data = folder.resolve("data");

    JsonNode summary = CommandRun.of("import", file, "--to", data, "--json").json();

    assertThat(summary.path("benchmarks").path(0).path("accuracy").asDouble()).isEqualTo(1);
    assertThat(Files.readString(data.resolve("models.csv")))
        .contains("real-0", "real-1")
        .doesNotContain("FAKE");
  }

  @Test
  void server_thatTakesThirtyTwoTexts_encodesAll() throws IOException {
    HttpServer server = HttpServer.create(address(), 0);
    server.createContext(
        "/",
        exchange -> {
          JsonNode texts =
              JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes()).path("input");
          boolean many = texts.size() > 32;
          byte[] answer =
              (many ? "{\"message\":\"batch size is too large\"}" : vectors(texts.size()))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(many ? 413 : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try {
      imported("31-embeddings-batch-limit/many.csv").json();

      JsonNode encoded =
          CommandRun.of(
                  "encode",
                  folder.resolve("data"),
                  "--encoder",
                  "http://127.0.0.1:%d/v1#m".formatted(server.getAddress().getPort()),
                  "--json")
              .json();

      assertThat(encoded.path("encoded").asInt()).isEqualTo(100);
    } finally {
      server.stop(0);
    }
  }

  private static InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static String vectors(int count) {
    return IntStream.range(0, count)
        .mapToObj("{\"index\":%1$d,\"embedding\":[1,%1$d,2]}"::formatted)
        .collect(java.util.stream.Collectors.joining(",", "{\"data\":[", "]}"));
  }

  @Test
  void vectors_altered_areRefused() throws IOException {
    imported("brk-vectors-bitflip/small.csv").json();
    Path data = folder.resolve("data");
    assertThat(CommandRun.of("encode", data, "--encoder", "text-features").status()).isZero();
    Path file;
    try (Stream<Path> files = Files.list(data.resolve("vectors"))) {
      file = files.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x40;
    Files.write(file, bytes);

    CommandRun train =
        CommandRun.of("train", data, "--no-text-features", "--to", folder.resolve("m"));

    assertThat(train.status()).isEqualTo(2);
    assertThat(train.err()).contains(file.toString()).contains("altered");
  }

  @Test
  void controlCharacters_areShownAsEscapes() {
    CommandRun good = imported("brk-terminal-escape/ctrl.csv");
    CommandRun shown = CommandRun.of("inspect", folder.resolve("data"));
    CommandRun bad = imported("brk-terminal-escape/badlabel_ctrl.csv", "--force");

    assertThat(good.status()).isZero();
    assertThat(bad.status()).isEqualTo(2);
    assertThat(shown.out() + shown.err() + bad.err())
        .contains("\\u001b")
        .doesNotContain("\u001b", "\u0007");
  }
}
