package org.embedllm.spark;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolPlacement;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.RightFrom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbedLlmAdditionTest {
  private static final PoolTrainer.Trained POOL = SmallPool.trained();
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir private Path folder;

  @Test
  void place_anyNumberOfPartitions_givesTheBitsOfOneMachine() throws IOException {
    CorrectnessMatrix added = SmallPool.answers("new", 40, 8, 0.5);
    List<ModelAddition.Added> expected =
        new ModelAddition(POOL.artifact(), POOL.questions())
            .placeAll(added, Optional.empty(), 2, () -> 0, (i, s) -> {});
    for (int partitions : new int[] {1, 4, 16}) {
      List<Row> rows = place(SmallPool.table(SPARK, added), partitions);
      assertThat(rows).hasSize(40);
      for (Row row : rows) {
        ModelAddition.Added one =
            expected.stream()
                .filter(a -> a.model().equals(row.getString(0)))
                .findFirst()
                .orElseThrow();
        assertThat(row.<Double>getList(row.fieldIndex("vector")))
            .containsExactlyElementsOf(Arrays.stream(one.vector().mean()).boxed().toList());
        assertThat(row.getDouble(row.fieldIndex("ability"))).isEqualTo(one.ability().value());
        Row accuracy = row.getStruct(row.fieldIndex("accuracy"));
        assertThat(accuracy.getDouble(1)).isEqualTo(one.ability().accuracy().low());
        Map<String, Row> benchmarks = row.getJavaMap(row.fieldIndex("benchmarks"));
        assertThat(benchmarks).containsOnlyKeys("a", "b");
        assertThat(requireNonNull(benchmarks.get("b")).getDouble(2))
            .isEqualTo(requireNonNull(one.ability().accuracyByBenchmark().get("b")).high());
      }
    }
  }

  @Test
  void intoModelFile_modelsOfATable_writesTheFileOfOneMachine() throws IOException {
    CorrectnessMatrix added = SmallPool.answers("new", 9, 3, 0.7);
    var addition = new ModelAddition(POOL.artifact(), POOL.questions());
    Path expected = folder.resolve("expected.safetensors");
    addition
        .with(addition.placeAll(added, Optional.empty(), 1, () -> 0, (i, s) -> {}))
        .write(expected, true);
    Path written = folder.resolve("written.safetensors");
    Dataset<Row> placed =
        EmbedLlmAddition.place(
            AnswerTable.of(SmallPool.table(SPARK, added), Map.of(), "table"), placement(), 3);
    EmbedLlmAddition.intoModelFile(placed, POOL.artifact(), POOL.questions()).write(written, true);
    assertThat(Sha256.of(written)).isEqualTo(Sha256.of(expected));
    Path older = folder.resolve("older.safetensors");
    EmbedLlmAddition.intoModelFile(
            placed.drop("repeats", "score_variances"), POOL.artifact(), POOL.questions())
        .write(older, true);
    assertThat(Sha256.of(older)).isEqualTo(Sha256.of(expected));
  }

  /// Several rows of an answer, weights, variances, words, labels and rows without a score.
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5})
  void intoModelFile_repeatsAndWeights_writesTheFileOfOneMachine(double rightFrom)
      throws IOException {
    OptionalDouble threshold =
        rightFrom == 0 ? OptionalDouble.empty() : OptionalDouble.of(rightFrom);
    ModelArtifact artifact = RightFrom.noted(POOL.artifact(), threshold);
    var random = new SplittableRandom(5);
    StringBuilder csv = new StringBuilder("model_name,prompt_id,score,weight,score_variance\n");
    for (int model = 0; model < 9; model++) {
      for (int j = 0; j < SmallPool.QUESTIONS; j += 1 + model % 3) {
        for (int repeat = random.nextInt(1, 4); repeat > 0; repeat--) {
          String score = List.of("0", "1", "0.3", "pass", "0.7", "", "true").get(random.nextInt(7));
          String weight = List.of("", "1", "3", "2.5", "NA", "4").get(random.nextInt(6));
          String variance = random.nextBoolean() ? "0." + random.nextInt(10, 50) : "";
          csv.append("new-%d,q%d,%s,%s,%s\n".formatted(model, j, score, weight, variance));
        }
      }
    }
    Path table = Files.writeString(folder.resolve("answers.csv"), csv);
    CorrectnessMatrix answers =
        RightFrom.labeled(DatasetLoader.loadByIds(table).data(), threshold).matrix();
    var addition = new ModelAddition(artifact, POOL.questions());
    Path expected = folder.resolve("expected.safetensors");
    addition
        .with(addition.placeAll(answers, Optional.empty(), 1, () -> 0, (i, s) -> {}))
        .write(expected, true);
    Path written = folder.resolve("written.safetensors");
    Dataset<Row> placed =
        EmbedLlmAddition.place(
            AnswerTable.read(SPARK, List.of(table.toString()), Map.of()),
            PoolPlacement.of(artifact, POOL.questions()),
            3);
    EmbedLlmAddition.intoModelFile(placed, artifact, POOL.questions()).write(written, true);
    assertThat(Sha256.of(written)).isEqualTo(Sha256.of(expected));
  }

  @Test
  void place_aModelOfThePool_returnsToItsPlace() throws IOException {
    List<Row> rows = place(SmallPool.table(SPARK, POOL.questions().matrix()), 2);
    ModelArtifact artifact = POOL.artifact();
    for (Row row : rows) {
      int model = artifact.factorization().models().indexOf(row.getString(0));
      float[] own = artifact.factorization().modelVectors().row(model);
      List<Double> vector = row.getList(row.fieldIndex("vector"));
      for (int k = 0; k < own.length; k++) {
        assertThat(vector.get(k)).isCloseTo(own[k], org.assertj.core.data.Offset.offset(1e-5));
      }
    }
    assertThat(rows).hasSize(6);
  }

  @Test
  void place_badRowsAndUnknownQuestions_givesRowsWithAnError() throws IOException {
    Dataset<Row> table =
        SPARK.createDataFrame(
            List.of(
                RowFactory.create("good", "q1", "1"),
                RowFactory.create("good", "q1", "0"),
                RowFactory.create("good", "elsewhere", "1"),
                RowFactory.create("far", "elsewhere", "1"),
                RowFactory.create("high", "q1", "7"),
                RowFactory.create("word", "q2", "perhaps"),
                RowFactory.create("none", "q2", "")),
            SmallPool.ANSWERS);
    Map<String, Row> rows =
        place(table, 2).stream()
            .collect(java.util.stream.Collectors.toMap(row -> row.getString(0), row -> row));
    Row good = requireNonNull(rows.get("good"));
    assertThat(good.isNullAt(good.fieldIndex("error"))).isTrue();
    assertThat(good.getLong(2)).isEqualTo(1);
    assertThat(good.<Float>getList(good.fieldIndex("scores"))).containsExactly(0.5f);
    assertThat(error(rows, "far")).contains("no question of the pool");
    assertThat(error(rows, "high")).contains("\"7\"", "q1", "between 0 and 1");
    assertThat(error(rows, "word")).contains("\"perhaps\"");
    assertThat(error(rows, "none")).contains("no question of the pool");
  }

  @Test
  void place_badWeights_givesRowsWithAnError() throws IOException {
    Dataset<Row> table =
        SPARK.createDataFrame(
            List.of(
                RowFactory.create("zero", "q1", "1", "0", ""),
                RowFactory.create("word", "q1", "1", "many", ""),
                RowFactory.create("wide", "q1", "0.5", "2", "0.6"),
                RowFactory.create("one", "q1", "1", "1", "0.6")),
            SmallPool.ANSWERS
                .add("repeats", DataTypes.StringType)
                .add("score_variance", DataTypes.StringType));
    Map<String, Row> rows =
        place(table, 2).stream()
            .collect(java.util.stream.Collectors.toMap(row -> row.getString(0), row -> row));
    assertThat(error(rows, "zero")).contains("q1", "weight must be a number above 0");
    assertThat(error(rows, "word")).contains("weight must be a number above 0");
    assertThat(error(rows, "wide")).contains("variance must be a number from 0 to 0.5");
    Row one = requireNonNull(rows.get("one"));
    assertThat(one.isNullAt(one.fieldIndex("error"))).isTrue();
  }

  private static String error(Map<String, Row> rows, String model) {
    Row row = requireNonNull(rows.get(model));
    return row.getString(row.fieldIndex("error"));
  }

  private static List<Row> place(Dataset<Row> table, int partitions) throws IOException {
    return EmbedLlmAddition.place(AnswerTable.of(table, Map.of(), "table"), placement(), partitions)
        .collectAsList();
  }

  private static PoolPlacement placement() {
    return PoolPlacement.of(POOL.artifact(), POOL.questions());
  }
}
