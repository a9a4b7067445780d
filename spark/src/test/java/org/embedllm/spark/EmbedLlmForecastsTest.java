package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.embedllm.usage.UsageForecast;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedLlmForecastsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final StructType PROMPTS =
      new StructType()
          .add("prompt_id", DataTypes.StringType)
          .add("prompt", DataTypes.StringType)
          .add("vector", DataTypes.createArrayType(DataTypes.FloatType));

  @TempDir private Path folder;
  private Path model = Path.of("");
  private QuestionVectors vectors = SmallPool.vectors(SmallPool.answers("any", 1, 0, 0));

  @BeforeEach
  void train() throws IOException {
    model = folder.resolve("pool.safetensors");
    SmallPool.trained().write(model, false);
  }

  @Test
  void route_vectors_givesTheRankingsOfOneMachine() throws IOException {
    List<Row> rows =
        EmbedLlmForecasts.route(prompts().repartition(4), model, Optional.empty(), "best", 3)
            .orderBy("prompt_id")
            .collectAsList();
    ModelArtifact artifact = ModelArtifact.open(model);
    CallCosts costs = CallCosts.ofLogs(artifact.callCosts(), Optional.empty());
    assertThat(rows).hasSize(40);
    for (Row row : rows) {
      int at = Integer.parseInt(row.getString(0));
      Forecast forecast =
          artifact
              .served(Optional.empty())
              .forecast("What is number " + at + "?", vectors.vectors().row(at), Attributes.NONE);
      Route route =
          new Router(new RoutingPolicy.Best())
              .route(costs.candidates(forecast, 5, UsageForecast.UNKNOWN));
      assertThat(row.getString(1)).isEqualTo(route.model());
      assertThat(row.getBoolean(3)).isEqualTo(forecast.abstain());
      assertThat(row.<String>getAs("quantity")).isEqualTo("correctness");
      List<Row> ranking = row.getList(4);
      assertThat(ranking).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(ranking.get(i).getString(0)).isEqualTo(route.ranking().get(i).model());
        assertThat(ranking.get(i).getDouble(1)).isEqualTo(route.ranking().get(i).probability());
        assertThat(ranking.get(i).isNullAt(4)).isTrue();
      }
    }
  }

  @Test
  void route_poolFromVotes_saysThatProbabilitiesAreOfPreference() throws IOException {
    Path voted = folder.resolve("voted.safetensors");
    SmallPool.voted().write(voted, false);
    Dataset<Row> routed =
        EmbedLlmForecasts.route(prompts(), voted, Optional.empty(), "best", 1).cache();
    List<Row> rows = routed.collectAsList();
    assertThat(rows).hasSize(40);
    assertThat(rows)
        .allSatisfy(row -> assertThat(row.<String>getAs("quantity")).isEqualTo("preference"));
    assertThat(rows).allSatisfy(row -> assertThat(row.isNullAt(5)).isTrue());
    assertThat(RouteJob.document(routed, ModelArtifact.open(voted).quantity()))
        .containsEntry("quantity", "preference")
        .containsEntry("prompts", 40L)
        .containsEntry("routed", 40L);
    assertThat(RouteJob.document(routed, ModelArtifact.open(model).quantity()))
        .doesNotContainKey("quantity");
  }

  @Test
  void route_pricesAndAPolicy_choosesByBoth() throws IOException {
    Path prices = folder.resolve("prices.csv");
    StringBuilder csv = new StringBuilder("model,input,output,call\n");
    for (int i = 0; i < 6; i++) {
      csv.append("model-").append(i).append(",0,0,").append(i == 4 ? 0.001 : 1).append('\n');
    }
    Files.writeString(prices, csv);
    assertThat(ModelPrices.read(prices).known()).isTrue();
    List<Row> rows =
        EmbedLlmForecasts.route(prompts(), model, Optional.of(prices), "cheapest@0", 1)
            .collectAsList();
    assertThat(rows).allSatisfy(row -> assertThat(row.getString(1)).isEqualTo("model-4"));
    assertThat(rows.getFirst().<Row>getList(4).getFirst().getDouble(4)).isEqualTo(0.001);
  }

  @Test
  void route_aVectorOfAnotherLength_givesARowWithAnError() throws IOException {
    Dataset<Row> prompts =
        SPARK.createDataFrame(
            List.of(
                RowFactory.create("short", "What?", new Float[] {1f}),
                RowFactory.create("none", "What?", null)),
            PROMPTS);
    List<Row> rows =
        EmbedLlmForecasts.route(prompts, model, Optional.empty(), "best", 1)
            .orderBy("prompt_id")
            .collectAsList();
    assertThat(rows.get(0).getString(5)).contains("no vector");
    assertThat(rows.get(1).getString(5)).contains("1 numbers", "3");
  }

  @Test
  void route_policyWithoutPrices_isRefused() {
    assertThatThrownBy(
            () -> EmbedLlmForecasts.route(prompts(), model, Optional.empty(), "cheapest@0.5", 1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--prices");
  }

  private Dataset<Row> prompts() {
    List<Row> rows = new ArrayList<>();
    for (int j = 0; j < 40; j++) {
      float[] vector = vectors.vectors().row(j);
      rows.add(
          RowFactory.create(
              Integer.toString(j),
              "What is number " + j + "?",
              new Float[] {vector[0], vector[1], vector[2]}));
    }
    return SPARK.createDataFrame(rows, PROMPTS);
  }
}
