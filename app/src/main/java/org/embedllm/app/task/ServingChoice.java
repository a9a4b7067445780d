package org.embedllm.app.task;

import java.util.List;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ServedForecaster.Kind;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.routing.ForecastedQuestions;
import org.embedllm.routing.Recommendation.Use;

/// Chooses what a model file serves prompts with, on validation questions: the default forecaster,
/// unless a baseline routes better there. It is the router that a recommendation is about.
public final class ServingChoice {
  private ServingChoice() {}

  /// @param questions the training questions, whose nearest ones may vote; none where they are not
  ///   kept
  public static Kind of(
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      PoolEvaluation.Asked validation) {
    return kind(
        ForecastedQuestions.router(
            List.of(PoolEvaluation.forecasted(artifact, questions, validation))));
  }

  private static Kind kind(Use router) {
    return switch (router) {
      case NEIGHBORS -> Kind.NEIGHBORS;
      case TABLE -> Kind.TABLE;
      default -> Kind.ROUTER;
    };
  }

  /// What serves, in words.
  public static String words(Kind kind) {
    return switch (kind) {
      case ROUTER -> "the default forecaster";
      case NEIGHBORS -> "the nearest training questions";
      case TABLE -> "the table of models and an attribute";
    };
  }
}
