package org.embedllm.offpolicy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.NormalQuantile;

/// A share of choices goes to other models than the policy's own, so that their answers are seen
/// too. The probability of each choice is computed, not estimated: it is what makes a log of such
/// choices say something about other policies.
///
/// @param share of the choices, in [0, 1); 0 for none
/// @param rule how an explored choice is made
/// @param loss only models whose forecast is at most this much below the policy's choice
public record Exploration(double share, Rule rule, double loss) {
  /// None.
  public static final Exploration OFF = new Exploration(0, Rule.THOMPSON, 0.1);

  private static final int MOST_MODELS = 8;
  private static final int STEPS = 64;
  private static final double REACH = 6; // standard deviations
  private static final double LEAST_DEVIATION = 0.05; // on the logit scale
  private static final double LEAST_PROBABILITY = 0.02; // of an explored choice, else none
  private static final double EDGE = 1e-4;

  /// How an explored choice is made.
  public enum Rule {
    /// With the probability that a model is the best of them (Thompson, 1933).
    THOMPSON,
    /// Each with the same probability.
    UNIFORM;

    /// @return empty for another word
    public static Optional<Rule> parse(String text) {
      return switch (text) {
        case "thompson" -> Optional.of(THOMPSON);
        case "uniform" -> Optional.of(UNIFORM);
        default -> Optional.empty();
      };
    }
  }

  public Exploration {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("a share must be from 0 to below 1; got " + share);
    }
    if (!(loss >= 0 && loss <= 1)) {
      throw new IllegalArgumentException("a loss must be from 0 to 1; got " + loss);
    }
  }

  /// The probability with which each model is chosen.
  ///
  /// @param forecasts of the candidates; those without a forecast are never explored
  /// @param own the policy's choice among them
  /// @return by model; they sum to 1, and models that are never chosen are absent
  public Map<String, Double> probabilities(List<ModelForecast> forecasts, String own) {
    Map<String, Double> result = new TreeMap<>();
    result.put(own, 1.0);
    List<ModelForecast> good = good(forecasts, own);
    if (share == 0 || good.size() < 2) {
      return result;
    }
    double[] explored =
        switch (rule) {
          case UNIFORM -> uniform(good.size());
          case THOMPSON -> best(good);
        };
    result.put(own, 1 - share);
    for (int k = 0; k < explored.length; k++) {
      if (explored[k] > 0) {
        result.merge(good.get(k).model(), share * explored[k], Double::sum);
      }
    }
    return result;
  }

  /// How much lower the probability of a right answer is expected to be for exploring.
  ///
  /// @param probabilities as [#probabilities] gives them
  public static double expectedLoss(
      List<ModelForecast> forecasts, String own, Map<String, Double> probabilities) {
    double best = Double.NaN;
    double mean = 0;
    for (ModelForecast f : forecasts) {
      best = f.model().equals(own) ? f.probability() : best;
      mean += probabilities.getOrDefault(f.model(), 0.0) * f.probability();
    }
    return Double.isNaN(best) ? 0 : best - mean;
  }

  /// Draws a model.
  ///
  /// @param probabilities as [#probabilities] gives them
  /// @param uniform a random number in [0, 1)
  public static String draw(Map<String, Double> probabilities, double uniform) {
    double left = uniform;
    String last = "";
    for (Map.Entry<String, Double> each : probabilities.entrySet()) {
      last = each.getKey();
      left -= each.getValue();
      if (left < 0) {
        return last;
      }
    }
    return last;
  }

  private List<ModelForecast> good(List<ModelForecast> forecasts, String own) {
    double least =
        forecasts.stream()
            .filter(f -> f.model().equals(own))
            .mapToDouble(f -> f.probability() - loss)
            .findFirst()
            .orElse(Double.NaN);
    List<ModelForecast> good = new ArrayList<>();
    for (ModelForecast f : forecasts) {
      if (f.probability() >= least) {
        good.add(f);
      }
    }
    good.sort(
        Comparator.comparingInt((ModelForecast f) -> f.model().equals(own) ? 0 : 1)
            .thenComparingDouble(f -> -f.probability())
            .thenComparing(ModelForecast::model));
    return good.size() > MOST_MODELS ? good.subList(0, MOST_MODELS) : good;
  }

  private static double[] uniform(int count) {
    double[] result = new double[count];
    java.util.Arrays.fill(result, 1.0 / count);
    return result;
  }

  /// The probability that each is the best, where each logit is normal and independent: ∫ φ_k(z) Π
  /// Φ_j(z) dz, by the trapezoidal rule.
  private static double[] best(List<ModelForecast> good) {
    NormalDistribution[] logits =
        good.stream()
            .map(f -> NormalDistribution.of(logit(f.probability()), deviation(f)))
            .toArray(NormalDistribution[]::new);
    double[] result = new double[logits.length];
    double sum = 0;
    for (int k = 0; k < result.length; k++) {
      double width = 2 * REACH * logits[k].getStandardDeviation() / STEPS;
      for (int step = 0; step <= STEPS; step++) {
        double z = logits[k].getMean() + (step - STEPS / 2) * width;
        double product = logits[k].density(z) * width;
        for (int j = 0; j < logits.length; j++) {
          product *= j == k ? 1 : logits[j].cumulativeProbability(z);
        }
        result[k] += product;
      }
      sum += result[k];
    }
    double kept = 0;
    for (int k = 0; k < result.length; k++) {
      result[k] = result[k] / sum < LEAST_PROBABILITY ? 0 : result[k] / sum;
      kept += result[k];
    }
    for (int k = 0; k < result.length; k++) {
      result[k] /= kept;
    }
    return result;
  }

  private static double deviation(ModelForecast f) {
    double width = logit(f.high()) - logit(f.low());
    double deviation = width / (2 * NormalQuantile.TWO_SIDED_95);
    return deviation > LEAST_DEVIATION ? deviation : LEAST_DEVIATION;
  }

  private static double logit(double p) {
    return Logistic.logit(Math.clamp(p, EDGE, 1 - EDGE));
  }
}
