package org.embedllm.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableFileTest {
  @TempDir Path folder;

  private Dataset sample() {
    return read(
        write(
            folder.resolve("source").resolve("t.csv"),
            """
            model,prompt_id,prompt,score,category
            a,1,"x, ""y""
            z",1,c
            b "q",1,"x, ""y""
            z",0.25,c
            a,2,naïve,0,d
            """));
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "out.parquet"})
  void responses_exported_canBeImportedAgain(String name) throws Exception {
    Dataset dataset = sample();

    List<Path> files = TableFile.write(ExportTables.responses(dataset), folder.resolve(name));

    Dataset again = read(folder.resolve(name));
    assertThat(files).containsExactly(folder.resolve(name));
    assertThat(again.data().matrix().questions()).isEqualTo(dataset.data().matrix().questions());
    assertThat(again.data().matrix().models()).isEqualTo(dataset.data().matrix().models());
    assertThat(score(again, "b \"q\"", "x, \"y\"\nz")).isEqualTo(0.25f);
    assertThat(again.data().matrix().cellCount()).isEqualTo(3);
  }

  @Test
  void matrix_asCsv_leavesUnobservedCellsEmpty() throws Exception {
    TableFile.write(ExportTables.matrix(sample().data()), folder.resolve("m.csv"));

    List<String> lines = Files.readAllLines(folder.resolve("m.csv"));
    assertThat(lines.getFirst()).isEqualTo("prompt_id,category,split,a,\"b \"\"q\"\"\"");
    assertThat(lines.get(1)).startsWith("1,c,").endsWith(",1.0,0.25");
    assertThat(lines.get(2)).startsWith("2,d,").endsWith(",0.0,");
  }

  @Test
  void matrix_asNpy_hasNumpysLayoutAndItsNamesBeside() throws Exception {
    List<Path> files =
        TableFile.write(ExportTables.matrix(sample().data()), folder.resolve("m.npy"));

    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("m.npy"))).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Short.toUnsignedInt(bytes.getShort(8));
    String header = new String(bytes.array(), 10, headerLength, StandardCharsets.US_ASCII);
    assertThat(bytes.array()).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0);
    assertThat((10 + headerLength) % 64).isZero();
    assertThat(header)
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }")
        .endsWith("\n");
    List<Float> values = new ArrayList<>();
    for (int at = 10 + headerLength; at < bytes.capacity(); at += 4) {
      values.add(bytes.getFloat(at));
    }
    assertThat(values).containsExactly(1f, 0.25f, 0f, Float.NaN);
    assertThat(files)
        .containsExactly(
            folder.resolve("m.npy"), folder.resolve("m.rows.csv"), folder.resolve("m.columns.csv"));
    assertThat(folder.resolve("m.columns.csv")).hasContent("column\na\n\"b \"\"q\"\"\"\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"m.rows.csv", "m.columns.csv"})
  void npy_whoseLabelsCannotBeWritten_leavesTheMatrix(String name) throws Exception {
    Path matrix = write(folder.resolve("m.npy"), "before");
    Files.createDirectory(folder.resolve(name));
    ExportTable table = ExportTables.matrix(sample().data());

    assertThatThrownBy(() -> TableFile.write(table, matrix))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(name + ": is a directory");
    assertThat(matrix).hasContent("before");
  }

  /// Its first label can be read, the second one only once.
  private static final class Breaking implements ExportTable {
    private int read;

    @Override
    public int rowCount() {
      return 2;
    }

    @Override
    public List<String> labelNames() {
      return List.of("label");
    }

    @Override
    public List<String> valueNames() {
      return List.of("value");
    }

    @Override
    public String label(int row, int column) {
      if (row == 1 && ++read > 1) {
        throw new UncheckedIOException(new IOException("broken"));
      }
      return "new";
    }

    @Override
    public float value(int row, int column) {
      return 1;
    }
  }

  @Test
  void npy_thatFailsInItsLabels_replacesNothing() throws Exception {
    List<Path> files =
        Stream.of("m.npy", "m.rows.csv", "m.columns.csv")
            .map(name -> write(folder.resolve(name), "before"))
            .toList();

    assertThatThrownBy(() -> TableFile.write(new Breaking(), files.getFirst()))
        .hasMessageContaining("broken");
    assertThat(files).allSatisfy(file -> assertThat(file).hasContent("before"));
  }

  @Test
  void npy_isNeverOlderThanItsLabels_andHasOneWriter() throws Exception {
    Path matrix = folder.resolve("m.npy");
    ExportTable table = ExportTables.matrix(sample().data());

    List<Path> files = TableFile.write(table, matrix);

    assertThat(files)
        .allSatisfy(file ->
            assertThat(Files.getLastModifiedTime(file))
                .isLessThanOrEqualTo(Files.getLastModifiedTime(matrix)));
    SingleWriter.write(
        matrix,
        () ->
            assertThatThrownBy(() -> TableFile.write(table, matrix))
                .hasMessageContaining("is being written by another embedllm"));
  }

  @ParameterizedTest
  @CsvSource({"m.csv, ESCAPED, '''=a'", "m.csv, RAW, =a", "m.npy, ESCAPED, '''=a'"})
  void names_likeFormulas_areEscapedUnlessRaw(
      String name, TableFile.Formulas formulas, String first) throws Exception {
    ExportTable table =
        ExportTables.vectors(
            "model_name", List.of("=a", "b"), FloatMatrix.wrap(2, 1, new float[2]));

    List<Path> files = TableFile.write(table, folder.resolve(name), formulas);

    Path labels = files.size() == 1 ? files.getFirst() : files.get(1);
    assertThat(Files.readAllLines(labels).get(1)).startsWith(first);
  }

  @Test
  void vectors_asCsv_haveAColumnForEachValue() throws Exception {
    ExportTable table =
        ExportTables.vectors(
            "model_name",
            List.of("m", "n"),
            FloatMatrix.wrap(2, 3, new float[] {1, 2, 3, 4, 5, 6.5f}));

    TableFile.write(table, folder.resolve("v.csv"));

    assertThat(folder.resolve("v.csv"))
        .hasContent("model_name,e0,e1,e2\nm,1.0,2.0,3.0\nn,4.0,5.0,6.5\n");
  }

  /// More rows and columns than any disk has space for.
  private record Endless(List<String> labelNames, List<String> valueNames) implements ExportTable {
    @Override
    public int rowCount() {
      return 1 << 26;
    }

    @Override
    public String label(int row, int column) {
      throw new AssertionError("work before the space was looked at");
    }

    @Override
    public float value(int row, int column) {
      throw new AssertionError("work before the space was looked at");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.csv", "t.parquet", "t.npy"})
  void table_largerThanTheDisk_isRefusedBeforeAnyWork(String name) {
    ExportTable table = new Endless(List.of(), Collections.nCopies(1 << 24, "value"));
    assertThatThrownBy(() -> TableFile.write(table, folder.resolve(name)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("MB free");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void fileOfAnotherKind_isRefusedWithTheKindsThereAre() throws Exception {
    assertThatThrownBy(
            () -> TableFile.write(ExportTables.matrix(sample().data()), folder.resolve("m.xls")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(".parquet");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(p -> p.getFileName().toString())).containsExactly("source");
    }
  }
}
