package org.embedllm.source.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.TableOptions;
import org.embedllm.source.file.DuckDb;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every role that `--column` has, in every format of a table, with names that say nothing and
/// fields within fields.
class ColumnRolesTest {
  private static final Map<ColumnRole, String> ANSWER =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(ColumnRole.MODEL, "m"),
              Map.entry(ColumnRole.ID, "id-7"),
              Map.entry(ColumnRole.QUESTION, "Why?"),
              Map.entry(ColumnRole.BENCHMARK, "law"),
              Map.entry(ColumnRole.SCORE, "0.5"),
              Map.entry(ColumnRole.COST, "0.25"),
              Map.entry(ColumnRole.INPUT_TOKENS, "11"),
              Map.entry(ColumnRole.OUTPUT_TOKENS, "12"),
              Map.entry(ColumnRole.LATENCY, "1.5"),
              Map.entry(ColumnRole.OUTPUT, "because"),
              Map.entry(ColumnRole.REFERENCE, "reason"),
              Map.entry(ColumnRole.OPTIONS, "[\"reason\",\"none\"]"),
              Map.entry(ColumnRole.WEIGHT, "4"),
              Map.entry(ColumnRole.SCORE_VARIANCE, "0.125"),
              Map.entry(ColumnRole.SPLIT, "test")));

  private static final Map<ColumnRole, String> VOTE =
      new EnumMap<>(
          Map.of(
              ColumnRole.QUESTION, "Why?",
              ColumnRole.MODEL_A, "a",
              ColumnRole.MODEL_B, "b",
              ColumnRole.WINNER, "b",
              ColumnRole.WEIGHT, "3"));

  enum Format {
    CSV,
    JSON_LINES,
    JSON,
    PARQUET
  }

  @TempDir Path folder;

  /// The name of a role's column: field `x` has it as a field whose name says nothing.
  private static String column(ColumnRole role) {
    return "x." + field(role);
  }

  private static String field(ColumnRole role) {
    return new StringBuilder(role.label().replace('-', 'q')).reverse().toString();
  }

  private static ImportOptions options(Map<ColumnRole, String> row) {
    Map<ColumnRole, String> columns = new EnumMap<>(ColumnRole.class);
    row.keySet().forEach(role -> columns.put(role, column(role)));
    return ImportOptions.DEFAULT
        .withTable(new TableOptions(columns, List.of(), ScoreScale.UNIT))
        .withOutputsKept(true);
  }

  private Path table(Format format, Map<ColumnRole, String> row) throws Exception {
    String fields =
        row.entrySet().stream()
            .map(entry ->
                "\"%s\":\"%s\""
                    .formatted(field(entry.getKey()), entry.getValue().replace("\"", "\\\"")))
            .collect(Collectors.joining(",", "{\"x\":{", "}}"));
    return switch (format) {
      case JSON_LINES -> write(folder.resolve("t.jsonl"), fields + "\n");
      case JSON -> write(folder.resolve("t.json"), "[" + fields + "]\n");
      case CSV ->
          write(
              folder.resolve("t.csv"),
              row.keySet().stream().map(ColumnRolesTest::column).collect(Collectors.joining(","))
                  + "\n"
                  + row.values().stream()
                      .map(value -> '"' + value.replace("\"", "\"\"") + '"')
                      .collect(Collectors.joining(","))
                  + "\n");
      case PARQUET -> {
        Path file = folder.resolve("t.parquet");
        String struct =
            row.entrySet().stream()
                .map(entry -> "'%s': '%s'".formatted(field(entry.getKey()), entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
        try (Connection duckdb = DuckDb.open(file);
            Statement statement = duckdb.createStatement()) {
          statement.execute(
              "COPY (SELECT %s AS x) TO %s (FORMAT parquet)"
                  .formatted(struct, DuckDb.literal(file.toString())));
        }
        yield file;
      }
    };
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void answer_withEveryRole_isReadAlikeInEveryFormat(Format format) throws Exception {
    Dataset dataset = read(options(ANSWER), table(format, ANSWER));

    var data = dataset.data();
    assertThat(data.matrix().models()).containsExactly("m");
    assertThat(data.matrix().questions().getFirst().id()).isEqualTo("id-7");
    assertThat(data.matrix().questions().getFirst().benchmark()).isEqualTo("law");
    assertThat(score(dataset, "m", "Why?")).isEqualTo(0.5f);
    assertThat(data.measures().value(Measure.COST, 0)).isEqualTo(0.25);
    assertThat(data.measures().value(Measure.INPUT_TOKENS, 0)).isEqualTo(11);
    assertThat(data.measures().value(Measure.OUTPUT_TOKENS, 0)).isEqualTo(12);
    assertThat(data.measures().value(Measure.SECONDS, 0)).isEqualTo(1.5);
    assertThat(data.measures().value(Measure.REPEATS, 0)).isEqualTo(4);
    assertThat(data.measures().value(Measure.SCORE_VARIANCE, 0)).isEqualTo(0.125);
    assertThat(dataset.references().get("id-7"))
        .isEqualTo(new Reference("reason", List.of("reason", "none")));
    try (AnswerOutputs.Cursor outputs = dataset.outputs().open()) {
      assertThat(outputs.text(0)).isEqualTo("because");
    }
    assertThat(data.split().questions(SplitPart.TEST)).containsExactly(0);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void charactersOfAnAnswer_areAFourthAsManyTokens(Format format) throws Exception {
    Map<ColumnRole, String> row = new EnumMap<>(ANSWER);
    row.remove(ColumnRole.OUTPUT_TOKENS);
    row.put(ColumnRole.OUTPUT_CHARACTERS, "200");

    Dataset dataset = read(options(row), table(format, row));

    assertThat(dataset.data().measures().value(Measure.OUTPUT_TOKENS, 0)).isEqualTo(50);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void vote_withEveryRole_isReadAlikeInEveryFormat(Format format) throws Exception {
    Dataset dataset = read(options(VOTE), table(format, VOTE));

    assertThat(dataset.data().matrix().models()).containsExactly("a", "b");
    assertThat(dataset.data().votes()).containsExactly(new Vote(0, 0, 1, Vote.Winner.MODEL_B, 3));
  }
}
