package org.embedllm.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.Forecast;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageEstimate;
import org.embedllm.usage.UsageForecast;
import org.embedllm.usage.UsageModel;

/// What a call costs: prices, and how long each model's answer to each prompt is expected to be.
/// Immutable.
///
/// With prices per token the cost follows from the forecast length; where the length of a model's
/// answers is not known, from a usual one. Without a price list it is what the logs reported:
/// forecast for each prompt where they reported single calls, otherwise their mean.
public final class CallCosts {
  private final ModelPrices prices;
  private final boolean listed;
  private final Optional<UsageModel> usage;
  private final double usualTokens;

  private CallCosts(
      ModelPrices prices, boolean listed, Optional<UsageModel> usage, double usualTokens) {
    this.prices = prices;
    this.listed = listed;
    this.usage = usage;
    this.usualTokens = usualTokens;
  }

  /// Costs by a price list.
  ///
  /// @param usage what forecasts lengths
  /// @param usualTokens length of an answer where nothing forecasts it
  public static CallCosts ofPrices(
      ModelPrices prices, Optional<UsageModel> usage, double usualTokens) {
    return new CallCosts(prices, true, usage, usualTokens);
  }

  /// Costs as the logs reported them.
  ///
  /// @param callCosts mean cost of a call, by model
  /// @param usage what forecasts the cost of a call
  public static CallCosts ofLogs(
      java.util.Map<String, Double> callCosts, Optional<UsageModel> usage) {
    return new CallCosts(ModelPrices.ofCalls(callCosts), false, usage, 0);
  }

  /// Whether the cost of any model is known.
  public boolean known() {
    return prices.known()
        || (!listed && usage.filter(u -> u.quantities().contains(UsageQuantity.COST)).isPresent());
  }

  /// Whether the cost of a model is known.
  public boolean known(String model) {
    return prices.prices().containsKey(model)
        || (!listed && usage.filter(u -> u.answers(UsageQuantity.COST, model) > 0).isPresent());
  }

  /// What an answer takes, where that can be forecast.
  public Optional<UsageModel> usage() {
    return usage;
  }

  /// Expected USD of one call with its 95 % interval; NaN where unknown, the ends where they are.
  ///
  /// @param inputTokens length of the prompt
  /// @param forecast what the answer takes
  public UsageEstimate cost(String model, double inputTokens, UsageForecast forecast) {
    Optional<UsageEstimate> reported =
        listed ? Optional.empty() : forecast.of(model, UsageQuantity.COST);
    if (reported.isPresent()) {
      return reported.get();
    }
    Optional<UsageEstimate> tokens = forecast.of(model, UsageQuantity.OUTPUT_TOKENS);
    if (tokens.isPresent()) {
      return new UsageEstimate(
          prices.cost(model, inputTokens, tokens.get().mean()),
          prices.cost(model, inputTokens, tokens.get().low()),
          prices.cost(model, inputTokens, tokens.get().high()));
    }
    return new UsageEstimate(prices.cost(model, inputTokens, usualTokens), Double.NaN, Double.NaN);
  }

  /// The models that could answer a prompt, with what a call to each is expected to take.
  ///
  /// @param inputTokens length of the prompt
  /// @param usage what the answers take
  public List<Route.Candidate> candidates(
      Forecast forecast, double inputTokens, UsageForecast usage) {
    List<Route.Candidate> candidates = new ArrayList<>(forecast.models().size());
    for (Forecast.ModelForecast one : forecast.models()) {
      candidates.add(
          new Route.Candidate(
              one.model(),
              one.probability(),
              one.low(),
              one.high(),
              cost(one.model(), inputTokens, usage).mean(),
              usage
                  .of(one.model(), UsageQuantity.SECONDS)
                  .map(UsageEstimate::mean)
                  .orElse(Double.NaN)));
    }
    return candidates;
  }

  /// Expected USD of every model's call on questions, [n, m]; NaN where unknown.
  ///
  /// @param answers the questions and the models
  /// @param vectors of the questions, [n, q]
  public FloatMatrix expected(CorrectnessMatrix answers, FloatMatrix vectors) {
    List<String> models = answers.models();
    Optional<FloatMatrix> tokens = means(UsageQuantity.OUTPUT_TOKENS, vectors, models);
    Optional<FloatMatrix> reported =
        listed ? Optional.empty() : means(UsageQuantity.COST, vectors, models);
    return filled(
        answers,
        (j, i, inputTokens) -> {
          double logged = value(reported, j, i, Double.NaN);
          return Double.isNaN(logged)
              ? prices.cost(models.get(i), inputTokens, value(tokens, j, i, usualTokens))
              : logged;
        });
  }

  /// USD that the calls took, [n, m]; NaN where that is not known.
  ///
  /// @param observed usage of the same models' answers to the same questions
  public FloatMatrix actual(CorrectnessMatrix answers, ObservedUsage observed) {
    return filled(
        answers,
        (j, i, inputTokens) -> {
          double input = observed.value(UsageQuantity.INPUT_TOKENS, i, j);
          return listed
              ? prices.cost(
                  answers.models().get(i),
                  Double.isNaN(input) ? inputTokens : input,
                  observed.value(UsageQuantity.OUTPUT_TOKENS, i, j))
              : observed.value(UsageQuantity.COST, i, j);
        });
  }

  private Optional<FloatMatrix> means(
      UsageQuantity quantity, FloatMatrix vectors, List<String> models) {
    return usage
        .filter(u -> u.quantities().contains(quantity))
        .map(u -> u.means(quantity, vectors, models));
  }

  private static double value(Optional<FloatMatrix> matrix, int j, int i, double otherwise) {
    float value = matrix.isPresent() ? matrix.get().get(j, i) : Float.NaN;
    return Float.isNaN(value) ? otherwise : value;
  }

  private interface Cell {
    double of(int question, int model, int inputTokens);
  }

  private static FloatMatrix filled(CorrectnessMatrix answers, Cell cell) {
    int n = answers.questionCount();
    int m = answers.modelCount();
    float[] values = new float[Math.multiplyExact(n, m)];
    for (int j = 0; j < n; j++) {
      int tokens = ModelPrices.estimatedTokens(answers.questions().get(j).text());
      for (int i = 0; i < m; i++) {
        values[j * m + i] = (float) cell.of(j, i, tokens);
      }
    }
    return FloatMatrix.wrap(n, m, values);
  }
}
