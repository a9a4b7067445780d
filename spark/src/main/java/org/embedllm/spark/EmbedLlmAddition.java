package org.embedllm.spark;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.LongAccumulator;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolPlacement;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.storage.BadInputException;

/// Adds models to a pool from a table of answers: each model is a problem of its own, so models are
/// a map, and the rows have the bits of `embedllm add` for any number of partitions.
public final class EmbedLlmAddition {
  private EmbedLlmAddition() {}

  /// Places all models of a table. A model with a bad row, or that cannot be placed, gives a row
  /// with `error`; the job goes on.
  ///
  /// @param answers as [AnswerTable] gives them
  /// @param placement of the pool; sent to each process once
  /// @param partitions that models are spread over; they do not change the result
  /// @return rows with the columns of [PlacedModel]
  public static Dataset<Row> place(Dataset<Row> answers, PoolPlacement placement, int partitions)
      throws IOException {
    return place(answers, placement, partitions, new LongAccumulator());
  }

  /// @param solverNanos processor time in our solver, over all tasks; registered here
  static Dataset<Row> place(
      Dataset<Row> answers, PoolPlacement placement, int partitions, LongAccumulator solverNanos)
      throws IOException {
    SparkSession spark = answers.sparkSession();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    spark.sparkContext().register(solverNanos, "nanoseconds in the solver");
    context.setJobDescription("EmbedLLM: place models");
    Broadcast<BroadcastPlacement> pool = context.broadcast(new BroadcastPlacement(placement));
    return answers
        .mapPartitions(new Known(pool), Encoders.row(ModelAnswers.CELLS))
        .repartition(partitions, col("model"))
        .sortWithinPartitions(
            ModelAnswers.ORDER.stream().map(functions::col).toArray(Column[]::new))
        .mapPartitions(new Place(pool, solverNanos), Encoders.row(PlacedModel.SCHEMA));
  }

  /// Places all models of a matrix that the driver holds.
  ///
  /// @param answers to the known questions, in their order; sent to each process once (12 bytes an
  ///   answer)
  /// @param placement of the pool; sent to each process once
  /// @param partitions that models are spread over; they do not change the result
  /// @return rows with the columns of [PlacedModel]
  public static Dataset<Row> place(
      SparkSession spark, CorrectnessMatrix answers, PoolPlacement placement, int partitions)
      throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    context.setJobDescription("EmbedLLM: place models");
    Broadcast<BroadcastAnswers> cells = context.broadcast(new BroadcastAnswers(answers));
    Broadcast<BroadcastPlacement> pool = context.broadcast(new BroadcastPlacement(placement));
    return spark
        .range(0, answers.modelCount(), 1, partitions)
        .mapPartitions(new PlaceRows(cells, pool), Encoders.row(PlacedModel.SCHEMA));
  }

  /// The model file with the placed models after its own, in order of their names. Models that have
  /// no vector, or are in the pool already, are left out. The driver holds the models' vectors and
  /// covariances (12 k² bytes a model) and their answers (20 bytes each).
  ///
  /// @param placed what [#place] gave
  /// @throws BadInputException when no model is left
  public static PoolTrainer.Trained intoModelFile(
      Dataset<Row> placed, ModelArtifact artifact, TrainingQuestions questions) {
    Set<String> pool = new HashSet<>(artifact.factorization().models());
    List<ModelAddition.Placed> added = new ArrayList<>();
    Iterator<Row> rows =
        placed
            .filter(col("error").isNull())
            .repartition(1)
            .sortWithinPartitions("model")
            .toLocalIterator();
    while (rows.hasNext()) {
      ModelAddition.Placed one = PlacedModel.of(rows.next());
      if (!pool.contains(one.model())) {
        added.add(one);
      }
    }
    if (added.isEmpty()) {
      throw BadInputException.of("no new model was placed: the column error says why");
    }
    return ModelAddition.extended(artifact, questions, added);
  }

  /// Question ids become rows of the pool's questions, so that no id or text is moved.
  private record Known(Broadcast<BroadcastPlacement> pool)
      implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> answers) {
      PoolPlacement placement = pool.value().open();
      return new MappedIterator<>(
          answers,
          row ->
              RowFactory.create(
                  row.getString(0),
                  placement.row(row.getString(1)).orElse(-1),
                  row.get(2),
                  row.get(3),
                  row.get(4),
                  row.get(5)));
    }
  }

  private record Place(Broadcast<BroadcastPlacement> pool, LongAccumulator nanos)
      implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      PoolPlacement placement = pool.value().open();
      ThreadMXBean clock = ManagementFactory.getThreadMXBean();
      return new MappedIterator<>(
          ModelAnswers.of(rows),
          one -> {
            long start = clock.getCurrentThreadCpuTime();
            Row row = placed(placement, one);
            nanos.add(clock.getCurrentThreadCpuTime() - start);
            return row;
          });
    }
  }

  private record PlaceRows(Broadcast<BroadcastAnswers> cells, Broadcast<BroadcastPlacement> pool)
      implements MapPartitionsFunction<Long, Row> {
    @Override
    public Iterator<Row> call(Iterator<Long> models) {
      PoolPlacement placement = pool.value().open();
      return new MappedIterator<>(
          models, model -> placed(placement, cells.value().of(Math.toIntExact(model))));
    }
  }

  private static Row placed(PoolPlacement placement, ModelAnswers one) {
    int known = one.known().count();
    if (!one.problem().isEmpty()) {
      return PlacedModel.failed(one.model(), known, one.unknown(), one.problem());
    }
    if (known == 0) {
      return PlacedModel.failed(
          one.model(), 0, one.unknown(), "the model answered no question of the pool");
    }
    try {
      return PlacedModel.row(placement.place(one.model(), one.known()), one.unknown());
    } catch (IllegalArgumentException | ArithmeticException | IllegalStateException e) {
      return PlacedModel.failed(one.model(), known, one.unknown(), String.valueOf(e.getMessage()));
    }
  }
}
