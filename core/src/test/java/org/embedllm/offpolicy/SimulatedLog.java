package org.embedllm.offpolicy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;

/// Traffic whose truth is known: four models of different skill and price, prompts of different
/// difficulty and kind, and forecasts that are noisy and a little too high.
final class SimulatedLog {
  static final List<String> MODELS = List.of("small", "medium", "large", "coder");
  static final Map<String, Double> COSTS =
      Map.of("small", 0.0002, "medium", 0.001, "large", 0.005, "coder", 0.001);

  private final Exploration exploration;
  private final Router logging;

  SimulatedLog(Exploration exploration, RoutingPolicy logging) {
    this.exploration = exploration;
    this.logging = new Router(logging);
  }

  /// A prompt: the forecasts, and the true probabilities that models are right.
  record Prompt(List<ModelForecast> forecasts, Map<String, Double> truth) {}

  static Prompt prompt(SplittableRandom random) {
    double difficulty = random.nextGaussian();
    boolean code = random.nextDouble() < 0.3;
    List<ModelForecast> forecasts = new ArrayList<>();
    Map<String, Double> truth = new java.util.TreeMap<>();
    for (String model : MODELS) {
      double skill =
          switch (model) {
            case "small" -> 0.4;
            case "medium" -> 0.9;
            case "large" -> 1.3;
            default -> code ? 1.7 : 0.2;
          };
      double logit = skill - difficulty;
      double guess = logit + 0.3 + 0.5 * random.nextGaussian();
      truth.put(model, sigmoid(logit));
      forecasts.add(
          new ModelForecast(model, sigmoid(guess), sigmoid(guess - 1), sigmoid(guess + 1)));
    }
    return new Prompt(forecasts, truth);
  }

  List<LoggedDecision> draw(int count, SplittableRandom random) {
    List<LoggedDecision> log = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Prompt prompt = prompt(random);
      String own = logging.route(prompt.forecasts(), SimulatedLog::cost).model();
      Map<String, Double> probabilities = exploration.probabilities(prompt.forecasts(), own);
      String chosen = Exploration.draw(probabilities, random.nextDouble());
      double outcome = random.nextDouble() < prompt.truth().getOrDefault(chosen, 0.0) ? 1 : 0;
      log.add(
          new LoggedDecision(candidates(prompt, probabilities), MODELS.indexOf(chosen), outcome));
    }
    return log;
  }

  private static List<LoggedDecision.Candidate> candidates(
      Prompt prompt, Map<String, Double> probabilities) {
    return prompt.forecasts().stream()
        .map(f ->
            new LoggedDecision.Candidate(
                f.model(),
                probabilities.getOrDefault(f.model(), 0.0),
                f.probability(),
                cost(f.model())))
        .toList();
  }

  /// What a policy chooses from what was logged.
  static LoggedDecision.Policy choosing(RoutingPolicy policy) {
    Router router = new Router(policy);
    return decision -> {
      List<ModelForecast> forecasts =
          decision.candidates().stream()
              .map(c -> new ModelForecast(c.model(), c.forecast(), Double.NaN, Double.NaN))
              .toList();
      return MODELS.indexOf(router.route(forecasts, SimulatedLog::cost).model());
    };
  }

  /// The mean outcome of a policy over all such traffic.
  static double truth(RoutingPolicy policy) {
    SplittableRandom random = new SplittableRandom(1);
    Router router = new Router(policy);
    double sum = 0;
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      Prompt prompt = prompt(random);
      sum +=
          prompt
              .truth()
              .getOrDefault(router.route(prompt.forecasts(), SimulatedLog::cost).model(), 0.0);
    }
    return sum / count;
  }

  private static double cost(String model) {
    return COSTS.getOrDefault(model, Double.NaN);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
