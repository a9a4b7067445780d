package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.app.task.VoteLeaderboard;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.routing.SingleBest;

/// The playground for prompts. Safe for several threads.
public final class Playground {
  private static final int NEAREST = 6;
  private static final double UNIT_TOLERANCE = 1e-3;
  private static final int NORMS_LOOKED_AT = 16;

  private final ModelSpace space;
  private final PlaygroundRouter router;
  private final Map<String, Integer> questionRows = new HashMap<>();
  private final double squaredNorm; // of every question vector; NaN where they differ
  private final int singleBest;

  public Playground(ModelSpace space, PlaygroundRouter router) {
    this.space = space;
    this.router = router;
    this.singleBest =
        VoteLeaderboard.first(space.artifact())
            .flatMap(space::row)
            .orElseGet(() -> SingleBest.overall(space.counts()).model());
    this.squaredNorm = space.questions().map(Playground::commonSquaredNorm).orElse(Double.NaN);
    space
        .questions()
        .ifPresent(q -> {
          for (int j = 0; j < q.matrix().questionCount(); j++) {
            questionRows.put(q.matrix().questions().get(j).id(), j);
          }
        });
  }

  /// What became of a prompt.
  ///
  /// @param sequence the browser's number of the request
  /// @param route row of the chosen model; empty where it has no vector
  /// @param reason in words
  /// @param abstain whether the prompt is far from all training questions
  /// @param encodeMillis time until its vector is computed
  /// @param forecastMillis for forecasts and choice
  /// @param ranking candidates in the policy's order, then the excluded ones
  /// @param nearest training questions most like the prompt
  /// @param singleBest the one model that was best on the training questions
  /// @param curl a command line for the same request
  public record Tried(
      long sequence,
      Optional<Integer> route,
      String reason,
      boolean abstain,
      double encodeMillis,
      double forecastMillis,
      List<Ranked> ranking,
      List<Near> nearest,
      Single singleBest,
      String curl) {}

  /// @param cost USD of this call; NaN where unknown
  /// @param available whether it could have been chosen
  /// @param whyNot why it could not
  public record Ranked(
      Optional<Integer> id,
      String name,
      double probability,
      double low,
      double high,
      double cost,
      boolean available,
      Optional<String> whyNot) {}

  /// A training question as evidence.
  ///
  /// @param distance L2 distance of the vectors
  /// @param similarity cosine of the vectors; NaN where they are not of one length
  /// @param routedModelRight whether the chosen model got it right; empty where it has no answer
  public record Near(
      String id,
      String benchmark,
      String prompt,
      double distance,
      double similarity,
      Scores scores,
      Optional<Boolean> routedModelRight) {}

  /// How many models were right, of those that answered.
  public record Scores(int right, int answered) {}

  /// @param probability that it is right on the prompt
  public record Single(int id, String name, double probability) {}

  /// Tries a prompt.
  ///
  /// @param sequence returned as it is
  public Tried tried(String prompt, RoutingPolicy policy, Requester requester, long sequence) {
    PlaygroundRouter.Routed routed = router.route(prompt, policy, requester);
    Optional<Integer> chosen = space.row(routed.model());
    return new Tried(
        sequence,
        chosen,
        routed.reason(),
        routed.forecast().abstain(),
        routed.encodeMillis(),
        routed.forecastMillis(),
        ranking(routed),
        router.nearest(routed.text(), NEAREST).stream().map(n -> near(n, chosen)).toList(),
        single(routed),
        router.command(prompt, policy, requester));
  }

  private List<Ranked> ranking(PlaygroundRouter.Routed routed) {
    List<Ranked> ranking = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (PlaygroundRouter.Candidate r : routed.ranking()) {
      named.add(r.model());
      ranking.add(
          new Ranked(
              space.row(r.model()),
              r.model(),
              r.probability(),
              r.low(),
              r.high(),
              r.cost(),
              r.whyNot().isEmpty(),
              r.whyNot()));
    }
    Map<String, ModelForecast> forecasts = new HashMap<>();
    routed.forecast().models().forEach(f -> forecasts.put(f.model(), f));
    List<Ranked> others = new ArrayList<>();
    for (PlaygroundRouter.ExcludedModel e : routed.excluded()) {
      if (named.add(e.model())) {
        ModelForecast f =
            forecasts.getOrDefault(
                e.model(), new ModelForecast(e.model(), Double.NaN, Double.NaN, Double.NaN));
        others.add(
            new Ranked(
                space.row(e.model()),
                e.model(),
                f.probability(),
                f.low(),
                f.high(),
                Double.NaN,
                false,
                Optional.of(e.why())));
      }
    }
    others.sort(
        Comparator.comparingDouble(
            r -> Double.isNaN(r.probability()) ? Double.POSITIVE_INFINITY : -r.probability()));
    ranking.addAll(others);
    return ranking;
  }

  private Single single(PlaygroundRouter.Routed routed) {
    String name = space.models().get(singleBest);
    double probability =
        routed.forecast().models().stream()
            .filter(f -> f.model().equals(name))
            .mapToDouble(ModelForecast::probability)
            .findFirst()
            .orElse(Double.NaN);
    return new Single(singleBest, name, probability);
  }

  private Near near(PlaygroundRouter.Neighbor neighbor, Optional<Integer> chosen) {
    int question = questionRows.getOrDefault(neighbor.id(), -1);
    double similarity = 1 - neighbor.distance() * neighbor.distance() / (2 * squaredNorm);
    return new Near(
        neighbor.id(),
        neighbor.benchmark(),
        Excerpt.of(neighbor.text()),
        neighbor.distance(),
        similarity,
        question < 0 ? new Scores(0, 0) : scores(question),
        question < 0 ? Optional.empty() : chosen.flatMap(model -> right(model, question)));
  }

  private CorrectnessMatrix answers() {
    return space.questions().orElseThrow().matrix();
  }

  private Scores scores(int question) {
    CorrectnessMatrix answers = answers();
    int right = 0;
    for (int c = answers.firstCell(question); c < answers.firstCell(question + 1); c++) {
      right += CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? 1 : 0;
    }
    return new Scores(right, answers.cellCount(question));
  }

  private Optional<Boolean> right(int model, int question) {
    float score = answers().score(model, question);
    return Float.isNaN(score) ? Optional.empty() : Optional.of(CorrectnessMatrix.isCorrect(score));
  }

  /// The squared norm that all vectors have; NaN where they differ.
  private static double commonSquaredNorm(TrainingQuestions questions) {
    int n = Math.min(NORMS_LOOKED_AT, questions.vectors().count());
    double common = Double.NaN;
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (float x : questions.vectors().vectors().row(j)) {
        sum += (double) x * x;
      }
      if (j == 0) {
        common = sum;
      } else if (Math.abs(Math.sqrt(sum / common) - 1) > UNIT_TOLERANCE) {
        return Double.NaN;
      }
    }
    return common;
  }
}
