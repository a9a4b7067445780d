package org.embedllm.app.web.view;

import java.util.List;
import java.util.Optional;
import org.embedllm.forecast.Forecast;
import org.embedllm.routing.RoutingPolicy;

/// Routes the prompts of the playground. Safe for several threads.
public interface PlaygroundRouter extends AutoCloseable {
  /// What became of a prompt.
  ///
  /// @param model the chosen one
  /// @param reason one sentence for people
  /// @param forecast of every model in the file
  /// @param ranking all candidates, the chosen first
  /// @param excluded models that were no candidates
  /// @param text what was routed on
  /// @param encodeMillis time until its vector is computed
  /// @param forecastMillis for forecasts and choice
  record Routed(
      String model,
      String reason,
      Forecast forecast,
      List<Candidate> ranking,
      List<ExcludedModel> excluded,
      String text,
      double encodeMillis,
      double forecastMillis) {
    public Routed {
      ranking = List.copyOf(ranking);
      excluded = List.copyOf(excluded);
    }
  }

  /// A candidate.
  ///
  /// @param cost of this call in USD; NaN where no price is known
  /// @param whyNot why it cannot be chosen now; empty where it can
  record Candidate(
      String model,
      double probability,
      double low,
      double high,
      double cost,
      Optional<String> whyNot) {}

  /// A training question.
  ///
  /// @param distance L2 distance of the vectors
  record Neighbor(String id, String benchmark, String text, double distance) {}

  /// A model that cannot answer the prompt.
  ///
  /// @param why in words
  record ExcludedModel(String model, String why) {}

  /// Routes a prompt.
  Routed route(String prompt, RoutingPolicy policy, Requester requester);

  /// The training questions most like a prompt, the nearest first; empty where they are not kept.
  List<Neighbor> nearest(String prompt, int count);

  /// A command line for the same request.
  String command(String prompt, RoutingPolicy policy, Requester requester);

  @Override
  void close();
}
