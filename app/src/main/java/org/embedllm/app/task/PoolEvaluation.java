package org.embedllm.app.task;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Json;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.NeighborSearch;
import org.embedllm.neighbors.VoteCount;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.routing.RouterChoices;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// A model file measured on questions whose answers are known, beside every baseline.
///
/// @param asked on which questions
/// @param forecasts right and wrong, forecast
/// @param routes the routed model's accuracy
/// @param withoutQuestions why there is no nearest-neighbours baseline; used only when there is
///   none
/// @param withheld the same as if no attribute were known; empty where none is
/// @param table the shrunk table by an attribute; empty where the model file keeps none
/// @param attributes names of those that counted
/// @param choices the routed model on each question, −1 without candidates
/// @param forecastSeconds time for all forecasts
/// @param routeSeconds time for all choices
public record PoolEvaluation(
    Asked asked,
    ForecastEvaluation forecasts,
    RoutingEvaluation routes,
    String withoutQuestions,
    Optional<Withheld> withheld,
    Optional<TableBaseline> table,
    List<String> attributes,
    List<Integer> choices,
    double forecastSeconds,
    double routeSeconds) {
  public PoolEvaluation {
    attributes = List.copyOf(attributes);
    choices = List.copyOf(choices);
  }

  /// Forecasts and routes without attributes.
  public record Withheld(ForecastEvaluation forecasts, RoutingEvaluation routes) {}

  /// What is measured on.
  ///
  /// @param split how the questions are called: `train`, `val`, `test` or `all`
  /// @param answers of the pool's models, in their order
  /// @param vectors of the same questions
  /// @param seed of the resamples behind intervals
  /// @param withheld whether no attribute is taken as known
  public record Asked(
      String split,
      CorrectnessMatrix answers,
      QuestionVectors vectors,
      long seed,
      boolean withheld) {}

  /// Forecasts, routes and measures.
  ///
  /// @param questions the training questions kept beside the model
  /// @param withoutQuestions why there are none
  public static PoolEvaluation of(
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      String withoutQuestions,
      Asked asked) {
    Optional<NeighborVotes> votes = questions.map(q -> votes(artifact, q, asked.vectors()));
    long start = System.nanoTime();
    CorrectnessForecaster forecaster = artifact.forecaster();
    FloatMatrix probabilities =
        forecaster.forecast(
            asked.withheld()
                ? asked.vectors().vectors()
                : forecaster
                    .attributes()
                    .beside(asked.vectors().vectors(), asked.answers().questions()));
    long forecast = System.nanoTime();
    int[] choices = RouterChoices.best(asked.answers(), probabilities, artifact.training());
    long routed = System.nanoTime();
    List<String> attributes = asked.withheld() ? List.of() : forecaster.attributes().names();
    return new PoolEvaluation(
        asked,
        ForecastEvaluation.of(
            asked.answers(), probabilities, artifact.training(), votes, asked.seed()),
        RoutingEvaluation.of(asked.answers(), choices, artifact.training(), votes, asked.seed()),
        withoutQuestions,
        attributes.isEmpty() ? Optional.empty() : Optional.of(withheld(artifact, asked)),
        TableBaseline.of(artifact, asked.answers(), asked.seed()),
        attributes,
        Arrays.stream(choices).boxed().toList(),
        (forecast - start) / 1e9,
        (routed - forecast) / 1e9);
  }

  private static Withheld withheld(ModelArtifact artifact, Asked asked) {
    FloatMatrix probabilities = artifact.forecaster().forecast(asked.vectors().vectors());
    return new Withheld(
        ForecastEvaluation.of(
            asked.answers(), probabilities, artifact.training(), Optional.empty(), asked.seed()),
        RoutingEvaluation.of(
            asked.answers(),
            RouterChoices.best(asked.answers(), probabilities, artifact.training()),
            artifact.training(),
            Optional.empty(),
            asked.seed()));
  }

  private static NeighborVotes votes(
      ModelArtifact artifact, TrainingQuestions questions, QuestionVectors vectors) {
    String kept = artifact.notes().get("knn_k");
    int k = kept == null ? NearestNeighborsForecaster.PUBLISHED_K : Integer.parseInt(kept);
    NeighborSearch search =
        new NeighborSearch(
            TextFeatureVectors.withoutForm(questions.vectors()).vectors(),
            Runtime.getRuntime().availableProcessors());
    return VoteCount.of(
        search.nearest(TextFeatureVectors.withoutForm(vectors).vectors(), k),
        k,
        questions.matrix());
  }

  /// The JSON of `evaluate --json`.
  public Map<String, @Nullable Object> document() {
    return new Json()
        .put("split", asked.split())
        .put("questions", forecasts.questions())
        .put("models", forecasts.models())
        .put("cells", forecasts.cells())
        .put("attributes", new Json().put("used", attributes))
        .put("forecast", EvaluationJson.forecast(this))
        .put("routing", EvaluationJson.routing(this))
        .put("perModel", EvaluationJson.perModel(forecasts))
        .put(
            "timing",
            new Json().put("forecastSeconds", forecastSeconds).put("routeSeconds", routeSeconds))
        .document();
  }
}
