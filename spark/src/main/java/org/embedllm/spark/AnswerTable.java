package org.embedllm.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.embedllm.correctness.MeanScore;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.Scores;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;

/// Answers of models as rows of Spark: `model`, `question` (its id, or its text where there is
/// none), `score` in [0, 1] (null where there is no answer), `weight` (how many answers it is the
/// mean of), `variance` (of these; both null where the table does not say), and `problem`, which
/// says where a bad row is and what is wrong.
public final class AnswerTable {
  static final String MODEL = "model";
  static final String QUESTION = "question";
  static final String SCORE = "score";
  static final String WEIGHT = "weight";
  static final String VARIANCE = "variance";
  static final String PROBLEM = "problem";

  private AnswerTable() {}

  /// Reads Parquet, JSON Lines or CSV (with a header) from any file system that Spark reads.
  ///
  /// @param paths files, folders or patterns, all of one format
  /// @param columns names of columns by role, where they have no usual name
  /// @throws BadInputException when a column that is needed is absent
  public static Dataset<Row> read(
      SparkSession spark, List<String> paths, Map<ColumnRole, String> columns) {
    return of(open(spark, paths), columns, String.join(", ", paths));
  }

  /// A table as it is. CSV has a header, and all its columns are texts.
  ///
  /// @param paths files, folders or patterns, all of one format
  /// @throws BadInputException when there is nothing
  static Dataset<Row> open(SparkSession spark, List<String> paths) {
    String[] all = paths.toArray(String[]::new);
    try {
      return switch (format(paths.getFirst())) {
        case "csv" ->
            spark
                .read()
                .option("header", true)
                .option("multiLine", true)
                .option("escape", "\"")
                .csv(all);
        case "json" -> spark.read().json(all);
        default -> spark.read().parquet(all);
      };
    } catch (Exception e) {
      // AnalysisException is checked, and no method of Spark declares it.
      if (e instanceof AnalysisException) {
        throw BadInputException.of(String.join(", ", paths) + " cannot be read: " + e.getMessage());
      }
      throw e;
    }
  }

  /// The answers of a table with any of the usual column names.
  ///
  /// @param columns names of columns by role, where they have no usual name
  /// @param name of the table, for errors
  /// @throws BadInputException when a column that is needed is absent
  public static Dataset<Row> of(Dataset<Row> table, Map<ColumnRole, String> columns, String name) {
    Column model = required(table, ColumnRole.MODEL, columns, name).cast("string");
    Column question =
        found(table, ColumnRole.ID, columns)
            .or(() -> found(table, ColumnRole.QUESTION, columns))
            .orElseThrow(() -> absent(table, ColumnRole.ID, name))
            .cast("string");
    String scoreColumn =
        name(table, ColumnRole.SCORE, columns)
            .orElseThrow(() -> absent(table, ColumnRole.SCORE, name));
    Column score = number(table, Optional.of(scoreColumn), new Score());
    Column weight = number(table, name(table, ColumnRole.WEIGHT, columns), new Amount());
    Optional<String> varianceColumn = name(table, ColumnRole.SCORE_VARIANCE, columns);
    Column variance = number(table, varianceColumn, new Amount());
    Column several = weight.geq(2).and(not(isnan(weight)));
    Function<String, Column> problem =
        broken ->
            concat(
                input_file_name(),
                lit(": model \""),
                coalesce(model, lit("")),
                lit("\", question \""),
                coalesce(question, lit("")),
                lit("\" has the score \""),
                coalesce(col(quoted(scoreColumn)).cast("string"), lit("")),
                lit("\": " + broken));
    return table.select(
        coalesce(model, lit("")).as(MODEL),
        coalesce(question, lit("")).as(QUESTION),
        known(score).as(SCORE),
        known(weight).as(WEIGHT),
        when(several, known(variance)).as(VARIANCE),
        when(
                model.isNull().or(question.isNull()).or(isNot(score, score.between(0, 1))),
                problem.apply("must be a number between 0 and 1"))
            .when(
                isNot(weight, weight.gt(0).and(weight.lt(Double.POSITIVE_INFINITY))),
                problem.apply("its weight must be a number above 0"))
            .when(
                several.and(isNot(variance, variance.between(0, MeanScore.MOST_VARIANCE))),
                problem.apply(
                    "its score variance must be a number from 0 to " + MeanScore.MOST_VARIANCE))
            .as(PROBLEM));
  }

  /// The numbers of a column: NaN where there is none, null where a value is no number.
  private static Column number(
      Dataset<Row> table, Optional<String> name, UDF1<String, @Nullable Double> ofText) {
    if (name.isEmpty()) {
      return lit(Double.NaN);
    }
    Column column = col(quoted(name.get()));
    if (table.schema().apply(name.get()).dataType() instanceof NumericType) {
      return coalesce(column.cast("double"), lit(Double.NaN));
    }
    return udf(ofText, DataTypes.DoubleType).apply(coalesce(column.cast("string"), lit("")));
  }

  private static Column known(Column number) {
    return when(not(isnan(number)), number);
  }

  /// Whether there is a value that is not one of those allowed.
  private static Column isNot(Column number, Column allowed) {
    return number.isNull().or(not(isnan(number).or(allowed)));
  }

  /// A score as a table of text has it.
  private record Score() implements UDF1<String, @Nullable Double> {
    @Override
    public @Nullable Double call(String text) {
      float score = Scores.score(text);
      return score == Scores.NOT_A_SCORE ? null : (double) score;
    }
  }

  private record Amount() implements UDF1<String, @Nullable Double> {
    @Override
    public @Nullable Double call(String text) {
      if (Scores.isMissing(text)) {
        return Double.NaN;
      }
      try {
        return Double.valueOf(text.strip());
      } catch (NumberFormatException e) {
        return null;
      }
    }
  }

  private static String format(String path) {
    String name = path.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".csv")) {
      return "csv";
    }
    return name.endsWith(".json") || name.endsWith(".jsonl") ? "json" : "parquet";
  }

  private static Column required(
      Dataset<Row> table, ColumnRole role, Map<ColumnRole, String> columns, String name) {
    return found(table, role, columns).orElseThrow(() -> absent(table, role, name));
  }

  private static BadInputException absent(Dataset<Row> table, ColumnRole role, String name) {
    return BadInputException.of(
        "%s has no column of the role %s (%s); it has %s: name it with --column %s=NAME"
            .formatted(
                name,
                role.label(),
                String.join(", ", role.names()),
                String.join(", ", table.columns()),
                role.label()));
  }

  private static Optional<Column> found(
      Dataset<Row> table, ColumnRole role, Map<ColumnRole, String> columns) {
    return name(table, role, columns).map(name -> col(quoted(name)));
  }

  private static String quoted(String column) {
    return "`" + column.replace("`", "``") + "`";
  }

  private static Optional<String> name(
      Dataset<Row> table, ColumnRole role, Map<ColumnRole, String> columns) {
    List<String> header = Arrays.asList(table.columns());
    String asked = columns.get(role);
    if (asked != null) {
      return header.stream().filter(asked::equals).findFirst();
    }
    return role.names().stream()
        .flatMap(name -> header.stream().filter(column -> normal(column).equals(name)))
        .findFirst();
  }

  private static String normal(String column) {
    return column.toLowerCase(Locale.ROOT).replace('-', '_');
  }
}
