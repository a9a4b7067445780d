package org.embedllm.spark;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.logistic.LaplacePosterior;
import scala.jdk.javaapi.CollectionConverters;

/// A model that was placed, or why it was not, as a row of Spark.
///
/// | column | is |
/// |---|---|
/// | `model` | its name |
/// | `answers`, `unknown` | numbers of answers to questions of the pool, and to others |
/// | `ability`, `ability_variance` | from the answers to known questions |
/// | `accuracy` | over all known questions: `value`, `low`, `high` (95 %), `questions` |
/// | `benchmarks` | the same by benchmark |
/// | `vector` | `[k]` |
/// | `covariance` | its lower triangle by rows, `[k (k + 1) / 2]` |
/// | `questions`, `scores` | rows of the known questions, ascending, and their scores |
/// | `repeats` | how many answers each score is the mean of |
/// | `score_variances` | the sample variance of these answers; NaN where it is not known |
/// | `error` | why the model has no vector; null where it has one |
final class PlacedModel {
  private static final StructType ACCURACY =
      new StructType()
          .add("value", DataTypes.DoubleType)
          .add("low", DataTypes.DoubleType)
          .add("high", DataTypes.DoubleType)
          .add("questions", DataTypes.IntegerType);

  static final StructType SCHEMA =
      new StructType()
          .add("model", DataTypes.StringType)
          .add("answers", DataTypes.IntegerType)
          .add("unknown", DataTypes.LongType)
          .add("ability", DataTypes.DoubleType)
          .add("ability_variance", DataTypes.DoubleType)
          .add("accuracy", ACCURACY)
          .add("benchmarks", DataTypes.createMapType(DataTypes.StringType, ACCURACY))
          .add("vector", DataTypes.createArrayType(DataTypes.DoubleType, false))
          .add("covariance", DataTypes.createArrayType(DataTypes.FloatType, false))
          .add("questions", DataTypes.createArrayType(DataTypes.IntegerType, false))
          .add("scores", DataTypes.createArrayType(DataTypes.FloatType, false))
          .add("repeats", DataTypes.createArrayType(DataTypes.FloatType, false))
          .add("score_variances", DataTypes.createArrayType(DataTypes.FloatType, false))
          .add("error", DataTypes.StringType);

  private PlacedModel() {}

  static Row row(ModelAddition.Added added, long unknown) {
    Ability ability = added.ability();
    Map<String, Row> benchmarks = new HashMap<>();
    ability.accuracyByBenchmark().forEach((name, value) -> benchmarks.put(name, accuracy(value)));
    return RowFactory.create(
        added.model(),
        added.knownAnswers(),
        unknown,
        ability.value(),
        ability.variance(),
        accuracy(ability.accuracy()),
        CollectionConverters.asScala(benchmarks),
        added.vector().mean(),
        triangle(added.vector().covariance(), added.vector().mean().length),
        questions(ability.answers()),
        floats(ability.answers(), ability.answers()::score),
        floats(ability.answers(), ability.answers()::repeats),
        floats(ability.answers(), ability.answers()::variance),
        null);
  }

  static Row failed(String model, int answers, long unknown, String error) {
    return RowFactory.create(
        model, answers, unknown, null, null, null, null, null, null, null, null, null, null, error);
  }

  /// Back from a row, for a model file.
  static ModelAddition.Placed of(Row row) {
    double[] mean = doubles(row.getList(row.fieldIndex("vector")));
    List<Float> packed = row.getList(row.fieldIndex("covariance"));
    int k = mean.length;
    double[] covariance = new double[k * k];
    int at = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i * k + j] = packed.get(at);
        covariance[j * k + i] = packed.get(at++);
      }
    }
    List<Integer> questions = row.getList(row.fieldIndex("questions"));
    return new ModelAddition.Placed(
        row.getString(0),
        new LaplacePosterior(mean, covariance, questions.size()),
        ItemResponses.of(
            questions.stream().mapToInt(Integer::intValue).toArray(),
            floats(row, "scores"),
            floats(row, "repeats", 1),
            floats(row, "score_variances", Double.NaN)));
  }

  private static Row accuracy(Ability.Accuracy of) {
    return RowFactory.create(of.value(), of.low(), of.high(), of.questions());
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static float[] triangle(double[] matrix, int k) {
    float[] result = new float[k * (k + 1) / 2];
    int at = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        result[at++] = (float) matrix[i * k + j];
      }
    }
    return result;
  }

  private static int[] questions(ItemResponses answers) {
    return IntStream.range(0, answers.count()).map(answers::question).toArray();
  }

  private static float[] floats(ItemResponses answers, IntToDoubleFunction value) {
    float[] result = new float[answers.count()];
    for (int a = 0; a < result.length; a++) {
      result[a] = (float) value.applyAsDouble(a);
    }
    return result;
  }

  /// @param missing the value of every answer where the row is of an earlier version, without the
  ///   column
  private static double[] floats(Row row, String column, double missing) {
    if (!List.of(row.schema().fieldNames()).contains(column)) {
      double[] all = new double[row.getList(row.fieldIndex("questions")).size()];
      Arrays.fill(all, missing);
      return all;
    }
    return floats(row, column);
  }

  private static double[] floats(Row row, String column) {
    return row.<Float>getList(row.fieldIndex(column)).stream()
        .mapToDouble(Float::doubleValue)
        .toArray();
  }
}
