package org.embedllm.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SplitOptions;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Data in the manner of a leaderboard of function calling: scores, twelve task types, tokens,
/// cost, seconds, attributes, right answers, what models wrote, and some votes.
class ResponsesTableTest {
  private static final ImportOptions OPTIONS =
      ImportOptions.DEFAULT
          .withAttributes(Map.of("language", "language", "tools", "n_tools"))
          .withOutputsKept(true)
          .withSplit(SplitOptions.DEFAULT.withGrouping(new Grouping.Column("family")));

  @TempDir Path folder;

  private Dataset sample() {
    Random random = new Random(5);
    StringBuilder rows =
        new StringBuilder(
            "prompt_id,prompt,model,score,category,input_tokens,output_tokens,cost,latency,weight,"
                + "language,n_tools,family,reference,options,output,model_a,model_b,winner\n");
    String[] options = {"", "\"[\"\"x\"\",\"\"y, z\"\"]\""};
    for (int j = 0; j < 60; j++) {
      for (int i = 0; i < 5; i++) {
        if ((i + j) % 4 == 0) {
          continue;
        }
        rows.append(
            "q%d,\"call, the function %d\",model-%d,%s,type_%d,%d,%d,%s,%s,%d,%s,%s,f%d,%s,%s,%s,,,\n"
                .formatted(
                    j,
                    j,
                    i,
                    random.nextInt(4) == 0 ? random.nextFloat() : random.nextInt(2),
                    j % 12,
                    100 + random.nextInt(900),
                    1 + random.nextInt(500),
                    random.nextInt(5) == 0 ? "" : random.nextDouble() / 1000,
                    random.nextInt(5) == 0 ? "" : random.nextDouble() * 30,
                    1 + random.nextInt(3),
                    j % 3 == 0 ? "" : "lang" + j % 3,
                    j % 7,
                    j / 4,
                    "answer" + j % 2,
                    options[j % 2],
                    "\"wrote\nthis " + random.nextInt() + "\""));
      }
    }
    for (String score : List.of("0.3", "1", "0")) {
      rows.append("q1,\"call, the function 1\",model-3,%s,type_1".formatted(score));
      rows.append(",,,,,1,,,f1,,,,,,\n");
    }
    rows.append("q3,\"call, the function 3\",,,type_3,,,,,2,,,f0,,,,model-1,model-2,tie\n");
    rows.append("v1,never scored,,,type_1,,,,,,,,f99,,,,model-4,model-0,model_b\n");
    return read(OPTIONS, write(folder.resolve("bfcl.csv"), rows.toString()));
  }

  private static List<String> outputs(Dataset dataset) throws IOException {
    List<String> texts = new ArrayList<>();
    try (AnswerOutputs.Cursor cursor = dataset.outputs().open()) {
      for (int cell = 0; cell < dataset.data().matrix().cellCount(); cell++) {
        texts.add(cursor.text(cell));
      }
    }
    return texts;
  }

  private static void assertSame(Dataset actual, Dataset expected) throws IOException {
    EvaluationData data = expected.data();
    assertThat(actual.data().digest()).isEqualTo(data.digest());
    assertThat(actual.data().matrix().questions()).isEqualTo(data.matrix().questions());
    assertThat(actual.data().callCosts()).isEqualTo(data.callCosts());
    assertThat(actual.data().votes()).isEqualTo(data.votes());
    for (int cell = 0; cell < data.matrix().cellCount(); cell++) {
      assertThat(actual.data().measures().ofCell(cell)).isEqualTo(data.measures().ofCell(cell));
    }
    assertThat(actual.groups()).isEqualTo(expected.groups());
    assertThat(actual.references()).isEqualTo(expected.references());
    assertThat(outputs(actual)).isEqualTo(outputs(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "out.parquet"})
  void export_importedAgain_isTheSameDataSet(String name) throws Exception {
    Dataset dataset = sample();
    assertThat(dataset.data().measures().known(Measure.COST)).isPositive();
    assertThat(dataset.data().votes()).hasSize(2);
    assertThat(dataset.data().measures().known(Measure.SCORE_VARIANCE)).isPositive();

    TableFile.write(ExportTables.responses(dataset), folder.resolve(name));
    Dataset again = read(ImportOptions.DEFAULT.withOutputsKept(true), folder.resolve(name));

    assertSame(again, dataset);
  }

  @Test
  void fractionsOfAnswers_exported_areImportedAgain() throws Exception {
    Dataset dataset =
        read(
            write(
                folder.resolve("t.csv"),
                "model,prompt,score,weight\nm,q,0,.5\nm,q,1,.7\nm,r,0,1.5\nm,r,1,1\nm,r,1,.5\n"));
    assertThat(dataset.data().measures().known(Measure.REPEATS)).isEqualTo(2);

    TableFile.write(ExportTables.responses(dataset), folder.resolve("out.csv"));

    assertSame(read(folder.resolve("out.csv")), dataset);
  }

  @ParameterizedTest
  @EnumSource
  void formulas_exported_comeBackAsTheyWere(TableFile.Formulas formulas) throws Exception {
    Path source =
        write(
            folder.resolve("f.jsonl"),
            """
            {"model": "=m", "id": "@1", "prompt": "=SUM(1)", "score": 1, "output": "+a"}
            {"model": "'=m", "id": "@1", "prompt": "=SUM(1)", "score": 0, "output": "-b"}
            {"model": "=m", "id": "2", "prompt": "'''-x", "score": 0, "output": "it's"}
            """);
    Dataset dataset = read(ImportOptions.DEFAULT.withOutputsKept(true), source);
    Path file = folder.resolve("out.csv");

    TableFile.write(ExportTables.responses(dataset), file, formulas);

    Dataset again = read(ImportOptions.DEFAULT.withOutputsKept(true), file);
    assertSame(again, dataset);
    TableFile.write(ExportTables.responses(again), folder.resolve("again.csv"), formulas);
    assertThat(folder.resolve("again.csv")).hasSameBinaryContentAs(file);
    assertThat(Files.readString(file).lines().skip(1).anyMatch(line -> line.startsWith("=")))
        .isEqualTo(formulas == TableFile.Formulas.RAW);
  }

  @Test
  void directory_writtenAndRead_isTheSameDataSet() throws Exception {
    Dataset dataset = sample();

    DatasetDirectory.write(dataset, folder.resolve("d"), false);

    assertSame(DatasetDirectory.read(folder.resolve("d")), dataset);
    assertSame(read(ImportOptions.DEFAULT.withOutputsKept(true), folder.resolve("d")), dataset);
  }

  @ParameterizedTest
  @ValueSource(strings = {"usage.safetensors", "votes.safetensors", "questions.csv"})
  void file_thatWasAltered_isRefused(String name) throws Exception {
    DatasetDirectory.write(sample(), folder.resolve("d"), false);
    Path file = folder.resolve("d").resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 2] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> DatasetDirectory.read(folder.resolve("d")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(name);
  }

  @Test
  void dataSet_withNothingNew_isWrittenAsBefore() throws Exception {
    Path file = write(folder.resolve("t.csv"), "model,prompt,score\na,one,1\nb,two,0\n");

    DatasetDirectory.write(read(file), folder.resolve("d"), false);

    assertThat(
            JsonTrees.read(Files.readString(folder.resolve("d/dataset.json")))
                .path("version")
                .asInt())
        .isEqualTo(1);
    assertThat(Files.readString(folder.resolve("d/questions.csv")))
        .startsWith("prompt_id,prompt,category,split,group\r\n");
    assertThat(folder.resolve("d/usage.safetensors")).doesNotExist();
  }
}
