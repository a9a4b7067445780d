package org.embedllm.app.task;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.facts.AbilityRegression;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.tensor.FloatMatrix;

/// Priors of new models from facts, fitted across a pool.
///
/// @param explained share of the variance of the pool's abilities that facts explain, each model
///   left out
/// @param byModel the priors by name
public record FactPriors(double explained, Map<String, AbilityPrior> byModel) {
  public FactPriors {
    byModel = Map.copyOf(byModel);
  }

  /// @param addition to the pool
  /// @param pool names of its models
  /// @param models names of the new ones
  /// @param facts by model and column
  /// @param means of what all these models write, those of the pool first, where known
  public static FactPriors of(
      ModelAddition addition,
      List<String> pool,
      List<String> models,
      Map<String, Map<String, String>> facts,
      Optional<FloatMatrix> means,
      int threads) {
    List<String> all = new ArrayList<>(pool);
    all.addAll(models);
    FloatMatrix byFacts = ModelFacts.similarity(ModelFacts.of(all, facts));
    AbilityRegression regression =
        AbilityRegression.fit(
            means
                .map(m -> OutputSimilarity.sum(byFacts, OutputSimilarity.similarity(m)))
                .orElse(byFacts),
            addition.poolAbilities(threads));
    Map<String, AbilityPrior> priors = new HashMap<>();
    for (int i = 0; i < models.size(); i++) {
      priors.put(models.get(i), regression.prior(pool.size() + i));
    }
    return new FactPriors(regression.explained(), priors);
  }
}
