package org.embedllm.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.embedllm.question.EncodedTexts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.Route;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;

/// Routes prompts in batch: the models with the highest probability, with probability, cost and
/// reason, as `embedllm route` gives them.
///
/// | column of the result | is |
/// |---|---|
/// | `prompt_id` | of the prompt; null where it had none |
/// | `route`, `reason` | the chosen model, and why |
/// | `abstain` | whether the prompt is unlike the training questions |
/// | `ranking` | the first models: `model`, `probability`, `low`, `high`, `cost`; null where unknown |
/// | `error` | why a prompt has no route; null where it has one |
/// | `quantity` | of what the probabilities are: `correctness`, or `preference` over an average model of the pool, where it learned from votes |
public final class EmbedLlmForecasts {
  private static final int BATCH = 64; // prompts encoded at once
  private static final StructType CANDIDATE =
      new StructType()
          .add("model", DataTypes.StringType)
          .add("probability", DataTypes.DoubleType)
          .add("low", DataTypes.DoubleType)
          .add("high", DataTypes.DoubleType)
          .add("cost", DataTypes.DoubleType);

  static final StructType SCHEMA =
      new StructType()
          .add("prompt_id", DataTypes.StringType)
          .add("route", DataTypes.StringType)
          .add("reason", DataTypes.StringType)
          .add("abstain", DataTypes.BooleanType)
          .add("ranking", new ArrayType(CANDIDATE, false))
          .add("error", DataTypes.StringType)
          .add("quantity", DataTypes.StringType);

  private EmbedLlmForecasts() {}

  /// Routes prompts.
  ///
  /// @param prompts with the column `prompt`, and perhaps `prompt_id`, `vector` (of the model
  ///   file's encoder; where it is absent, texts are encoded) and attributes
  /// @param model file, read on the driver
  /// @param prices file of prices, read on the driver, where there is one
  /// @param policy in its text form, such as `best` or `cheapest@0.8`
  /// @param top models kept of each ranking, at least 1
  /// @throws BadInputException when a column, the model file, the prices or the policy is not
  ///   usable
  public static Dataset<Row> route(
      Dataset<Row> prompts, Path model, Optional<Path> prices, String policy, int top)
      throws IOException {
    List<String> columns = Arrays.asList(prompts.columns());
    if (!columns.contains("prompt") && !columns.contains("vector")) {
      throw BadInputException.of(
          "the prompts have no column prompt and no column vector; they have "
              + String.join(", ", columns));
    }
    if (top < 1) {
      throw BadInputException.of("at least 1 model of each ranking is kept; got " + top);
    }
    var file = new BroadcastModel(model, prices.orElse(null), policy);
    file.open(); // Its errors belong to the driver.
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(prompts.sparkSession().sparkContext());
    context.setJobDescription("EmbedLLM: route prompts");
    return prompts.mapPartitions(
        new RoutePrompts(context.broadcast(file), columns, top), Encoders.row(SCHEMA));
  }

  private record RoutePrompts(Broadcast<BroadcastModel> model, List<String> columns, int top)
      implements MapPartitionsFunction<Row, Row> {
    RoutePrompts {
      columns = List.copyOf(columns);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> prompts) {
      return new Routed(this, model.value().open(), prompts);
    }
  }

  /// Routes prompts, some at a time.
  private static final class Routed implements Iterator<Row> {
    private final RoutePrompts settings;
    private final BatchRouter router;
    private final Iterator<Row> prompts;
    private Iterator<Row> done = List.<Row>of().iterator();

    Routed(RoutePrompts settings, BatchRouter router, Iterator<Row> prompts) {
      this.settings = settings;
      this.router = router;
      this.prompts = prompts;
    }

    @Override
    public boolean hasNext() {
      return done.hasNext() || prompts.hasNext();
    }

    @Override
    public Row next() {
      if (!done.hasNext()) {
        done = batch().iterator();
      }
      return done.next();
    }

    private List<Row> batch() {
      if (!prompts.hasNext()) {
        throw new NoSuchElementException();
      }
      List<Row> rows = new ArrayList<>();
      List<String> texts = new ArrayList<>();
      while (prompts.hasNext() && rows.size() < BATCH) {
        Row row = prompts.next();
        rows.add(row);
        texts.add(text(row, "prompt"));
      }
      boolean encoded = !settings.columns().contains("vector");
      Optional<EncodedTexts> vectors =
          encoded ? Optional.of(router.encoded(texts)) : Optional.empty();
      List<Row> routed = new ArrayList<>();
      for (int at = 0; at < rows.size(); at++) {
        routed.add(routed(rows.get(at), texts.get(at), at, vectors));
      }
      return routed;
    }

    private Row routed(Row row, String text, int at, Optional<EncodedTexts> encoded) {
      String quantity = router.quantity().label();
      String id = settings.columns().contains("prompt_id") ? text(row, "prompt_id") : null;
      try {
        Route route =
            router.route(
                text,
                encoded.map(all -> all.vectors().row(at)).orElseGet(() -> vector(row)),
                encoded
                    .map(all -> all.tokenCounts().get(at))
                    .orElseGet(() -> ModelPrices.estimatedTokens(text)),
                fields(row));
        Row[] ranking =
            route.ranking().stream()
                .limit(settings.top())
                .map(Routed::candidate)
                .toArray(Row[]::new);
        return RowFactory.create(
            id, route.model(), route.reason(), route.abstained(), ranking, null, quantity);
      } catch (IllegalArgumentException e) {
        return RowFactory.create(
            id, null, null, null, null, String.valueOf(e.getMessage()), quantity);
      }
    }

    private Map<String, String> fields(Row row) {
      Map<String, String> fields = new HashMap<>();
      for (String column : settings.columns()) {
        if (!column.equals("prompt") && !column.equals("prompt_id") && !column.equals("vector")) {
          fields.put(column, text(row, column));
        }
      }
      return fields;
    }

    private static String text(Row row, String column) {
      int index = row.schema().getFieldIndex(column).isEmpty() ? -1 : row.fieldIndex(column);
      return index < 0 || row.isNullAt(index) ? "" : String.valueOf(row.get(index));
    }

    private static float[] vector(Row row) {
      int index = row.fieldIndex("vector");
      if (row.isNullAt(index)) {
        throw new IllegalArgumentException("the prompt has no vector");
      }
      List<Number> values = row.getList(index);
      float[] vector = new float[values.size()];
      for (int k = 0; k < vector.length; k++) {
        vector[k] = values.get(k).floatValue();
      }
      return vector;
    }

    private static Row candidate(Route.Candidate of) {
      return RowFactory.create(
          of.model(), of.probability(), known(of.low()), known(of.high()), known(of.cost()));
    }

    private static @Nullable Double known(double value) {
      return Double.isNaN(value) ? null : value;
    }
  }
}
